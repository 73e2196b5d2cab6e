import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { formats, framings } from '../../src/drift/shape.ts'
import { consumerHop, producerHop, sinkHop, streamHop, topicHop } from '../../src/hop/hop.ts'
import { PLAIN, tallyPlans } from '../../src/hop/plan.ts'
import { planPipelines } from '../../src/hop/plan-file.ts'
import { agentSettings, DEFAULT_SETTINGS } from '../../src/hop/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(text: string): string {
  const path = join(mkdtempSync(join(folder, 'file-')), 'quipu.yaml')
  writeFileSync(path, text)
  return path
}

const ENV = { TOPIC: 'orders', RATE: '1/64', EIGHTH: '1/8', EMPTY: '' }

function settings(options: Parameters<typeof agentSettings>[0], path?: string) {
  const troubles: string[] = []
  return { ...agentSettings(options, (text) => troubles.push(text), path, ENV), troubles }
}

describe('the settings of an agent', () => {
  it('come from the options, then from the file, then from the defaults', () => {
    const path = file('version: 1\nwindow: 10s\nlateness: 30s\npipelines: {}\n')
    expect(settings({ windowMs: 5_000 }, path)).toEqual({
      windowMs: 5_000,
      latenessMs: 30_000,
      flushMs: DEFAULT_SETTINGS.flushMs,
      seed: DEFAULT_SETTINGS.seed,
      planOf: DEFAULT_SETTINGS.planOf,
      troubles: [],
    })
    expect(settings({}, '')).toEqual({ ...DEFAULT_SETTINGS, troubles: [] })
  })

  it('take the seed of the deployment', () => {
    expect(settings({}, file('seed: 42\n')).seed).toBe(42)
    expect(settings({ seed: 7 }, file('seed: 42\n')).seed).toBe(7)
  })

  it.each([
    ['a file that is not there', '/nowhere/quipu.yaml', /cannot be read/],
    ['what is no YAML', file('a: [\n'), /cannot be read/],
    ['what is no mapping', file('just text\n'), /cannot be read/],
    ['a window that is no duration', file('window: soon\n'), /window: expected a duration/],
    ['a window of nothing', file('window: 0s\n'), /windowMs: expected/],
    ['a seed that is no number', file('seed: abc\n'), /seed: expected a whole number/],
    ['a seed beyond 32 bits', file('seed: 4294967296\n'), /seed: expected/],
  ])('fall back, and say so, for %s', (_, path, trouble) => {
    const { troubles, ...rest } = settings({}, path)
    expect(rest).toEqual(DEFAULT_SETTINGS)
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toMatch(trouble)
  })

  it('fall back for options that cannot be', () => {
    const { troubles, ...rest } = settings({ windowMs: Number.NaN, flushMs: -1, seed: 0.5 }, '')
    expect(rest).toEqual(DEFAULT_SETTINGS)
    expect(troubles).toHaveLength(3)
  })
})

const PLANNED = `version: 1
window: 10s
thresholds: [60s, 1s]
kafka: { brokers: a:1 }
pipelines:
  orders:
    hops:
      shop: { producer: "\${TOPIC}", service: shop }
      orders: { topic: orders, sample: "\${RATE}" }
      bill: { consumer: orders, group: bill, sample: 1/64, membership: true }
      bills: { topic: bills, identity: { header: ce_id }, time: { header: ce_time }, membership: 5000 }
      store: { sink: store, membership: 400000 }
      uploads: { stream: uploads, sample: 1/65536 }
    edges:
      - { from: shop, to: orders, preserve: [value, { headers: [b, "a,b"] }] }
      - { from: orders, to: bill, preserve: key }
      - { from: [bill], to: [bills], preserve: { headers: c } }
      - { from: bills, to: store }
      - { from: store, to: uploads, preserve: [value] }
  twice: &twice
    hops:
      orders: { topic: orders }
      bill: { consumer: orders, group: bill }
    edges: [{ from: orders, to: bill, preserve: value }]
  again: *twice
`

const ONE_CLUSTER = `version: 1
kafka: { clusters: { eu: { brokers: a:1 } } }
pipelines:
  p:
    hops: { a: { topic: orders, sample: 1/8 }, b: { consumer: orders, group: bill, cluster: eu } }
    edges: [{ from: a, to: b }]
`
const TWO_CLUSTERS = `version: 1
kafka: { clusters: { eu: { brokers: a:1 }, us: { brokers: b:1 } } }
pipelines:
  p:
    hops: { a: { topic: orders, cluster: us }, b: { topic: orders, cluster: eu }, c: { sink: store } }
    edges: [{ from: a, to: b, preserve: key }, { from: b, to: c, preserve: value }]
`

