import { describe, expect, it } from 'vitest'
import { issuesText } from '../../src/config/load.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { hopKey } from '../../src/hop/hop.ts'

const GOOD = `version: 1
window: 30s
lateness: 5s
kafka: { brokers: ["\${KAFKA_BROKERS}"] }
pipelines:
  flights:
    owner: { team: network-ops, contact: "#flights", runbook: https://wiki.example/flights }
    hops:
      checkin: { producer: flights, service: checkin }
      flights: { topic: flights }
      enrich: { consumer: flights, group: enrich }
      enriched: { topic: flights.enriched }
      dlq: { topic: flights.dlq, role: dead-letter }
      store: { sink: warehouse }
    edges:
      - { from: checkin, to: flights }
      - { from: flights, to: enrich }
      - { from: enrich, to: [enriched, dlq], filter: cancelled }
      - { from: enriched, to: store }
`

const env = { KAFKA_BROKERS: 'a:9092, b:9092' }

const parse = (source: string, environment = env) =>
  parseConfig(source, '/etc/quipu/quipu.yaml', environment)

/** The mistakes of a text as people see them, without the head. */
function mistakes(source: string, environment: Record<string, string> = env): string {
  const result = parseConfig(source, 'quipu.yaml', environment)
  return result.ok ? '' : issuesText(result.issues, 'q').split('\n').slice(1).join('\n')
}

