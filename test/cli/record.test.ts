/** A recorded run says what its store says, anywhere; what is no run is refused by its line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCode } from '../../reports/ci/exit-code.ts'
import { outcomesOf } from '../../reports/ci/outcome.ts'
import { readReport } from '../../src/cli/report-reader.ts'
import { recordRun } from '../../src/cli/run-file.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { hopKey } from '../../src/hop/hop.ts'
import type { Report } from '../../src/objective/report.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { PIPELINES_FACT, PROMISES_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { badRun, FLIGHTS, NOW, START } from '../reports/build.ts'
import { checkin, deltaOf, flights, frameOf, instanceOf, WINDOW_MS } from '../store/frames.ts'
import { shapeDelta } from '../store/shapes.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { quipu } from '../support/quipu.ts'
import { lookedAt } from './looked.ts'

const YAML = `version: 1
pipelines:
  flights:
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
      - { from: enrich, to: [enriched, dlq] }
      - { from: enriched, to: store }
    objectives:
      no-loss: { indicator: completeness, scope: { edge: flights..enrich }, target: 99%, period: 30d }
      on-time:
        { indicator: timeliness, scope: { edge: flights..enrich }, threshold: 5s, target: 50%, period: 30d }
`

let dir = ''
let store = ''
let run = ''
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-record-'))
  store = join(dir, 'quipu.db')
  run = join(dir, 'run.ndjson')
  writeFileSync(join(dir, 'quipu.yaml'), YAML)
  const parsed = parseConfig(YAML, 'quipu.yaml', {})
  if (!parsed.ok) throw new Error(parsed.issues[0]?.message)
  const db = await openSqliteStore(store)
  await db.setFact(PIPELINES_FACT, [lookedAt()])
  await db.setFact(PROMISES_FACT, parsed.config.promises)
  const latencies = new Latencies([5_000])
  for (const ms of [10, 200, 6_000]) latencies.record(ms)
  const bytes = latencies.toBytes()
  const deltas = FLIGHTS.hops.map(({ hop }) =>
    deltaOf(hop, START, [1, 2, 3], { birthLatency: bytes, hopLatency: bytes }),
  )
  const odd = { declared: '00112233aabbccdd', isOdd: true }
  const shapes = [checkin, flights].flatMap((hop) => [
    shapeDelta(hop, START, [1, 2, 3]),
    shapeDelta(hop, START + WINDOW_MS, [4, 5], odd),
  ])
  await db.fold([frameOf(0, { deltas, shapes, sentAt: NOW, client: 'checkin/1.4.2' })], {}, NOW)
  await db.saveVerdicts(badRun(), NOW)
  const lines: string[] = []
  for await (const line of recordRun(db, {}, NOW)) lines.push(line)
  await db.close()
  writeFileSync(run, lines.join(''))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** All but the time at which it was made, and what goes by that. */
function essence({ at: _, coverage: __, ...report }: Report): unknown {
  const objectives = report.objectives.map(({ period: ___, ...of }) => of)
  return JSON.parse(JSON.stringify({ ...report, objectives }))
}

it('a recorded run says what its store says, and the same every time', async () => {
  const [first, again] = [
    (await readReport({ store: '', fixture: run })).report,
    (await readReport({ store: '', fixture: run })).report,
  ]
  expect(again).toEqual(first)
  expect(first.at).toBe(new Date(NOW).toISOString())
  expect(first.objectives.map((o) => [o.objective.id, o.verdict])).toEqual([
    ['no-loss', 'met'],
    ['on-time', expect.any(String)],
  ])
  const edge = first.pipelines[0]?.edges[1]
  expect(edge?.latency?.fromHop).toMatchObject({ count: 3, maxMs: 6_000 })
  const { report } = await readReport({ store })
  const now = essence(report) as Report
  const then = essence(first) as Report
  expect(then.pipelines).toEqual(now.pipelines)
  expect(then.strips).toEqual(now.strips)
  expect(then.incidents).toEqual(now.incidents)
})

