/** `quipu explain` over stores made here, with a log beside them and without. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Explained, renderExplained, renderExplainedMarkdown } from '../../reports/explain.ts'
import { jsonText } from '../../reports/json.ts'
import { explainedOf } from '../../src/cli/explain-reader.ts'
import { withStore } from '../../src/cli/store-reader.ts'
import { uuidOfHex } from '../../src/message/id.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { LogReader } from '../../src/transport/log.ts'
import { FLIGHTS, finding } from '../reports/build.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { EDGE, flightsLog, INCIDENT, lostIn, makeStore, startOf, thrown } from './explain-store.ts'

let dir = ''
const path = (name: string): string => join(dir, name)

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-explain-'))
  await makeStore(path('over.db'))
  await makeStore(path('open.db'), { over: false })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Ask {
  readonly store?: string
  readonly target?: string
  readonly log?: LogReader
}

function explain({ store = 'open.db', target, log }: Ask = {}): Promise<Explained> {
  const readers = new Map(log === undefined ? [] : [['default', log]])
  return withStore(path(store), (of) =>
    explainedOf(of, {
      ...{ target, store: './quipu.db', now: startOf(12) },
      logs:
        log === undefined
          ? null
          : async () => ({
              ...{ readers, why: [], lacking: new Map() },
              close: async () => {},
            }),
    }),
  )
}

const significant = ({ concentration }: Explained): string[] =>
  concentration
    .filter((row) => row.significant)
    .map(({ dimension, value }) => `${dimension} ${value}`)
    .sort()

describe('what is asked about', () => {
  test('is the newest open incident, where nothing is named', async () => {
    const explained = await explain()
    expect(explained.subject).toMatchObject({
      ...{ kind: 'incident', incident: INCIDENT, edge: EDGE, open: true, standing: 'breached' },
      ...{ start: new Date(startOf(4)).toISOString(), end: new Date(startOf(7)).toISOString() },
      hops: ['enrich', 'enriched', 'dlq', 'store'],
    })
    expect(explained.subject?.summary.counts).toMatchObject({ expected: 1_200, lost: 18 })
    expect(explained.exitCode).toBe(1)
  })

  test('is nothing, where the last one is over; it says how to ask for that', async () => {
    const explained = await explain({ store: 'over.db' })
    expect(explained).toMatchObject({ subject: null, exitCode: 0 })
    const command = `quipu explain '${INCIDENT}'`
    expect(explained.next.map((step) => step.command)).toEqual([command])
    // As it is: on a line of its own, however long.
    expect(renderExplained(explained).split('\n')).toContain(`    ${command}`)
    expect(renderExplainedMarkdown(explained)).toContain(`: \`${command}\`\n`)
    expect(errorsOf('explain', JSON.parse(jsonText(explained)))).toEqual([])
  })

  test.each([
    ['its id', INCIDENT],
    ['its id, typed with an arrow', INCIDENT.replace('→', '->')],
    ['its edge', EDGE],
    ['its edge, typed with an arrow', 'flights -> enrich'],
  ])('is an incident by %s', async (_, target) => {
    const { subject, exitCode } = await explain({ store: 'over.db', target })
    expect(subject).toMatchObject({ kind: 'incident', incident: INCIDENT, open: false })
    expect(exitCode).toBe(1)
  })

  test('is one window, by any instant in it', async () => {
    const at = new Date(startOf(5) + 30_000).toISOString()
    const { subject } = await explain({ target: `flights -> enrich@${at}` })
    expect(subject).toMatchObject({
      ...{ kind: 'window', incident: INCIDENT, start: new Date(startOf(5)).toISOString() },
    })
    expect(subject?.summary.counts.lost).toBe(6)
  })

  test('is fine, where that window was met', async () => {
    const at = new Date(startOf(2)).toISOString()
    const explained = await explain({ target: `${EDGE}@${at}` })
    expect(explained).toMatchObject({ exitCode: 0, concentration: [], causes: [] })
    expect(explained.subject?.incident).toBeNull()
    expect(explained.headline).toBe(`${EDGE}: nothing is wrong`)
  })

  test('is an edge that has no incident', async () => {
    const explained = await explain({ target: 'checkin -> flights' })
    expect(explained).toMatchObject({ exitCode: 0, subject: null })
    expect(explained.headline).toBe('There is no incident on checkin → flights.')
  })

  test('is one of two incidents, with nothing of the other', async () => {
    const findings = (w: number) =>
      w === 1 || w === 5
        ? [finding('lost', { w, edge: EDGE, ids: [{ id: lostIn(5)[w] ?? '', times: 1 }] })]
        : []
    await makeStore(path('two.db'), { findings })
    const ids = [1, 5].map((w) => INCIDENT.replace('01:04', `01:0${w}`))
    for (const target of [...ids, EDGE]) {
      const { subject } = await explain({ store: 'two.db', target })
      expect(subject?.incident).toBe(target === EDGE ? ids[1] : target)
      expect(subject?.summary.counts).toMatchObject({ expected: 400, lost: 1 })
    }
  })

  test.each([
    ['an edge that nobody knows', 'flights -> enrichh', /did you mean `flights → enrich`/i],
    ['an incident that never was', INCIDENT.replace('04', '03'), /no incident/],
    ['a window that is none', `${EDGE}@noon`, /expected flights → enrich@WINDOW, got `noon`/],
    ['a window that nobody judged', `${EDGE}@2020-01-01T00:00Z`, /no window of/],
  ])('is refused: %s', async (_, target, message) => {
    await expect(explain({ target })).rejects.toThrow(message)
  })

  test('cannot be said, where nothing was judged', async () => {
    const store = await openSqliteStore(path('empty.db'))
    await store.setFact('pipelines', [FLIGHTS])
    await store.close()
    expect(await explain({ store: 'empty.db' })).toMatchObject({ subject: null, exitCode: 3 })
  })

  test('cannot be said, where evidence was missing', async () => {
    const undetermined = (w: number) => [
      finding('undetermined', { w, edge: EDGE, count: 5, args: { why: ['a hole'] } }),
    ]
    const store = await openSqliteStore(path('dark.db'))
    await store.setFact('pipelines', [FLIGHTS])
    const { verdict } = await import('../reports/build.ts')
    await store.saveVerdicts(
      [verdict(EDGE, { w: 1, verdict: 'indeterminate', findings: undetermined(1) })],
      startOf(3),
    )
    await store.close()
    const explained = await explain({ store: 'dark.db' })
    expect(explained).toMatchObject({ exitCode: 3, subject: { standing: 'indeterminate' } })
  })
})

describe('where it concentrates', () => {
  test('the store alone names the instance, its host and its client, and nothing else', async () => {
    const explained = await explain()
    expect(significant(explained)).toEqual([
      'client checkin/1.1',
      'host host-2',
      'producer checkin on host-2 (00000000)',
    ])
    expect(explained.concentration[0]).toMatchObject({ bad: 18, badShare: 1, allShare: 0.5 })
    expect(explained.notLookedAt).toContain('the log: --no-log says so')
  })

  test('the log names the partition as well, and acquits the keys', async () => {
    const explained = await explain({ log: flightsLog() })
    expect(significant(explained)).toEqual([
      'client checkin/1.1',
      'host host-2',
      'partition 1',
      'producer checkin on host-2 (00000000)',
    ])
    const looked = explained.looked.find((l) => l.dimension === 'partition')
    expect(looked).toMatchObject({
      ...{ values: 4, bad: 18, badUnknown: 0, counted: 'all 1,200 messages of flights' },
    })
    // What was looked at and said nothing is told as well.
    expect(explained.looked.map((l) => l.dimension)).toContain('key_bucket')
  })

  test('the log names the producers, where nothing in the store tells of which tags it is', async () => {
    await makeStore(path('untold.db'), { over: false, witnessed: false })
    const names = (explained: Explained) => explained.looked.map((l) => l.dimension)
    expect(names(await explain({ store: 'untold.db' }))).toEqual([])
    const explained = await explain({ store: 'untold.db', log: flightsLog() })
    expect(significant(explained)).toEqual([
      'client checkin/1.1',
      'host host-2',
      'partition 1',
      'producer checkin on host-2 (00000000)',
    ])
    const looked = explained.looked.find((l) => l.dimension === 'host')
    expect(looked?.counted).toBe('all 1,200 messages of flights')
  })

  test.each([
    [
      'copies lie where the edge leads to: the log names their partition',
      'duplicated',
      ['partition 1'],
    ],
    ['what was lost before the log lies in no partition: that is said', 'lost', []],
  ] as const)('of a producer, %s', async (_, code, expected) => {
    const edge = 'checkin → flights'
    await makeStore(path(`${code}.db`), {
      over: false,
      findings: (w) =>
        [4, 5, 6].includes(w)
          ? [finding(code, { w, edge, ids: lostIn(w).map((id) => ({ id, times: 1 })) })]
          : [],
    })
    const explained = await explain({ store: `${code}.db`, log: flightsLog() })
    expect(significant(explained).filter((row) => row.startsWith('partition'))).toEqual(expected)
    const why = 'partition, schema and key: what never reached a log has none there'
    expect(explained.notLookedAt.includes(why)).toBe(code === 'lost')
  })

  test('a log that cannot be read is told, and takes nothing from the rest', async () => {
    const broken: LogReader = {
      ...flightsLog(),
      partitions: () => Promise.reject(new Error('no leader')),
      offsetsAt: () => Promise.reject(new Error('no leader')),
    }
    const explained = await explain({ log: broken })
    expect(significant(explained)).toHaveLength(3)
    expect(explained.notLookedAt).toContain('the log of flights could not be looked at: no leader')
  })

  test('bad messages without a name are told', async () => {
    await makeStore(path('unnamed.db'), {
      over: false,
      findings: (w) =>
        w === 5 ? [finding('lost', { w, edge: EDGE, count: 9, evidence: 'estimated' })] : [],
    })
    const explained = await explain({ store: 'unnamed.db', target: EDGE })
    expect(explained.concentration).toEqual([])
    expect(explained.notLookedAt).toContain('where 9 bad messages lie: they have no name')
  })
})

describe('why', () => {
  test('is one cause of all windows, where it is the same in each', async () => {
    await makeStore(path('thrown.db'), { over: false, mishaps: thrown })
    const { causes, subject } = await explain({ store: 'thrown.db' })
    expect(causes).toMatchObject([{ code: 'handler_threw', finding: 'lost', count: 18 }])
    expect(causes[0]?.ids.map(({ id }) => id)).toEqual(
      [4, 5, 6].flatMap((w) => lostIn(w)).map(uuidOfHex),
    )
    expect(subject?.summary.counts.lost).toBe(18)
  })

  test('is not known, and what was lacking is said once', async () => {
    const { causes } = await explain()
    expect(causes).toMatchObject([{ code: 'unknown', certainty: 'unknown', count: 18 }])
    expect(new Set(causes[0]?.lacking).size).toBe(causes[0]?.lacking.length)
    expect(causes[0]?.lacking).not.toEqual([])
  })

  test('counts sum to those of the findings, whatever was noted', async () => {
    await makeStore(path('some.db'), { over: false, mishaps: thrown.slice(0, 7) })
    const { causes } = await explain({ store: 'some.db' })
    expect(causes.map((cause) => cause.count)).toEqual([7, 11])
    expect(causes.map((cause) => cause.code)).toEqual(['handler_threw', 'unknown'])
  })
})

describe('what to do next', () => {
  test('names the ids, one way, and the repair', async () => {
    const { next } = await explain()
    const since = new Date(startOf(4)).toISOString()
    expect(next.map((step) => step.command)).toEqual([
      `quipu losses --edge '${EDGE}' --kind lost --since ${since}`,
      `quipu trace ${uuidOfHex(lostIn(4)[0] ?? '')}`,
      `quipu replay-list --edge '${EDGE}' --since ${since}`,
    ])
  })
})

describe('shown', () => {
  /** With a cause that no rule tells: what rules say is tested beside them. */
  const shown = async (): Promise<Explained> => ({
    ...(await explain({ log: flightsLog() })),
    causes: [
      {
        ...{
          code: 'consumer_skipped',
          rule: 'C7',
          finding: 'lost',
          count: 12,
          certainty: 'proven',
        },
        ...{ sentence: 'It went past them.', why: 'Proven.', next: 'Read them again.' },
        ...{ ids: [], proof: [], lacking: [] },
      },
      {
        ...{ code: 'unknown', rule: 'C14', finding: 'lost', count: 6, certainty: 'unknown' },
        ...{ sentence: 'Why is not known.', why: 'Not known; lacking: x.', next: null },
        ...{ ids: [], proof: [], lacking: ['x'] },
      },
    ],
  })

  test('as text it fits into 80 columns, but for commands that are to be copied', async () => {
    const text = renderExplained(await shown())
    const wide = text.split('\n').filter((line) => [...line].length > 80)
    expect(wide.filter((line) => !line.startsWith('    quipu '))).toEqual([])
    expect(text).toMatchSnapshot()
  })

  test('as Markdown', async () => {
    expect(renderExplainedMarkdown(await shown())).toMatchSnapshot()
  })

  test('a name that would move the cursor or break out of the ticket does not', async () => {
    const explained = await explain()
    const subject = { ...explained.subject, owner: { team: 'a\u001b[2Jb<script>' } }
    const hostile = { ...explained, subject } as Explained
    expect(renderExplained(hostile)).toContain('a\\u{1b}[2Jb')
    expect(renderExplainedMarkdown(hostile)).not.toContain('<script>')
  })

  test.each<[string, Ask]>([
    ['of an incident', {}],
    ['of one with a log', { log: flightsLog() }],
    ['of nothing', { store: 'over.db' }],
    ['of a window that was met', { target: `${EDGE}@${new Date(startOf(2)).toISOString()}` }],
  ])('as JSON %s, it is what its schema promises, and no more', async (_, ask) => {
    const printed = JSON.parse(jsonText(await explain(ask))) as Record<string, unknown>
    expect(errorsOf('explain', printed)).toEqual([])
    const { headline: _headline, ...missing } = printed
    for (const bad of [missing, { ...printed, more: 1 }, { ...printed, exitCode: 2 }])
      expect(errorsOf('explain', bad)).not.toEqual([])
  })
})
