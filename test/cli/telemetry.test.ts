/** What the auditor does with a store so that others can watch it, without Kafka. */
import { expect, it, onTestFinished } from 'vitest'
import { Telemetry } from '../../src/cli/telemetry.ts'
import { listenAddress } from '../../src/cli/telemetry-address.ts'
import { assessStore } from '../../src/cli/telemetry-assess.ts'
import { wantedOfOtel } from '../../src/cli/telemetry-otel.ts'
import { TelemetryReader } from '../../src/cli/telemetry-reader.ts'
import type { StoredLatency } from '../../src/hop/evidence.ts'
import { hopKey } from '../../src/hop/hop.ts'
import type { Promises } from '../../src/objective/objective.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { PIPELINES_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { objective, promisesOf } from '../objective/promise.ts'
import { FLIGHTS, NOW, START, verdict } from '../reports/build.ts'

it.each([
  ['9464', '127.0.0.1', 9464],
  ['0', '127.0.0.1', 0],
  ['0.0.0.0:9464', '0.0.0.0', 9464],
  ['[::1]:9464', '::1', 9464],
  ['auditor.internal:65535', 'auditor.internal', 65_535],
])('reads --metrics %s', (text, host, port) => {
  expect(listenAddress(text)).toEqual({ host, port })
})

it.each(['', ':9464', 'host', 'host:', 'host:65536', '::1:9464', '9464 ', 'http://h:1', '-1'])(
  'does not read --metrics `%s`',
  (text) => {
    expect(() => listenAddress(text)).toThrow('Expected [HOST:]PORT')
  },
)

it.each([
  [{}, []],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, []],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://c:4318' }, []],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, ['METRICS', 'TRACES']],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c:4318' }, ['METRICS']],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318' }, ['TRACES']],
  [{ OTEL_METRICS_EXPORTER: 'console' }, ['METRICS']],
  [{ OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, ['TRACES']],
  [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, ['METRICS']],
  [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, []],
])('takes %j as asking OpenTelemetry for %j', (env, wanted) => {
  expect(wantedOfOtel(env)).toEqual(wanted)
})

/** A store in memory, some of whose answers are others. */
async function storeWith(others: Partial<Store>): Promise<Store> {
  const store = await openSqliteStore(':memory:')
  onTestFinished(() => store.close())
  await store.setFact(PIPELINES_FACT, [FLIGHTS])
  return Object.assign(store, others)
}

const timed = (latencies: readonly StoredLatency[]): Pick<Store, 'latencies'> => ({
  latencies: async (since = 0, until = Number.MAX_SAFE_INTEGER) =>
    latencies.filter(({ window }) => window >= since && window < until),
})

function latencyAt(
  window: number,
  values: readonly number[],
  thresholds: readonly number[] = [],
): StoredLatency {
  const hop = FLIGHTS.hops.find((h) => h.name === 'store')?.hop
  if (hop === undefined) throw new Error('no hop')
  const fromBirth = new Latencies(thresholds)
  for (const ms of values) fromBirth.record(ms)
  const [key, fromHop] = [hopKey(hop), new Latencies()]
  return { hop, key, origin: null, window, oneIn: 1, fromBirth, fromHop }
}

const readerOf = (store: Store, promises: readonly Promises[] = []): TelemetryReader =>
  new TelemetryReader({
    ...{ store, pipelines: [FLIGHTS], promises, clock: () => NOW, onTrouble: () => {} },
    assess: (since, now) => assessStore(store, since, now),
  })

const fullOf = async (reader: TelemetryReader, isLast = false): Promise<number> => {
  const { latencies } = await reader.snapshot(isLast)
  return latencies.reduce((n, l) => n + l.count, 0)
}

it('sums up the latencies of settled windows once, whoever tells of them however often', async () => {
  const store = await storeWith(
    timed([latencyAt(START, [10, 20]), latencyAt(START + 60_000, [30])]),
  )
  const first = verdict('enriched → store')
  const second = verdict('enriched → store', { w: 1 })
  const open = { ...second, state: 'open' } as const
  await store.saveVerdicts([first, open], NOW)
  const reader = readerOf(store)
  reader.judged([first, first, open])
  expect(await fullOf(reader)).toBe(2)
  reader.judged([first])
  expect(await fullOf(reader)).toBe(2)
  // Settled and stored, and killed before anybody summed it up: the next one does.
  await store.saveVerdicts([second], NOW)
  const next = readerOf(store)
  expect(await fullOf(next)).toBe(3)
  expect(await fullOf(next, true)).toBe(3)
  expect(await fullOf(readerOf(store))).toBe(3)
})