describe('a pipeline file', () => {
  it('becomes pipelines with hops, edges and parameters', () => {
    const result = parse(GOOD)
    if (!result.ok) throw new Error(JSON.stringify(result.issues))
    const { config } = result
    expect(config.kafka).toEqual({
      clusters: { default: { brokers: ['a:9092', 'b:9092'], ssl: false, sasl: null } },
      audit: { cluster: 'default', topic: 'quipu.tallies' },
    })
    expect(config).toMatchObject({ windowMs: 30_000, latenessMs: 5_000, seed: 0x71756970 })
    const [pipeline] = config.pipelines
    expect(pipeline?.owner).toEqual({
      team: 'network-ops',
      contact: '#flights',
      runbook: 'https://wiki.example/flights',
    })
    expect(pipeline?.hops.map((d) => `${d.name} ${hopKey(d.hop)} ${d.deadLetter}`)).toEqual([
      'checkin producer/default/flights//checkin false',
      'flights topic/default/flights// false',
      'enrich consumer/default/flights/enrich/ false',
      'enriched topic/default/flights.enriched// false',
      'dlq topic/default/flights.dlq// true',
      'store sink////warehouse false',
    ])
    expect(pipeline?.edges.map((e) => [e.name, e.filter])).toEqual([
      ['checkin → flights', []],
      ['flights → enrich', []],
      ['enrich → enriched + dlq', ['cancelled']],
      ['enriched → store', []],
    ])
    expect(pipeline?.edges[2]?.to.map((d) => d.name)).toEqual(['enriched', 'dlq'])
  })

  it('has defaults for window, lateness, seed, kafka and owner', () => {
    const result = parse(
      'version: 1\npipelines: {p: {hops: {a: {topic: a}, s: {sink: s}}, edges: [{from: a, to: s}]}}',
    )
    expect(result).toMatchObject({
      ok: true,
      config: { windowMs: 60_000, latenessMs: 120_000, kafka: null, pipelines: [{ owner: {} }] },
    })
  })

  it('says what the messages of a topic are held against', () => {
    const result = parse(
      `version: 1
schemas: { registry: { url: "https://\${HOST}:8081/api", token: TOKEN, ca: ca.pem, timeout: 5s } }
pipelines:
  p:
    hops:
      a: { topic: a, schema: observe }
      b: { topic: b, schema: { file: ../b.schema.json, sample: all, values: true } }
      c: { topic: c, schema: { subject: c-value, versions: [4, 3, 4], format: avro, sample: 1/8 } }
      d: { topic: d, schema: { file: /abs/d.proto, message: d.D, framing: confluent, sample: all } }
      e: { topic: e }
      f: { consumer: c, group: f }
    edges:
      - { from: a, to: b }
      - { from: b, to: d, keep: [/y, "/z/*/{}", /y] }
      - { from: d, to: e }
      - { from: c, to: f }`,
      { HOST: 'registry.example' } as never,
    )
    if (!result.ok) throw new Error(JSON.stringify(result.issues))
    const [pipeline] = result.config.pipelines
    const registry = {
      url: 'https://registry.example:8081/api',
      workingFolder: '/etc/quipu',
      access: {
        auth: { kind: 'bearer', tokenVariable: 'TOKEN' },
        caFile: '/etc/quipu/ca.pem',
        timeoutMs: 5_000,
      },
    }
    const plain = { oneIn: 64, framing: null, format: null, file: null, message: null }
    const unnamed = { subject: null, versions: null, registry, values: false }
    expect(pipeline?.hops.map((d) => d.shape)).toEqual([
      { ...plain, ...unnamed },
      {
        ...{ ...plain, ...unnamed, oneIn: 1, values: true },
        ...{ framing: 'none', file: '/etc/b.schema.json' },
      },
      {
        ...{ ...plain, ...unnamed, oneIn: 8, format: 'avro' },
        ...{ framing: 'confluent', subject: 'c-value', versions: [3, 4] },
      },
      {
        ...{ ...plain, ...unnamed, oneIn: 1, framing: 'confluent' },
        ...{ file: '/abs/d.proto', message: 'd.D' },
      },
      undefined,
      undefined,
    ])
    expect(pipeline?.edges.map((e) => e.keep)).toEqual([
      undefined,
      ['/y', '/z/*/{}'],
      undefined,
      undefined,
    ])
  })

  it('says what must arrive unaltered, what is sampled and what is counted exactly', () => {
    const result = parse(`version: 1
thresholds: [60s, 1s, 250ms]
pipelines:
  p:
    hops:
      shop: { producer: orders, service: shop }
      orders: { topic: orders, sample: 1/64, identity: { header: ce_id }, membership: 5000 }
      bill: { consumer: orders, group: bill, membership: true }
      store: { sink: store, sample: 1/65536, membership: 400000 }
      items: { stream: items, membership: 1000 }
    edges:
      - { from: shop, to: orders, preserve: [value, { headers: [b, a] }, key, { headers: b }] }
      - { from: orders, to: bill, preserve: value }
      - { from: bill, to: store, preserve: { headers: [x] } }
      - { from: store, to: items }`)
    if (!result.ok) throw new Error(JSON.stringify(result.issues))
    const [pipeline] = result.config.pipelines
    expect(result.config.thresholdsMs).toEqual([250, 1_000, 60_000])
    expect(pipeline?.thresholdsMs).toEqual([250, 1_000, 60_000])
    expect(pipeline?.hops.map((d) => [d.name, d.oneIn, d.membership])).toEqual([
      ['shop', 1, null],
      ['orders', 64, 5_000],
      ['bill', 1, 100_000],
      ['store', 65_536, 400_000],
      ['items', 1, 1000],
    ])
    expect(pipeline?.edges.map((e) => e.preserve)).toEqual([
      { value: true, key: true, headers: ['a', 'b'] },
      { value: true, key: false, headers: [] },
      { value: false, key: false, headers: ['x'] },
      null,
    ])
    expect(pipeline?.edges[0]?.to[0]).toBe(pipeline?.hops[1])
  })

  it('may declare several clusters, and each hop then names its own', () => {
    const source = `version: 1
kafka:
  clusters:
    eu: { brokers: eu:9092, ssl: { ca: certs/ca.pem } }
    us: { brokers: [us:9092], sasl: { mechanism: plain, username: u, password: "\${PASS}" } }
  audit: { cluster: us, topic: audit }
pipelines:
  mirror:
    hops:
      here: { topic: t, cluster: eu }
      there: { topic: t, cluster: us }
    edges: [{ from: here, to: there }]
`
    const result = parseConfig(source, '/etc/quipu.yaml', { PASS: 'p: [' })
    expect(result).toMatchObject({
      ok: true,
      config: {
        kafka: {
          clusters: {
            eu: { brokers: ['eu:9092'], ssl: { ca: '/etc/certs/ca.pem' }, sasl: null },
            us: { ssl: false, sasl: { mechanism: 'plain', username: 'u', password: 'p: [' } },
          },
          audit: { cluster: 'us', topic: 'audit' },
        },
        pipelines: [{ hops: [{ hop: { cluster: 'eu' } }, { hop: { cluster: 'us' } }] }],
      },
    })
    expect(
      mistakes(source.replace(', cluster: eu', '').replace(', cluster: us }', ', cluster: su }'), {
        PASS: 'p',
      }),
    ).toMatchInlineSnapshot(`
      "  q:10:13 expected \`cluster\`: one of \`eu\`, \`us\`
        q:11:14 the cluster \`su\` is not declared"
    `)
  })
})