it('a recorded run says what drifted, as its store does', async () => {
  const own = (await readReport({ store })).report.drift
  const [found, ...others] = own.findings
  expect(others).toEqual([])
  expect(found).toMatchObject({
    ...{ code: 'type_changed', path: '/delay', hop: 'checkin', hops: ['checkin', 'flights'] },
    ...{ since: new Date(START + WINDOW_MS).toISOString(), count: 2, of: 2 },
    producers: [{ instance: instanceOf(1), client: 'checkin/1.4.2', count: 2 }],
  })
  const told = (await readReport({ store: '', fixture: run })).report.drift
  expect(told).toEqual(own)
  // What was over by then is not shown, nor what shows at no end of the edge that is asked for.
  const since = START + 2 * WINDOW_MS
  for (const from of [{ store: '', fixture: run }, { store }]) {
    expect((await readReport({ ...from, since })).report.drift.findings).toEqual([])
    const at = async (edge: string) =>
      (await readReport({ ...from, edge })).report.drift.findings.length
    expect([await at('checkin → flights'), await at('enriched → store')]).toEqual([1, 0])
  }
})

it('a run of an earlier version holds no drift, and is read', async () => {
  const path = join(dir, 'older.ndjson')
  const lines = readFileSync(run, 'utf8')
    .replace('quipu.run/v2', 'quipu.run/v1')
    .split('\n')
    .filter((line) => !line.startsWith('{"drift":'))
  writeFileSync(path, lines.join('\n').replace(/,"drift":\d+\}\}/, '}}'))
  const { report } = await readReport({ store: '', fixture: path })
  expect(report.drift.findings).toEqual([])
  expect(report.pipelines[0]?.edges).toHaveLength(4)
})

it('a pipeline that was named and never audited has no data, however well others are', async () => {
  const config = join(dir, 'other.yaml')
  writeFileSync(config, YAML.replace('\n  flights:\n', '\n  orders:\n'))
  for (const from of [{ store: '', fixture: run }, { store }]) {
    const { report } = await readReport({ ...from, config })
    const states = outcomesOf(report).map(({ of, pipeline, state }) => [of, pipeline, state])
    expect(states).toContainEqual(['edge', 'flights', 'breached'])
    expect(states.filter(([, pipeline]) => pipeline === 'orders')).toEqual([
      ['objective', 'orders', 'no_data'],
      ['objective', 'orders', 'no_data'],
    ])
    const { report: asked } = await readReport({ ...from, config, pipeline: 'orders' })
    expect(checkCode(outcomesOf(asked))).toBe(3)
  }
})

it('says since when it was recorded, and takes a count that it does not know for none', async () => {
  const since = NOW - 60_000
  const path = join(dir, 'since.ndjson')
  const [head = '', ...rest] = readFileSync(run, 'utf8').split('\n')
  const told = JSON.stringify({ ...JSON.parse(head), since: new Date(since).toISOString() })
  writeFileSync(path, [told, ...rest].join('\n').replaceAll('"recovered":0,', ''))
  const of = async (asked?: number) => {
    const { report } = await readReport({
      ...{ store: '', fixture: path },
      ...(asked === undefined ? {} : { since: asked }),
    })
    return report.since === null ? null : Date.parse(report.since)
  }
  expect([await of(), await of(since - 1), await of(since + 1)]).toEqual([since, since, since + 1])
})

describe('the commands', () => {
  it('record, check and report by it', { timeout: 60_000 }, async () => {
    const out = join(dir, 'again.ndjson')
    const recorded = await quipu(['record', '--store', store, '-o', out])
    expect([recorded.code, recorded.stdout]).toEqual([0, ''])
    const check = await quipu(['check', '--fixture', run, '--config', join(dir, 'quipu.yaml')])
    expect(check.stdout).toContain('no-loss')
    const checked = await quipu(['check', '--fixture', run, '--json'])
    expect(errorsOf('check', JSON.parse(checked.stdout))).toEqual([])
    const losses = await quipu(['losses', '--store', store, '--json'])
    expect(JSON.parse(losses.stdout).losses.length).toBeGreaterThan(0)
    expect(errorsOf('losses', JSON.parse(losses.stdout))).toEqual([])
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
    expect(lines.length).toBe(readFileSync(run, 'utf8').trimEnd().split('\n').length)

    const [html, json] = [join(dir, 'r.html'), join(dir, 'r.json')]
    const formats = ['--format', `html=${html}`, '--format', `json=${json}`, '--format', 'csv']
    const report = await quipu(['report', '--fixture', run, ...formats])
    expect(report.code, report.stderr).toBe(0)
    expect(report.stdout.split('\n')[0]).toContain('id')
    expect(readFileSync(html, 'utf8').slice(0, 15)).toBe('<!doctype html>')
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ schema: 'quipu.report/v1' })
  })

  it('fail only where it is worse than in the baseline', { timeout: 60_000 }, async () => {
    const base = join(dir, 'base.json')
    // Judged by edges: the transformation is breached.
    const bare = join(dir, 'bare.ndjson')
    const [head = '', ...rest] = readFileSync(run, 'utf8').split('\n')
    writeFileSync(bare, [JSON.stringify({ ...JSON.parse(head), promises: [] }), ...rest].join('\n'))
    const before = await quipu(['check', '--fixture', bare, '--format', `json=${base}`])
    expect(before.code, before.stderr).toBe(1)
    const after = await quipu(['check', '--fixture', bare, '--baseline', base])
    expect([after.code, after.stdout.trimEnd().split('\n').at(-1)]).toEqual([
      0,
      'Nothing is worse than in the baseline.',
    ])
    writeFileSync(base, '{}')
    const none = await quipu(['check', '--fixture', bare, '--baseline', base])
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no check of the schema')])
  })
})