it('counts what came late once, whoever tells of it, and takes nothing back', async () => {
  const latencies = [latencyAt(START, [10, 20, 900], [15])]
  const store = await storeWith(timed(latencies))
  const timely = objective({ id: 'timely', indicator: 'timeliness', thresholdMs: 15 })
  const lateOf = async (reader: TelemetryReader): Promise<number> => {
    const { samples } = await reader.snapshot()
    const late = samples.filter((s) => s.metric === 'quipu.messages.late')
    expect(late.map((s) => s.attributes['quipu.edge.to'])).toEqual(['store'])
    return late.reduce((n, s) => n + s.value, 0)
  }
  const next = (): TelemetryReader => readerOf(store, [promisesOf([timely])])
  const first = verdict('enriched → store', { counts: { expected: 3, delivered: 3 } })
  const reader = next()
  expect(await lateOf(reader)).toBe(0)
  await store.saveVerdicts([first], NOW)
  reader.judged([first])
  expect(await lateOf(reader)).toBe(2)
  reader.judged([first, first])
  expect(await lateOf(reader)).toBe(2)
  // Another auditor of the same store, after this one was killed.
  expect(await lateOf(next())).toBe(2)
  // One more has come; then one of them turns out to be a copy.
  latencies[0] = latencyAt(START, [10, 20, 900, 901], [15])
  const revised = { ...first, state: 'revised', revision: 1 } as const
  await store.saveVerdicts([revised], NOW)
  reader.judged([revised])
  expect(await lateOf(reader)).toBe(3)
  const copied = { ...revised, revision: 2, counts: { ...first.counts, duplicated: 1 } }
  await store.saveVerdicts([copied], NOW)
  reader.judged([copied])
  expect([await lateOf(reader), await lateOf(next())]).toEqual([3, 3])
})

it('calls no copy late that an edge further up has not told of yet', async () => {
  const store = await storeWith(timed([latencyAt(START, [10, 20, 900, 901], [15])]))
  const timely = objective({ id: 'timely', indicator: 'timeliness', thresholdMs: 15 })
  const reader = readerOf(store, [promisesOf([timely])])
  const lateOf = async (): Promise<number> =>
    (await reader.snapshot()).samples
      .filter((s) => s.metric === 'quipu.messages.late')
      .reduce((n, s) => n + s.value, 0)
  const above = verdict('checkin → flights', { counts: { expected: 3, delivered: 3 } })
  const last = verdict('enriched → store', { counts: { expected: 4, delivered: 4 } })
  await store.saveVerdicts([{ ...above, state: 'open' }, last], NOW)
  reader.judged([last])
  expect(await lateOf()).toBe(0)
  const settled = { ...above, counts: { ...above.counts, duplicated: 1 } }
  await store.saveVerdicts([settled], NOW)
  reader.judged([settled])
  expect(await lateOf()).toBe(2)
})

it('gives a busy store again what it did not take', async () => {
  const list = [latencyAt(START, [10, 20]), latencyAt(START + 60_000, [30])]
  const store = await storeWith(timed(list))
  const reader = readerOf(store)
  reader.judged([verdict('enriched → store'), verdict('enriched → store', { w: 1 })])
  const { addToTotals } = store
  store.addToTotals = () => Promise.reject(new Error('busy'))
  await expect(reader.snapshot()).rejects.toThrow('busy')
  store.addToTotals = addToTotals
  const { latencies } = store
  store.latencies = (since, until) =>
    since === START ? latencies(since, until) : Promise.reject(new Error('locked'))
  await expect(reader.snapshot()).rejects.toThrow('locked')
  store.latencies = latencies
  expect([await fullOf(reader), await fullOf(reader)]).toEqual([3, 3])
})

