/** `quipu doctor`: what each check makes of what it is told, and the command where nothing answers. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CheckResult, doctorCode, within } from '../../src/cli/doctor/check.ts'
import { checkCluster } from '../../src/cli/doctor/cluster.ts'
import type { ClusterFacts, TopicFacts } from '../../src/cli/doctor/cluster-facts.ts'
import { checkEvidence, type EvidenceFacts } from '../../src/cli/doctor/evidence.ts'
import { checkFile } from '../../src/cli/doctor/file.ts'
import { checkMachine } from '../../src/cli/doctor/machine.ts'
import { renderDoctor } from '../../src/cli/doctor/render.ts'
import { checkStore, type StoreFacts } from '../../src/cli/doctor/store.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { InstanceState } from '../../src/hop/evidence.ts'
import { hopKey } from '../../src/hop/hop.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { summarizeHops } from '../../src/objective/hop-coverage.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FLIGHTS, START, verdict } from '../reports/build.ts'

const states = (results: readonly CheckResult[]): string[] =>
  results.map((r) => `${r.id} ${r.subject}: ${r.state}`)

describe('this machine', () => {
  const fine = { node: '20.20.2', driver: null, client: null }

  it.each([
    ['20.19.0', 'ok'],
    ['20.18.9', 'fail'],
    ['21.0.0', 'ok'],
    ['18.20.0', 'fail'],
    ['100.0.0', 'ok'],
  ])('Node %s is %s', (node, state) => {
    expect(checkMachine({ ...fine, node })[0]?.state).toBe(state)
  })

  it('lacks what cannot be loaded, and says how to get it', () => {
    const results = checkMachine({ ...fine, driver: 'no binding', client: 'not found' })
    expect(results.slice(1).map((r) => `${r.state} ${r.message} ${r.todo}`)).toEqual([
      'fail cannot be loaded: no binding Run: npm rebuild better-sqlite3',
      'fail cannot be loaded: not found Run: npm install kafkajs',
    ])
  })
})

describe('the store', () => {
  const fine: StoreFacts = { path: 'q.db', mb: 3, strange: null, readOnly: null, freeMb: 1_000 }

  it.each<[string, Partial<StoreFacts>, string[]]>([
    ['is well', {}, ['store q.db: ok', 'store-space q.db: ok']],
    ['is not there yet', { mb: null }, ['store q.db: ok', 'store-space q.db: ok']],
    ['is on a system that does not tell', { freeMb: null }, ['store q.db: ok']],
    ['may not be written', { readOnly: '/x' }, ['store q.db: fail', 'store-space q.db: ok']],
    ['is short of room', { freeMb: 999 }, ['store q.db: ok', 'store-space q.db: warn']],
    ['has some room', { freeMb: 100 }, ['store q.db: ok', 'store-space q.db: warn']],
    ['has no room', { freeMb: 99 }, ['store q.db: ok', 'store-space q.db: fail']],
    ['is none', { strange: { message: 'm', todo: 't' }, freeMb: 1 }, ['store q.db: fail']],
  ])('%s', (_, facts, expected) => {
    expect(states(checkStore({ ...fine, ...facts }))).toEqual(expected)
  })
})

const PIPELINE = pipelineOf(`version: 1
pipelines:
  p:
    hops:
      s: { producer: t, service: s }
      t: { topic: t, identity: key, time: timestamp }
      g: { consumer: t, group: g }
    edges: [{ from: s, to: t }, { from: t, to: g }]`)

function pipelineOf(text: string): Pipeline {
  const result = parseConfig(text, 'quipu.yaml', {})
  const pipeline = result.ok ? result.config.pipelines[0] : undefined
  if (pipeline === undefined) throw new Error(JSON.stringify(result))
  return pipeline
}

describe('a cluster', () => {
  const denied = { denied: true, message: 'TOPIC_AUTHORIZATION_FAILED' }
  const settings = (entries: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
    new Map(
      Object.entries({
        ...{ 'message.timestamp.type': 'CreateTime', 'retention.ms': '604800000' },
        ...{ 'cleanup.policy': 'delete', ...entries },
      }),
    )
  const topic = (parts: Partial<TopicFacts>): TopicFacts => ({
    ...{ topic: 't', exists: true, partitions: 3, settings: settings(), read: null },
    ...parts,
  })
  const cluster = (parts: Partial<ClusterFacts>): CheckResult[] =>
    checkCluster(
      {
        ...{ cluster: 'default', brokers: ['a:1'], problem: null, known: ['t', 'orders'] },
        ...{ topics: [], groups: [], audit: null },
        ...parts,
      },
      [PIPELINE],
    )
  const BROKERS = 'brokers default (a:1): ok'
  const TIMED = 'topic-time t: ok'
  const KEPT = 'topic-retention t: ok'

  it('that does not answer is the only thing that is wrong', () => {
    const problem = { message: 'nobody', todo: 'look' }
    expect(states(cluster({ problem }))).toEqual(['brokers default (a:1): fail'])
  })

  it.each<[string, Partial<TopicFacts>, string[]]>([
    ['that is well', {}, ['topic t: ok', TIMED, KEPT]],
    ['that may not be read', { read: denied }, ['topic t: fail', TIMED, KEPT]],
    [
      'without a leader',
      { read: { denied: false, message: 'LEADER' } },
      ['topic t: fail', TIMED, KEPT],
    ],
    ['of secret settings', { settings: denied }, ['topic t: ok', 'topic-settings t: warn']],
    [
      'that takes times from its broker',
      { settings: settings({ 'message.timestamp.type': 'LogAppendTime' }) },
      ['topic t: ok', 'topic-time t: fail', KEPT],
    ],
    [
      // A window of 1m and a lateness of 2m
      'that keeps messages until they are judged',
      { settings: settings({ 'retention.ms': '180000' }) },
      ['topic t: ok', TIMED, KEPT],
    ],
    [
      'that keeps them for less',
      { settings: settings({ 'retention.ms': '179999' }) },
      ['topic t: ok', TIMED, 'topic-retention t: fail'],
    ],
    [
      'that keeps them for ever',
      { settings: settings({ 'retention.ms': '-1' }) },
      ['topic t: ok', TIMED, KEPT],
    ],
    [
      'that is compacted',
      { settings: settings({ 'cleanup.policy': 'compact', 'retention.ms': '1' }) },
      ['topic t: ok', TIMED, 'topic-compaction t: warn'],
    ],
    [
      'that is compacted and deleted',
      { settings: settings({ 'cleanup.policy': 'compact,delete', 'retention.ms': '1' }) },
      ['topic t: ok', TIMED, 'topic-retention t: fail', 'topic-compaction t: warn'],
    ],
    ['that is not there', { exists: false }, ['topic t: fail']],
  ])('of a topic %s', (_, parts, expected) => {
    expect(states(cluster({ topics: [topic(parts)] }))).toEqual([BROKERS, ...expected])
  })

  it('suggests the topic that was meant', () => {
    const [, missing] = cluster({ topics: [topic({ topic: 'ordres', exists: false })] })
    expect(missing?.message).toContain('did you mean `orders`?')
  })

  it('may give times where no window is made of them', () => {
    const stamped = pipelineOf(`version: 1
pipelines: { p: { hops: { s: { producer: t, service: s }, t: { topic: t } }, edges: [{ from: s, to: t }] } }`)
    const appended = topic({ settings: settings({ 'message.timestamp.type': 'LogAppendTime' }) })
    const facts = { ...{ cluster: 'default', brokers: ['a:1'], problem: null, known: ['t'] } }
    const results = checkCluster({ ...facts, topics: [appended], groups: [], audit: null }, [
      stamped,
    ])
    expect(states(results)).toContain('topic-time t: ok')
  })

  it.each([
    [true, 'ok'],
    [false, 'warn'],
    [denied, 'fail'],
  ])('of a group that has committed: %j', (committed, state) => {
    const groups = [{ group: 'g', topic: 't', committed }]
    expect(states(cluster({ groups }))).toEqual([BROKERS, `group g of t: ${state}`])
  })

  it.each<[string, Partial<TopicFacts>, string[]]>([
    ['that is well', {}, ['audit-topic t: ok']],
    ['that is not there yet', { exists: false }, ['audit-topic t: warn']],
    ['that may not be read', { read: denied }, ['audit-topic t: fail']],
    ['of secret settings', { settings: denied }, ['audit-topic t: ok']],
    [
      'that loses frames',
      { settings: settings({ 'cleanup.policy': 'compact' }) },
      ['audit-topic t: ok', 'audit-topic-settings t: fail'],
    ],
    [
      'that refuses frames',
      { settings: settings({ 'max.message.bytes': '1000' }) },
      ['audit-topic t: ok', 'audit-topic-settings t: fail'],
    ],
    [
      'that forgets frames within a day',
      { settings: settings({ 'retention.ms': '86399999' }) },
      ['audit-topic t: ok', 'audit-topic-settings t: warn'],
    ],
    [
      'that keeps them for a day',
      { settings: settings({ 'retention.ms': '86400000' }) },
      ['audit-topic t: ok'],
    ],
  ])('of an audit topic %s', (_, parts, expected) => {
    expect(states(cluster({ audit: topic(parts) }))).toEqual([BROKERS, ...expected])
  })
})

describe('the evidence', () => {
  const now = START + 3_600_000
  const instance = (parts: Partial<InstanceState>): InstanceState => ({
    ...{ instance: 'a', service: 'shop', firstSentAt: now, lastSentAt: now, lastHeardAt: now },
    ...{ minDelayMs: 5, flushMs: 1_000, windowMs: FLIGHTS.windowMs, seen: [[0, 1]], goodbye: null },
    ...{ unknownUntil: 0, missing: [], seals: [], reach: [] },
    hops: FLIGHTS.hops.map(({ hop }) => hopKey(hop)),
    ...parts,
  })
  const check = (
    instances: readonly InstanceState[],
    verdicts: EvidenceFacts['verdicts'] = [],
  ): CheckResult[] => {
    const asked = { verdicts, coverage: [], instances, gaps: [], now, since: START }
    const hops = summarizeHops({ pipelines: [FLIGHTS], ...asked })
    return checkEvidence({ pipelines: [FLIGHTS], hops, instances, verdicts })
  }
  const of = (id: string, results: readonly CheckResult[]): (readonly [string, string])[] =>
    results.filter((r) => r.id === id).map((r) => [r.state, r.message])

  it.each([
    ['lives', {}, 'ok', '1 agent of 1 heard lately'],
    ['said goodbye', { goodbye: 0, lastHeardAt: START }, 'ok', 'said goodbye'],
    // Three heartbeats are believed.
    ['is late', { lastHeardAt: now - 3_000 }, 'ok', 'heard lately'],
    ['fell silent', { lastHeardAt: now - 3_001 }, 'warn', 'without a goodbye'],
  ])('of an agent that %s', (_, parts, state, message) => {
    const all = of('agents', check([instance(parts)]))
    expect(all).toHaveLength(FLIGHTS.hops.length)
    for (const one of all) expect(one).toEqual([state, expect.stringContaining(message)])
  })

  it('of hops that nobody spoke of', () => {
    const [first, ...others] = FLIGHTS.hops.map(({ hop }) => hopKey(hop))
    const all = of('agents', check([instance({ hops: [first as never] })]))
    expect(all.map(([state]) => state)).toEqual(['ok', ...others.map(() => 'warn')])
    expect(all[1]?.[1]).toMatch(/^no agent was ever heard of /)
  })

  it.each([
    ['none is known to be off', 5, 'ok'],
    // Heard 1001 ms before it was sent, of which 1 ms may be rounding.
    ['is ahead', -1_001, 'warn'],
    ['is almost not ahead', -1_000, 'ok'],
    ['is ahead by more than the lateness', -FLIGHTS.latenessMs - 2, 'fail'],
    ['is behind, or slow', 10_000, 'warn'],
  ])('of clocks: %s', (_, minDelayMs, state) => {
    expect(of('clocks', check([instance({ minDelayMs })])).map(([s]) => s)).toEqual([state])
  })

  it('of windows of another size', () => {
    const other = instance({ windowMs: FLIGHTS.windowMs * 2 })
    expect(of('agent-windows', check([instance({})]))).toEqual([])
    expect(of('agent-windows', check([other])).map(([s]) => s)).toEqual(['fail'])
    // What it said is said; it is not to be started again.
    expect(of('agent-windows', check([{ ...other, goodbye: 1 }]))).toEqual([])
  })

  it.each([
    [0, []],
    [650, [['ok', 'up to 650 messages a window: every loss is named by id']]],
    [
      651,
      [
        [
          'ok',
          'up to 651 messages a window: losses of up to 100% are named by id, larger ones estimated',
        ],
      ],
    ],
    [650_000, [['ok', expect.stringContaining('losses of up to 0.1% are named')]]],
    [650_001, [['warn', expect.stringContaining('losses of up to 0.1% are named')]]],
  ])('of a sketch of %i messages', (expected, results) => {
    const one = verdict(FLIGHTS.edges[0]?.name as string)
    const most = { ...one, counts: { ...one.counts, expected } }
    const less = { ...one, counts: { ...one.counts, expected: 0 } }
    expect(of('sketch', check([instance({})], [less, most, less]))).toEqual(results)
  })
})

describe('the list', () => {
  it('says what to do under what is not well, and the sum at the end', () => {
    const results: CheckResult[] = [
      { id: 'a', subject: 'one', state: 'ok', message: 'is', todo: null },
      { id: 'b', subject: 'tw\u202eo', state: 'warn', message: 'may be', todo: 'Look.' },
      { id: 'c', subject: 'three', state: 'fail', message: 'is not', todo: 'Do.' },
    ]
    expect(renderDoctor(results, false)).toMatchInlineSnapshot(`
      "✓ a  one: is
      ! b  tw\\u{202e}o: may be
          → Look.
      ✗ c  three: is not
          → Do.

      3 checks: 1 ok, 1 to look at, 1 wrong.
      "
    `)
    expect(renderDoctor(results.slice(0, 1), false)).toContain('All good! 1 check.')
    expect(results.map((r) => doctorCode([r]))).toEqual([0, 0, 1])
  })
})

describe('a question without an answer', () => {
  it('ends', async () => {
    await expect(within(10, new Promise(() => undefined))).rejects.toThrow(
      'no answer within 0.01 s',
    )
    expect(await within(10_000, Promise.resolve(1))).toBe(1)
  })
})

let dir = ''
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-doctor-'))
  mkdirSync(join(dir, 'empty'))
  const body = `pipelines: { p: { hops: { t: { topic: t }, g: { consumer: t, group: g } }, edges: [{ from: t, to: g }] } }`
  writeFileSync(join(dir, 'good.yaml'), `version: 1\n${body}\n`)
  writeFileSync(join(dir, 'bad.yaml'), 'version: 2\nwindow: 7s\n')
  writeFileSync(
    join(dir, 'text.db'),
    'this is no database, but it is long enough to look like one'.repeat(9),
  )
  const store = await openSqliteStore(join(dir, 'quipu.db'))
  await store.close()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('the file', () => {
  const file = (name: string | undefined, cwd = dir): string[] =>
    checkFile(name, {}, cwd).results.map((r) => `${r.state} ${r.subject} ${r.message}`)

  it('is well, or says what is wrong first', () => {
    expect(file('good.yaml')).toEqual(['ok good.yaml 1 pipeline'])
    expect(file('bad.yaml')).toEqual([
      expect.stringMatching(/^fail bad.yaml line 1: .*, and 2 more mistakes$/),
    ])
    expect(file('nowhere.yaml')).toEqual([
      expect.stringMatching(/^fail nowhere.yaml .*no such file/),
    ])
    expect(file(undefined, join(dir, 'empty'))).toEqual(['fail quipu.yaml there is none here'])
  })

  it('needs its variables: what runs here needs them', () => {
    const text = 'version: 1\nkafka: { brokers: "${BROKERS}" }\npipelines: {}\n'
    writeFileSync(join(dir, 'unset.yaml'), text)
    expect(file('unset.yaml')[0]).toMatch(/^fail unset.yaml line 2: .*`BROKERS` is not set/)
  })
})

const MAIN = ['--import', resolve('node_modules/tsx/dist/loader.mjs'), resolve('src/cli/main.ts')]

function quipu(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const { QUIPU_CONFIG: _, ...clean } = process.env
    const child = execFile(
      process.execPath,
      [...MAIN, 'doctor', ...args],
      { cwd: dir, env: { ...clean, NO_COLOR: '1' } },
      (_, out, err) => done({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

describe('quipu doctor', () => {
  it('says that brokers are not named, and what else there is', async () => {
    const { code, out, err } = await quipu('--config', 'good.yaml')
    expect([code, err]).toEqual([1, ''])
    expect(out).toContain('✗ brokers  kafka: the file names no brokers')
    expect(out).toContain('! agents  p/t: no agent was ever heard of')
    expect(out).toMatch(/\n\d+ checks: \d+ ok, 2 to look at, 1 wrong\.\n$/)
  })

  it('leaves what is no store alone, and makes none', async () => {
    const before = readdirSync(dir).sort()
    const strange = await quipu('--config', 'good.yaml', '--store', 'text.db')
    expect(strange.out).toContain('✗ store  text.db: store text.db is a file of another kind')
    const none = await quipu('--config', 'good.yaml', '--store', 'new.db')
    expect(none.out).toContain('✓ store  new.db: is not there yet')
    expect(readdirSync(dir).sort()).toEqual(before)
  })

  it('exits with 2 for wrong usage', async () => {
    expect((await quipu('--stor', 'x')).code).toBe(2)
  })
})