describe('what is no run is refused, by its line', () => {
  const key = hopKey(
    FLIGHTS.hops[1]?.hop ?? { role: 'topic', cluster: '', topic: '', group: '', name: '' },
  )
  it.each<[string, (lines: string[]) => string[], string]>([
    ['nothing', () => [], 'line 0: expected a run of the schema quipu.run/v2, got nothing'],
    ['another schema', () => ['{"schema":"other"}'], 'line 1: expected a run of the schema'],
    ['no JSON', ([head = '']) => [head, '{"verdict":'], 'line 2: expected JSON'],
    [
      'half a line',
      ([head = '', second = '']) => [head, second.slice(0, 40)],
      'line 2: expected JSON',
    ],
    [
      'something else',
      ([head = '']) => [head, '{"finding":{}}'],
      'line 2: expected a verdict, a latency or drift',
    ],
    [
      'a verdict that is none',
      ([head = '', second = '']) => [head, second.replace('"met"', '"splendid"')],
      'line 2: expected a verdict, a latency or drift',
    ],
    // What is missing may be the loss.
    ['one without its end', (lines) => lines.slice(0, -1), 'the end of the run is missing'],
    [
      'one of which a line was taken',
      ([head = '', _, ...rest]) => [head, ...rest],
      'got 11 verdicts',
    ],
    [
      'one that goes on after its end',
      (lines) => [...lines, lines[1] ?? ''],
      'expected nothing after the end',
    ],
    [
      'a promise that is none',
      ([head = '', ...rest]) => [head.replace('"kind":"rolling"', '"kind":"eternal"'), ...rest],
      'line 1: expected a run of the schema quipu.run/v2: promises.0.objectives.0.period',
    ],
    [
      'a count that is none',
      ([head = '', second = '', ...rest]) => [
        head,
        second.replace(/"delivered":\d+/, '"delivered":"all"'),
        ...rest,
      ],
      'line 2: expected a verdict, a latency or drift: verdict.counts.delivered: ',
    ],
    [
      'a finding that nobody knows',
      (lines) => lines.map((line) => line.replace('"code":"lost"', '"code":"mislaid"')),
      'expected a verdict, a latency or drift: verdict.findings.0.code: ',
    ],
    [
      'drift that nobody knows',
      (lines) => lines.map((line) => line.replace('"type_changed"', '"type_stolen"')),
      'expected a verdict, a latency or drift: drift.findings.0.code: ',
    ],
    [
      'one of which the drift was taken',
      (lines) => lines.filter((line) => !line.startsWith('{"drift":')),
      'got 12 verdicts, 6 latencies and drift of 0 pipelines',
    ],
    [
      'latencies that are none',
      ([head = '']) => [
        head,
        JSON.stringify({
          latency: {
            key,
            origin: null,
            window: START,
            oneIn: 1,
            fromBirth: 'AAAA',
            fromHop: 'AAAA',
          },
        }),
      ],
      'line 2: expected latencies',
    ],
  ])('%s', async (_, change, expected) => {
    const path = join(dir, 'wrong.ndjson')
    writeFileSync(path, change(readFileSync(run, 'utf8').trimEnd().split('\n')).join('\n'))
    await expect(readReport({ store: '', fixture: path })).rejects.toThrow(expected)
  })

  it('a file that is not there', async () => {
    const path = join(dir, 'absent.ndjson')
    await expect(readReport({ store: '', fixture: path })).rejects.toThrow('cannot read the run')
  })
})