it('reads a bounded number of windows for one snapshot', async () => {
  const windows = Array.from({ length: 120 }, (_, w) => w - 500)
  const store = await storeWith(timed(windows.map((w) => latencyAt(START + w * 60_000, [10]))))
  const reader = readerOf(store)
  reader.judged(windows.map((w) => verdict('enriched → store', { w })))
  expect([await fullOf(reader), await fullOf(reader), await fullOf(reader)]).toEqual([50, 100, 120])
})

it('is not there where nobody asks, and says where it listens', async () => {
  const store = await storeWith({})
  const told: string[] = []
  const talk = (line: string): void => void told.push(line)
  const options = {
    ...{ store, path: '', pipelines: [FLIGHTS], promises: [], env: {}, talk, onTrouble: talk },
    assess: async () => ({ objectives: [], sums: [], tookMs: 0 }),
  }
  expect(await Telemetry.open({ ...options, listen: null })).toBeNull()
  const telemetry = await Telemetry.open({ ...options, listen: { host: '127.0.0.1', port: 0 } })
  if (telemetry === null) throw new Error('nothing listens')
  const [, address = ''] = /http:\/\/(127\.0\.0\.1:\d+)\/metrics/.exec(told[0] ?? '') ?? []
  const statusOf = async (path: string): Promise<number> =>
    (await fetch(`http://${address}/${path}`)).status
  expect([await statusOf('healthz'), await statusOf('metrics')]).toEqual([200, 503])
  await telemetry.turn({ isCaughtUp: true, seenUntil: Date.now(), storedAt: Date.now() })
  expect([await statusOf('readyz'), await statusOf('metrics')]).toEqual([200, 200])
  // Of others the trouble is told, and they are left alone.
  const port = Number(address.split(':')[1])
  await expect(
    Telemetry.open({ ...options, listen: { host: '127.0.0.1', port } }),
  ).rejects.toMatchObject({ code: 'CONNECTION', message: expect.stringContaining('EADDRINUSE') })
  await telemetry.close()
  expect(told).toHaveLength(1)
  const open = await Telemetry.open({ ...options, listen: { host: '0.0.0.0', port: 0 } })
  await open?.close()
  expect(told.at(-1)).toContain('warning: whoever can reach 0.0.0.0 can read them')
})

it('goes on where the store cannot be read', async () => {
  const store = await storeWith({ totals: () => Promise.reject(new Error('disk full')) })
  const told: string[] = []
  const telemetry = await Telemetry.open({
    ...{ store, pipelines: [FLIGHTS], promises: [], env: {}, talk: () => {} },
    ...{ path: '', listen: { host: '127.0.0.1', port: 0 }, onTrouble: (text) => told.push(text) },
    assess: () => Promise.reject(new Error('no thread')),
  })
  await telemetry?.turn({ isCaughtUp: true, seenUntil: null, storedAt: null })
  await telemetry?.close()
  expect(told).toEqual([
    ...['metrics of objectives: no thread', 'metrics: disk full'],
    ...['metrics of objectives: no thread', 'metrics: disk full'],
  ])
})

it('looks again at once when its clock was ahead, and is set back', async () => {
  let [now, taken, assessed] = [NOW, 0, 0]
  const store = await storeWith({})
  const telemetry = await Telemetry.open({
    ...{ path: '', pipelines: [FLIGHTS], promises: [], env: {}, talk: () => {} },
    ...{ listen: { host: '127.0.0.1', port: 0 }, clock: () => now, onTrouble: () => {} },
    store: Object.assign(store, {
      mishaps: async () => {
        taken++
        return []
      },
    }),
    assess: async () => {
      assessed++
      return { objectives: [], sums: [], tookMs: 0 }
    },
  })
  onTestFinished(() => telemetry?.close())
  const turn = (at: number): Promise<void> | undefined => {
    now = at
    return telemetry?.turn({ isCaughtUp: true, seenUntil: now, storedAt: now })
  }
  await turn(NOW + 1e9)
  await turn(NOW + 1e9 + 1)
  expect([taken, assessed]).toEqual([1, 1])
  await turn(NOW)
  expect([taken, assessed]).toEqual([2, 2])
})