const SHAPES = `version: 1
schemas:
  registry: { url: "https://\${TOPIC}.example/registry", user: USER_VARIABLE, password: PASSWORD_VARIABLE, ca: certs/ca.pem, timeout: 5s }
pipelines:
  p:
    hops:
      shop: { producer: orders, service: shop }
      orders: { topic: orders, schema: { file: "schemas/\${TOPIC}.proto", message: Order, sample: "\${EIGHTH}" } }
      bill: { consumer: orders, group: bill }
      bills: { topic: bills, schema: { subject: bills-value, versions: [4, 3, 4], format: avro, values: true } }
      store: { sink: store, sample: 1/4 }
    edges: [{ from: shop, to: orders }, { from: orders, to: bill }, { from: bills, to: store }]
`
const OBSERVED = `version: 1
schemas: { registry: { url: "http://localhost:8081", token: TOKEN_VARIABLE } }
pipelines:
  p:
    hops:
      orders: { topic: orders, schema: observe, sample: 1/4 }
      bills: { topic: bills, schema: { framing: apicurio-v3, versions: 2, subject: b } }
    edges: [{ from: orders, to: bills, keep: /origin }]
`
/** The registry is named for `schema check` alone, and without an address nobody is asked. */
const UNPLACED = `version: 1
schemas: { registry: { timeout: 5s } }
pipelines:
  p:
    hops: { orders: { topic: orders, schema: { file: /orders.json, framing: single-object } }, s: { sink: store, sample: 1/4 } }
    edges: [{ from: orders, to: s }]
`

const HOPS = ['default', 'eu', 'us'].flatMap((cluster) => [
  producerHop(cluster, 'orders', 'shop'),
  producerHop(cluster, 'orders', 'unknown'),
  producerHop(cluster, 'bills', 'biller'),
  topicHop(cluster, 'orders'),
  topicHop(cluster, 'bills'),
  consumerHop(cluster, 'orders', 'bill'),
  sinkHop('store'),
  streamHop('uploads'),
  streamHop('unknown'),
])