describe('every mistake is listed at once, with its place and a suggestion', () => {
  it.each([
    ['an unknown key', 'windw: 1m'],
    ['a duration without a unit', 'window: 60'],
    ['a window that does not divide a day', 'window: 7s'],
    ['a window too small', 'window: 100ms'],
    ['a negative lateness', 'lateness: -1s'],
    ['a seed beyond 32 bits', 'seed: 4294967296'],
    ['a threshold without a unit', 'thresholds: [1s, 60]'],
    ['a threshold of nothing', 'thresholds: 0s'],
    ['a threshold too large', 'thresholds: [8d]'],
    ['a threshold twice', 'thresholds: [1s, 1000ms]'],
    ['nine thresholds', 'thresholds: [1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s]'],
    ['no threshold', 'thresholds: []'],
    [
      'too many pipelines',
      `pipelines: { ${Array.from({ length: 1_001 }, (_, i) => `p${i}: {hops: {a: {topic: a}, s: {sink: s}}, edges: [{from: a, to: s}]}`)} }`,
    ],
    ['a wrong version', 'version: 2'],
    ['an environment variable that is not set', 'lateness: ${LATE}'],
    ['a broken environment variable', 'lateness: ${LATE'],
    ['kafka without brokers', 'kafka: {}'],
    [
      'a wrong mechanism',
      'kafka: { brokers: a, sasl: { mechanism: kerberos, username: a, password: b } }',
    ],
    [
      'a password that is a number',
      'kafka: { brokers: a, sasl: { mechanism: plain, username: a, password: 12345 } }',
    ],
    ['brokers beside clusters', 'kafka: { brokers: a, clusters: { eu: { brokers: a } } }'],
    ['a list in place of a map', 'pipelines: []'],
    ['no pipeline', 'pipelines: {}'],
    ['a name with a space', 'pipelines: { "a b": {} }'],
    ['__proto__ as a name', 'pipelines: { __proto__: {} }'],
    ['an unknown alias', 'pipelines: *defaults'],
    ['a key twice', 'version: 1\nversion: 1'],
    ['broken YAML', 'pipelines: { flights: [ }'],
    ['an unknown tag', 'window: !!js/function 1m'],
  ])('%s', (_, line) => {
    const text = line.startsWith('version') ? line : `version: 1\n${line}`
    expect(
      mistakes(
        text.includes('pipelines')
          ? text
          : `${text}\npipelines: {p: {hops: {a: {topic: a}, s: {sink: s}}, edges: [{from: a, to: s}]}}`,
      ),
    ).toMatchSnapshot()
  })

  it('takes ids from where a topic has them', () => {
    const result = parseConfig(
      `version: 1
pipelines:
  p:
    hops:
      a: { topic: a, identity: { header: ce_id }, time: { json: /at } }
      b: { topic: b, identity: key }
      c: { topic: c, identity: stamp }
    edges: [{ from: b, to: a }, { from: a, to: c }]`,
      'quipu.yaml',
      {},
    )
    const hops = result.ok ? (result.config.pipelines[0]?.hops ?? []) : []
    expect(hops.map((h) => h.identity)).toEqual([
      { identity: { by: 'header', name: 'ce_id' }, time: { by: 'json', pointer: '/at' } },
      { identity: { by: 'key' }, time: { by: 'timestamp' } },
      undefined,
    ])
  })

  it.each([
    ['no kind', '{ service: x }'],
    ['two kinds', '{ topic: a, sink: b }'],
    ['a producer without its service', '{ producer: a }'],
    ['a consumer without its group', '{ consumer: a }'],
    ['a group on a topic', '{ topic: a, group: b }'],
    ['a dead-letter consumer', '{ consumer: a, group: b, role: dead-letter }'],
    ['a cluster of a sink', '{ sink: a, cluster: eu }'],
    ['a misspelt key', '{ tpic: a }'],
    ['a number for a topic', '{ topic: 2024 }'],
    ['an illegal topic', '{ topic: "a b" }'],
    ['an unknown role', '{ topic: a, role: dlq }'],
    ['the identity of a consumer', '{ consumer: a, group: g, identity: key }'],
    ['an unknown identity', '{ topic: a, identity: uuid }'],
    ['a pointer that is none', '{ topic: a, identity: { json: id } }'],
    ['a time without an identity', '{ topic: a, time: { header: at } }'],
    ['the place of another hop', '{ topic: z }'],
    ['a sample that is a number', '{ topic: a, sample: 64 }'],
    ['a sample of all', '{ topic: a, sample: 1/1 }'],
    ['a sample too small', '{ topic: a, sample: 1/65537 }'],
    ['a membership that is no', '{ sink: a, membership: false }'],
    ['a membership too large', '{ sink: a, membership: 400001 }'],
    ['a membership too small', '{ sink: a, membership: 999 }'],
    ['a membership of a part', '{ sink: a, membership: 0.5 }'],
    ['the membership of a topic of stamps', '{ topic: a, identity: stamp, membership: true }'],
    ['the membership of a producer', '{ producer: a, service: s, membership: 1000 }'],
  ])('a hop with %s', (_, hop) => {
    expect(
      mistakes(`version: 1
pipelines:
  p:
    hops:
      z: { topic: z }
      a: ${hop}
    edges: [{ from: z, to: a }]`),
    ).toMatchSnapshot()
  })

  it.each([
    ['a word that is none', 'obsrve'],
    ['nothing', ''],
    ['a list', '[a.json]'],
    ['a misspelt key', '{ fiel: a.json }'],
    ['an unknown ending', '{ file: a.txt }'],
    ['a number for a file', '{ file: 7 }'],
    ['a framing that is none', '{ framing: confluence }'],
    ['a format that is none', '{ format: xml }'],
    ['a sample of one', '{ sample: 1/1 }'],
    ['a sample that is a number', '{ sample: 64 }'],
    ['values in words', '{ values: some }'],
    ['versions of nothing', '{ versions: [1] }'],
    ['the newest version', '{ subject: a, versions: latest }'],
    ['a version of nothing', '{ subject: a, versions: [3, 0] }'],
    ['a message of a subject', '{ subject: a, message: m }'],
    ['a message of an Avro schema', '{ file: a.avsc, message: m }'],
    ['a subject that no value names', '{ subject: a, framing: single-object }'],
  ])('a schema with %s', (_, schema) => {
    expect(
      mistakes(`version: 1
schemas: { registry: { url: http://localhost } }
pipelines:
  p:
    hops:
      a: { topic: a, schema: ${schema} }
      s: { sink: s }
    edges: [{ from: a, to: s }]`),
    ).toMatchSnapshot()
  })

  it.each([
    ['no address', 'localhost:8081'],
    ['another protocol', 'ftp://localhost'],
    ['no text', '8081'],
    ['a secret in it, which is not shown', 'https://user:hunter2@localhost'],
    ['a query', 'https://localhost/?a=b'],
  ])('a registry with %s', (_, url) => {
    const text = mistakes(`version: 1\nschemas: { registry: { url: "${url}" } }`)
    expect(text).not.toContain('hunter2')
    expect(text).toMatchSnapshot()
  })

  it('a subject without a registry to look it up in', () => {
    const file = (registry: string): string => `version: 1
${registry}
pipelines:
  p:
    hops: { a: { topic: a, schema: { subject: a-value } }, s: { sink: s } }
    edges: [{ from: a, to: s }]`
    expect(mistakes(file('schemas: { registry: { url: https://localhost } }'))).toBe('')
    expect(
      [file(''), file('schemas: {}'), file('schemas: { registry: { token: TOKEN } }')].map((text) =>
        mistakes(text),
      ),
    ).toEqual(
      Array(3).fill(
        '  q:5:47 `subject` needs a registry to look it up in: set `schemas.registry.url`',
      ),
    )
  })

  it('a topic that two pipelines hold against two things', () => {
    const file = (schema: string): string => `version: 1
pipelines:
  p: { hops: { a: { topic: a, schema: { sample: 1/64 } }, s: { sink: s } }, edges: [{ from: a, to: s }] }
  q:
    hops: { a: { topic: a${schema} }, t: { sink: t } }
    edges: [{ from: a, to: t }]`
    // Said in other words, left out, or the same.
    expect(mistakes(file(', schema: observe'))).toBe('')
    expect(mistakes(file(''))).toBe('')
    expect(mistakes(file(', schema: { file: a.json }'))).toMatchInlineSnapshot(
      `"  q:5:36 \`p.a\` says something else of this topic; say the same in both"`,
    )
  })

  it.each([
    ['no slash', 'origin'],
    ['no name', '[]'],
    ['a tilde that means nothing', '[/a, /a~4]'],
    ['a map', '{ a: /b }'],
    ['a path too long', `/${'a'.repeat(200)}`],
    ['too many', `[${Array.from({ length: 201 }, (_, i) => `/${i}`)}]`],
  ])('keeping %s', (_, keep) => {
    expect(
      mistakes(`version: 1
pipelines:
  p:
    hops: { a: { topic: a, schema: observe }, b: { topic: b, schema: observe } }
    edges: [{ from: a, to: b, keep: ${keep} }]`),
    ).toMatchSnapshot()
  })

  it('an edge that keeps fields of messages that are not looked at alike', () => {
    const file = (first: string, second: string): string => `version: 1
pipelines:
  p:
    hops:
      a: { topic: a${first} }
      b: { consumer: a, group: b }
      c: { topic: c${second} }
    edges:
      - { from: a, to: b }
      - { from: b, to: c, keep: /x }`
    expect(mistakes(file(', schema: observe', ', schema: { sample: 1/64 }'))).toBe('')
    expect(mistakes(file('', ', schema: { sample: 1/8 }'))).toBe('')
    expect(mistakes(file(', schema: { sample: all }', ', schema: observe'))).toMatchInlineSnapshot(
      `"  q:10:33 the hops of an edge with \`keep\` look at the same messages: \`b\` all, \`c\` 1/64"`,
    )
  })

  it.each([
    ['no end', '[{ from: a }]'],
    ['no edges', '[]'],
    ['an unknown hop', '[{ from: flihgts, to: a }]'],
    ['the same hop at both ends', '[{ from: [a, flights], to: a }]'],
    ['a hop twice', '[{ from: [a, a], to: flights }]'],
    ['a hop that is fed twice', '[{ from: a, to: flights }, { from: b, to: flights }]'],
    ['a twin', '[{ from: a, to: flights }, { from: a, to: flights }]'],
    ['preserve of nothing', '[{ from: a, to: flights, preserve: [] }]'],
    ['preserve of an unknown part', '[{ from: a, to: flights, preserve: valeu }]'],
    [
      'preserve of an unknown part in a list',
      '[{ from: a, to: flights, preserve: [key, offset] }]',
    ],
    ['preserve of no headers', '[{ from: a, to: flights, preserve: { headers: [] } }]'],
    ['preserve of a misspelt part', '[{ from: a, to: flights, preserve: { header: a } }]'],
    [
      'preserve of a trace header',
      '[{ from: a, to: flights, preserve: [value, { headers: [a, TraceParent] }] }]',
    ],
    [
      'preserve of names too long',
      `[{ from: a, to: flights, preserve: { headers: ${'ä'.repeat(200)} } }]`,
    ],
    ['multiplicity', '[{ from: a, to: flights, multiplicity: many }]'],
    ['an empty list', '[{ from: [], to: flights }]'],
    ['a map for a name', '[{ from: { a: 1 }, to: flights }]'],
    ['a name that is none', '[{ from: "a b", to: flights }]'],
  ])('an edge with %s', (_, edges) => {
    expect(
      mistakes(`version: 1
pipelines:
  p:
    hops:
      flights: { topic: flights }
      a: { topic: a }
      b: { topic: b }
    edges: ${edges}`),
    ).toMatchSnapshot()
  })

  it('an edge whose hops are sampled at unequal rates', () => {
    const file = (first: string, second: string): string => `version: 1
pipelines:
  p:
    hops:
      a: { topic: a${first} }
      b: { consumer: a, group: b${second} }
      c: { sink: c, sample: 1/64 }
    edges:
      - { from: a, to: [b, c] }`
    expect(mistakes(file(', sample: 1/64', ''))).toBe('')
    expect(mistakes(file(', sample: 1/64', ', sample: 1/8'))).toMatchInlineSnapshot(
      `"  q:9:9 the hops of an edge are sampled alike, or not at all: \`a\` 1/64, \`b\` 1/8"`,
    )
  })

  it('an edge that no id can pass: made of the timestamp, or the offset, of a record that ends there', () => {
    const file = (more: string): string => `version: 1
pipelines:
  p:
    hops:
      shop: { producer: orders, service: shop }
      orders: { topic: orders, identity: { header: ce_id } }
      pay: { consumer: orders, group: pay }
      paid: { topic: paid${more} }
    edges:
      # One record, one timestamp: it is the same at both ends.
      - { from: shop, to: orders }
      - { from: orders, to: pay }
      - { from: pay, to: paid }`
    for (const fine of ['', ', identity: key, time: { header: at }', ', identity: stamp'])
      expect(mistakes(file(fine))).toBe('')
    const wrong = [
      ', identity: { header: ce_id }',
      ', identity: key, time: timestamp',
      ', identity: offset',
    ]
    expect(wrong.map((more) => mistakes(file(more))).join('\n')).toMatchInlineSnapshot(`
      "  q:13:9 what \`pay\` passes on has another timestamp in \`paid\`: take \`time\` of its topics from a \`{ header: NAME }\` or a \`{ json: /pointer }\`
        q:13:9 what \`pay\` passes on has another timestamp in \`paid\`: take \`time\` of its topics from a \`{ header: NAME }\` or a \`{ json: /pointer }\`
        q:13:9 what \`pay\` passes on has another offset in \`paid\`: use the stamp"
    `)
  })

  it('a hop that would have to keep too much, over all pipelines', () => {
    const pipeline = (i: number): string => `
  p${i}:
    hops:
      a: { topic: a }
      s: { sink: s${i}, sample: 1/${i + 2} }
    edges:
      - { from: a, to: s, preserve: { headers: h${i} } }`
    const file = (count: number): string =>
      `version: 1\npipelines:${Array.from({ length: count }, (_, i) => pipeline(i)).join('')}`
    expect(mistakes(file(4))).toBe('')
    expect(mistakes(file(5))).toMatchInlineSnapshot(`
      "  q:32:9 \`a\` would be sampled at more than 4 rates
        q:32:9 \`a\` would keep more than 4 kinds of \`preserve\`"
    `)
  })

  it('names what is not supported yet', () => {
    expect(
      mistakes(
        GOOD.replace('to: store }', 'to: store, multiplicity: 2 }').concat('    owners: {}\n'),
      ),
    ).toMatchInlineSnapshot(`
      "  q:19:38 \`multiplicity\` is not supported yet; supported here: \`from\`, \`to\`, \`filter\`, \`preserve\`, \`keep\`
        q:20:5 unknown key \`owners\`; did you mean \`owner\`?"
    `)
  })

  it('never shows the value of an environment variable', () => {
    expect(mistakes('version: 1\nwindow: ${SECRET}', { SECRET: 'hunter2' })).not.toContain(
      'hunter2',
    )
  })

  it('writes hidden characters out', () => {
    expect(mistakes('version: 1\n"evil\\u202e\\e[2J": 1')).toMatchInlineSnapshot(`
      "  q:1:1 \`pipelines\` is missing: expected a map of pipelines by name
        q:2:1 unknown key \`evil\\u{202e}\\u{1b}[2J\`; supported here: \`version\`, \`window\`, \`lateness\`, \`seed\`, \`thresholds\`, \`timezone\`, \`kafka\`, \`alerting\`, \`schemas\`, \`pipelines\`"
    `)
  })
})

describe('a hostile file', () => {
  it('of too many bytes is refused', () => {
    expect(mistakes(`version: 1\n#${'x'.repeat(1_000_000)}`)).toBe(
      '  q:1:1 expected at most 1000000 bytes',
    )
  })

  it('with aliases of aliases is refused', () => {
    const laughs = Array.from({ length: 12 }, (_, i) =>
      i === 0
        ? '- &a0 [lol]'
        : `- &a${i} [${Array(9)
            .fill(`*a${i - 1}`)
            .join(', ')}]`,
    )
    expect(mistakes(`version: 1\npipelines:\n${laughs.join('\n')}`)).toContain('alias')
  })

  it('nested ten thousand deep is refused', () => {
    expect(mistakes(`version: 1\npipelines: ${'['.repeat(10_000)}`)).not.toBe('')
  })

  it.each(['', '# nothing', '---\na: 1\n---\nb: 1', '\u0000', 'null', '[]', '? [a]\n: b'])(
    '%j is refused',
    (text) => {
      expect(parseConfig(text, 'q', {}).ok).toBe(false)
    },
  )
})