describe('what the hops of a file must keep', () => {
  it.each([
    ['everything that can be planned', PLANNED],
    ['one named cluster', ONE_CLUSTER],
    ['two clusters', TWO_CLUSTERS],
    ['what messages look like', SHAPES],
    ['what they look like, whatever that is', OBSERVED],
    ['what they look like, without a registry', UNPLACED],
  ])('is the same for agents as for the auditor: %s', (_, text) => {
    const path = file(text)
    const strict = parseConfig(text, path, ENV)
    if (!strict.ok) throw new Error(JSON.stringify(strict.issues))
    const planOf = tallyPlans(strict.config.pipelines)
    const agent = settings({}, path)
    expect(agent.troubles).toEqual([])
    for (const hop of HOPS) expect(agent.planOf(hop)).toEqual(planOf(hop))
    // Else two plans of nothing would agree too.
    expect(
      HOPS.filter((hop) => planOf(hop).preserve.length + planOf(hop).oneIn.length > 0),
    ).not.toEqual([])
  })

  it('is the same for any file that the auditor accepts', () => {
    const places = [
      { producer: 'orders', service: 'shop' },
      { topic: 'orders' },
      { topic: 'bills', identity: 'key' },
      { consumer: 'orders', group: 'bill' },
      { sink: 'store' },
      { stream: 'uploads' },
    ]
    const optional = <T>(value: T) => fc.option(fc.constant(value), { nil: undefined })
    const part = fc.constantFrom('value', 'key', { headers: 'a' }, { headers: ['b', 'a'] })
    const preserve = fc.oneof(part, fc.array(part, { minLength: 1, maxLength: 3 }))
    const promised = (threshold: string) => ({
      'on-time': { indicator: 'timeliness', threshold, target: '99%', period: '30d' },
      flowing: { indicator: 'freshness', threshold: '9s', target: '99%', period: '30d' },
    })
    const schema = fc.oneof(
      fc.constant('observe'),
      fc.record(
        {
          file: fc.constantFrom('a.proto', '/b.json', 'c.odcs.yaml'),
          subject: fc.constant('orders-value'),
          framing: fc.constantFrom(...framings),
          format: fc.constantFrom(...formats),
          sample: fc.constantFrom('all', '1/2', '1/65536'),
          versions: fc.oneof(fc.constant(3), fc.array(fc.integer({ min: 1, max: 9 }))),
          values: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    )
    const schemas = { registry: { url: 'http://localhost:8081', timeout: '1m' } }
    const pipeline = (sample: string) =>
      fc
        .record({
          objectives: fc.option(fc.constantFrom('7s', '1m').map(promised), { nil: undefined }),
          sampled: fc.array(optional(sample), { minLength: 6, maxLength: 6 }),
          schema: fc.option(schema, { nil: undefined }),
          members: fc.array(optional(true), { minLength: 6, maxLength: 6 }),
          // Each hop but the first is fed by earlier ones, or by none.
          feeders: fc.array(fc.subarray([0, 1, 2, 3, 4]), { minLength: 6, maxLength: 6 }),
          promises: fc.array(fc.option(preserve, { nil: undefined }), {
            minLength: 6,
            maxLength: 6,
          }),
        })
        .map(({ sampled, members, feeders, promises, objectives, schema }) => ({
          objectives,
          hops: Object.fromEntries(
            places.map((place, i) => {
              const membership = i < 2 ? undefined : members[i]
              const more = 'topic' in place ? { schema } : {}
              return [`h${i}`, { ...place, ...more, sample: sampled[i], membership }]
            }),
          ),
          edges: places.flatMap((_, i) => {
            const from = (feeders[i] ?? []).filter((n) => n < i).map((n) => `h${n}`)
            return from.length === 0 ? [] : [{ from, to: `h${i}`, preserve: promises[i] }]
          }),
        }))
        .filter(({ edges }) => edges.length > 0)
    fc.assert(
      fc.property(pipeline('1/4'), pipeline('1/8'), (a, b) => {
        // JSON is YAML.
        const data = JSON.parse(JSON.stringify({ version: 1, schemas, pipelines: { a, b } }))
        const strict = parseConfig(JSON.stringify(data), 'quipu.yaml', {})
        fc.pre(strict.ok)
        if (!strict.ok) return
        const troubles: string[] = []
        const loose = tallyPlans(planPipelines(data, {}, (text) => troubles.push(text)))
        const planOf = tallyPlans(strict.config.pipelines)
        expect(troubles).toEqual([])
        for (const hop of HOPS) expect(loose(hop)).toEqual(planOf(hop))
      }),
      { numRuns: 200 },
    )
  })

  it('counts the thresholds of objectives, which are judged on exact counts', () => {
    const objectives = {
      fast: { indicator: 'timeliness', threshold: '7s' },
      flowing: { indicator: 'freshness', threshold: '9s' },
      broken: { indicator: 'timeliness', threshold: 'soon' },
    }
    const hops = { orders: { topic: 'orders' } }
    const troubles: string[] = []
    const tell = (text: string): unknown => troubles.push(text)
    const [plan] = planPipelines(
      { thresholds: ['1s'], pipelines: { p: { hops, objectives } } },
      {},
      tell,
    )
    expect(plan?.thresholdsMs).toEqual([1_000, 7_000])
    expect(troubles).toEqual([
      'pipelines.p.objectives.broken.threshold: expected durations like 1s; it is left out',
    ])
  })

  it('comes from the file', () => {
    const { planOf } = settings({}, file(PLANNED))
    expect(planOf(consumerHop('default', 'orders', 'bill'))).toEqual({
      exact: true,
      oneIn: [64],
      preserve: [
        { value: false, key: false, headers: ['c'] },
        { value: false, key: true, headers: [] },
        { value: true, key: false, headers: [] },
      ],
      membership: 100_000,
      thresholdsMs: [1_000, 60_000],
      shape: null,
    })
  })

  it('says what messages are held against, with paths from the folder of the file', () => {
    const path = file(SHAPES)
    const { planOf } = settings({}, path)
    const folder = dirname(path)
    const registry = {
      url: 'https://orders.example/registry',
      workingFolder: folder,
      access: {
        auth: {
          kind: 'basic',
          userVariable: 'USER_VARIABLE',
          passwordVariable: 'PASSWORD_VARIABLE',
        },
        caFile: join(folder, 'certs/ca.pem'),
        timeoutMs: 5_000,
      },
    }
    const orders = {
      ...{ oneIn: 8, framing: 'none', format: null, message: 'Order', subject: null },
      ...{ versions: null, registry, values: false, file: join(folder, 'schemas/orders.proto') },
    }
    for (const hop of [
      topicHop('default', 'orders'),
      producerHop('default', 'orders', 'shop'),
      producerHop('default', 'orders', 'unknown'),
      consumerHop('default', 'orders', 'bill'),
    ])
      expect(planOf(hop).shape).toEqual(orders)
    expect(planOf(topicHop('default', 'bills')).shape).toEqual({
      ...{ oneIn: 64, framing: 'confluent', format: 'avro', message: null, file: null },
      ...{ subject: 'bills-value', versions: [3, 4], registry, values: true },
    })
    for (const hop of [sinkHop('store'), consumerHop('default', 'orders', 'unknown')])
      expect(planOf(hop).shape).toBeNull()
  })

  it.each([
    ['a number', '7', /h.schema: expected `observe`/],
    ['another word', 'look', /h.schema: expected `observe`/],
    ['a file that is none', '{ file: 7, subject: s }', /schema.file: expected a text/],
    ['an unknown framing', '{ file: a.json, framing: own }', /schema.framing: expected the name/],
    ['an unknown format', '{ format: xml }', /schema.format: expected json/],
    ['a rate of none', '{ sample: 1/1 }', /schema.sample: expected `all`/],
    ['no versions', '{ subject: s, versions: [] }', /schema.versions: expected numbers/],
    ['versions that are none', '{ subject: s, versions: [1, b] }', /schema.versions: expected num/],
    ['values that are none', '{ values: some }', /schema.values: expected true/],
    ['a variable that is not set', '{ file: "${NONE}" }', /schema.file: .*`NONE` is not set/],
  ])('looks into nothing by half of a promise: %s', (_, schema, trouble) => {
    const text = `pipelines: { p: { hops: { h: { topic: orders, schema: ${schema} } }, edges: [] } }`
    const { troubles, planOf } = settings({}, file(text))
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toMatch(trouble)
    expect(planOf(topicHop('default', 'orders'))).toEqual(PLAIN)
  })

  it.each([
    ['secrets in its address', 'url: "https://user:secret@r.example"'],
    ['no address', 'url: registry'],
    ['a timeout that is none', 'url: "http://r", timeout: soon'],
    ['a user that is none', 'url: "http://r", user: 7, password: P'],
  ])('asks no registry with %s, and still looks', (_, registry) => {
    const text = `schemas: { registry: { ${registry} } }
pipelines: { p: { hops: { h: { topic: orders, schema: observe } }, edges: [] } }`
    const { troubles, planOf } = settings({}, file(text))
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toMatch(/schemas\.registry\.\w+: expected/)
    expect(troubles[0]).not.toContain('secret@')
    expect(planOf(topicHop('default', 'orders')).shape?.registry).toBeNull()
    expect(planOf(topicHop('default', 'orders')).shape?.oneIn).toBe(64)
  })

  it('comes from the option before the file, and is plain without both', () => {
    const plan = { ...PLAIN, oneIn: [7] }
    expect(settings({ planOf: () => plan }, file(PLANNED)).planOf(sinkHop('store'))).toBe(plan)
    expect(settings({}, '').planOf(sinkHop('store'))).toBe(PLAIN)
  })

  const hop = (fields: string): string => `h: { ${fields} }`
  it.each([
    ['no map of pipelines', 'pipelines: [1]', /pipelines: expected a map/],
    ['a pipeline that is none', 'pipelines: { p: 7 }', /pipelines.p: expected a map/],
    ['hops that are a list', 'pipelines: { p: { hops: [] } }', /pipelines.p.hops: expected a map/],
    [
      'edges that are a number',
      'pipelines: { p: { edges: 7 } }',
      /edges\[0\].edge: expected a map/,
    ],
    ['thresholds that are none', 'thresholds: [soon]', /thresholds: expected durations/],
    ['too many thresholds', `thresholds: [${[...'123456789'].map((n) => `${n}s`)}]`, /at most 8/],
    ['a hop of no kind', hop('service: x'), /h.hop: expected one kind/],
    ['a hop of two kinds', hop('sink: x, stream: y'), /h.hop: expected one kind/],
    ['a consumer without a group', hop('consumer: x'), /h.group: expected a text/],
    ['a topic that is a number', hop('topic: 7'), /h.topic: expected a text/],
    ['a variable that is not set', hop('topic: "${NONE}"'), /`NONE` is not set/],
    ['a variable that is empty', hop('topic: "${EMPTY}"'), /`EMPTY` is empty/],
    ['an unknown sample', hop('sink: x, sample: 64'), /h.sample: expected a text/],
    ['a sample of all', hop('sink: x, sample: 1/1'), /h.sample: expected a rate/],
    ['a membership that is none', hop('sink: x, membership: 0.5'), /h.membership: expected true/],
    ['a membership too large', hop('sink: x, membership: 400001'), /h.membership: expected true/],
    ['membership of a topic of stamps', hop('topic: x, membership: true'), /expected none where/],
    ['membership of stamps, said', hop('topic: x, identity: stamp, membership: 9'), /none where/],
    ['membership of a producer', hop('producer: x, service: y, membership: 9'), /expected none/],
  ])('leaves out %s, and says so', (_, text, trouble) => {
    const whole = text.startsWith('h:')
      ? `pipelines: { p: { hops: { ${text} }, edges: [] } }`
      : text
    const { troubles, planOf } = settings({}, file(whole))
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toMatch(trouble)
    expect(planOf(topicHop('default', 'orders'))).toMatchObject({ ...PLAIN, thresholdsMs: [] })
  })

  it.each([
    ['an unknown part', '[value, offset]'],
    ['a trace header', '[value, { headers: [a, traceparent] }]'],
    ['no headers', '[value, { headers: [] }]'],
    ['an empty list', '[]'],
    ['a number', '7'],
    ['names too long', `[value, { headers: [${'x'.repeat(1_000)}] }]`],
  ])('never keeps half of a promise: %s', (_, preserve) => {
    const { troubles, planOf } = settings(
      {},
      file(`pipelines:
  p:
    hops: { a: { topic: a }, b: { topic: b, sample: 1/4 } }
    edges: [{ from: a, to: b, preserve: ${preserve} }, { from: [a, none], to: 7 }]`),
    )
    expect(planOf(topicHop('default', 'a'))).toEqual({ ...PLAIN, oneIn: [4] })
    expect(troubles.join('\n')).toMatch(/preserve: expected [\s\S]*from.none: expected [\s\S]*to: /)
  })

  it('says no more than twenty things about one file, and how many more there are', () => {
    const hops = Array.from({ length: 50 }, (_, i) => `h${i}: 7`)
    const { troubles } = settings({}, file(`pipelines: { p: { hops: { ${hops} } } }`))
    expect(troubles).toHaveLength(21)
    expect(troubles.at(-1)).toMatch(/and 30 more/)
  })

  it('says it briefly, however long the names are', () => {
    const { troubles } = settings({}, file(`pipelines: { ${'p'.repeat(500)}: 7 }`))
    expect(troubles[0]?.length).toBeLessThan(450)
  })

  it('reads lists up to their limit', () => {
    const hops = Array.from({ length: 1_001 }, (_, i) => `h${i}: { sink: s${i}, sample: 1/4 }`)
    const { troubles, planOf } = settings({}, file(`pipelines: { p: { hops: { ${hops} } } }`))
    expect(troubles).toHaveLength(1)
    expect(planOf(sinkHop('s999')).oneIn).toEqual([4])
    expect(planOf(sinkHop('s1000'))).toEqual(PLAIN)
  })

  it('does not throw, whatever stands in the file', () => {
    const schema = fc.dictionary(
      fc.constantFrom('file', 'subject', 'versions', 'sample', 'framing', 'values', 'message'),
      fc.constantFrom(null, true, 7, '', 'none', '1/4', ['a'], [1], {}),
    )
    const odd = fc.oneof(
      fc.constantFrom(null, true, 7, '', 'h', '1/4', 'value', { topic: 'a' }, ['h']),
      fc.object({ key: fc.constantFrom('hops', 'edges', 'from', 'to', 'preserve', 'sample', 'h') }),
      fc.record({ topic: fc.constant('a'), schema: fc.oneof(schema, fc.string(), fc.integer()) }),
    )
    const registry = fc.dictionary(
      fc.constantFrom('url', 'user', 'password', 'token', 'ca', 'timeout'),
      fc.constantFrom(null, true, 7, '', 'http://r', '1s', {}),
    )
    const pipelines = fc.record(
      {
        hops: fc.oneof(odd, fc.dictionary(fc.constantFrom('h', 'i'), odd)),
        edges: fc.oneof(
          odd,
          fc.array(fc.oneof(odd, fc.record({ from: odd, to: odd, preserve: odd }))),
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(odd, fc.record({ p: fc.oneof(odd, pipelines) })),
        odd,
        fc.oneof(odd, fc.record({ registry: fc.oneof(odd, registry) })),
        (p, thresholds, schemas) => {
          const document = { pipelines: p, thresholds, kafka: p, schemas }
          const planned = planPipelines(document, {}, () => {})
          const { oneIn, shape } = tallyPlans(planned)(topicHop('default', 'a'))
          expect(oneIn.length).toBeLessThan(5)
          if (shape !== null) expect(shape.oneIn).toBeGreaterThan(0)
        },
      ),
    )
  })
})
