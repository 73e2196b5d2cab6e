/** What journals and logs say, and what a dead process can no longer tell. */
import { describe, expect, it } from 'vitest'
import type { GameDay } from '../../src/cli/gameday/day.ts'
import type { Entry } from '../../src/cli/gameday/kafka-entry.ts'
import type { Logged } from '../../src/cli/gameday/kafka-log.ts'
import { truthOf } from '../../src/cli/gameday/kafka-truth.ts'
import type { Truth } from '../../src/cli/gameday/truth.ts'
import { bytesOfWords, hexOfWords, type IdWords, wordsOfParts } from '../../src/message/id.ts'

const DAY: Pick<GameDay, 'hops'> = {
  hops: [
    { kind: 'producer', name: 'shop', service: 'shop', topic: 't1' },
    { kind: 'topic', name: 't1', topic: 't1', partitions: 1, isDeadLetter: false },
    {
      ...{ kind: 'group', name: 'g2', service: 'g2-service', topic: 't1', group: 'g2-group' },
      ...{ isBatch: false, outputs: [], deadLetter: null, again: null, filter: null, sink: null },
    },
  ],
}
const BEGIN = 1_795_000_000_000
const FLUSH_MS = 500

const wordsOf = (birth: number): IdWords =>
  wordsOfParts({ birth: BEGIN + birth, version: 7, tag: 1, sequence: birth, ordinal: 0 })
const idOf = (birth: number): string => hexOfWords(wordsOf(birth))
const born = (at: number): Entry => ({ kind: 'born', at: BEGIN + at, skewMs: 0 })
const tried = (n: number): Entry => ({ kind: 'tried', at: BEGIN + n, id: idOf(n) })
const passed = (hop: string, n: number, at: number, offset?: number): Entry => {
  const place = offset === undefined ? {} : { partition: 0, offset }
  return { kind: 'passed', hop, passing: { id: idOf(n), value: `${n}`, at: BEGIN + at, ...place } }
}
const told = (number: number, at: number): Entry => ({ kind: 'told', number, at: BEGIN + at })
const dying = (at: number): Entry => ({ kind: 'dying', at: BEGIN + at })

function truth(
  journals: Readonly<Record<string, readonly Entry[]>>,
  log: readonly number[],
): Truth {
  const logged = log.map(
    (n, offset) =>
      ({
        partition: 0,
        message: {
          ...{ key: null, value: Buffer.from(`${n}`), attributes: 0, offset: String(offset) },
          ...{ timestamp: String(BEGIN + n), headers: { quipu: bytesOfWords(wordsOf(n)) } },
        },
      }) as Logged,
  )
  return truthOf({
    day: DAY as GameDay,
    prefix: 'p.',
    flushMs: FLUSH_MS,
    journals: new Map(Object.entries(journals)),
    logs: new Map([['p.t1', logged]]),
  })
}

const bornIn = ({ destroyed }: Truth, hop: string): readonly (readonly number[])[] =>
  [...new Set(destroyed.filter((d) => d.hop === hop).map((d) => `${d.bornFrom} ${d.bornTo}`))].map(
    (span) => span.split(' ').map((ms) => Number(ms) - BEGIN),
  )

describe('the truth of a day on brokers', () => {
  it('is what the journals and the log say', () => {
    const {
      passed: by,
      refused,
      destroyed,
    } = truth(
      {
        shop: [born(0), tried(1), passed('shop', 1, 2), tried(3), { kind: 'refused', id: idOf(3) }],
        'g2-service': [born(0), passed('g2', 1, 5, 0)],
      },
      [1],
    )
    const ids = [...by].map(([hop, list]) => [hop, list.map(({ id }) => id)])
    expect(ids).toEqual([
      ['t1', [idOf(1)]],
      ['shop', [idOf(1)]],
      ['g2', [idOf(1)]],
    ])
    expect([...refused]).toEqual([idOf(3)])
    expect(destroyed).toEqual([])
  })

  it('knows whose place nobody told, at all that read the topic', () => {
    const entry: Entry = { kind: 'unplaced', topic: 't1', id: idOf(1) }
    const { unplaced } = truth({ shop: [born(0), tried(1), entry] }, [1])
    expect([...unplaced]).toEqual([
      ['t1', new Set([idOf(1)])],
      ['g2', new Set([idOf(1)])],
    ])
  })

  it('a dead producer cannot tell of what was refused after its last frame', () => {
    const entries = [born(0), told(0, 10), tried(20), { kind: 'refused', id: idOf(20) } as const]
    expect(bornIn(truth({ shop: [...entries, dying(30)] }, []), 'shop')).toContainEqual([20, 20])
  })

  it('a dead producer never learned what became of its last send', () => {
    const outcome = truth(
      { shop: [born(0), tried(1), passed('shop', 1, 2), tried(3), dying(4)] },
      [1],
    )
    expect([...outcome.refused]).toEqual([idOf(3)])
  })

  it('a dead producer cannot tell of what followed its last frame, until its silence is believed', () => {
    const entries = [born(0), tried(1), passed('shop', 1, 2), told(0, 10)]
    const outcome = truth({ shop: [...entries, tried(20), passed('shop', 20, 21), dying(30)] }, [1])
    expect(bornIn(outcome, 'shop')).toEqual([
      [10, 30 + 3 * FLUSH_MS],
      [20, 20],
    ])
  })

  it('a frame tells of nothing where one before it is missing', () => {
    const entries = [born(0), told(0, 10), tried(20), passed('shop', 20, 21), told(2, 30)]
    expect(bornIn(truth({ shop: [...entries, dying(40)] }, [20]), 'shop')).toContainEqual([20, 20])
  })

  it('a dead group may have handled all that lay before it', () => {
    const [asked, end] = [5_000, 5_000 + 10 * FLUSH_MS]
    const long = passed('g2', 1, 5, 0)
    const late = passed('g2', end - asked, end - asked, 1)
    const entries = [born(0), long, late, told(0, end), dying(end + 20)]
    const outcome = truth({ 'g2-service': entries }, [1, end - asked, end + 10])
    expect(bornIn(outcome, 'g2')).toEqual([
      [end, end + 20 + 3 * FLUSH_MS],
      // It had told of that, but what it had committed nobody had asked for since.
      [end - asked, end - asked],
      [end + 10, end + 10],
    ])
  })

  it('a lost frame tells of no births and no offsets', () => {
    const entry: Entry = {
      kind: 'lost',
      born: [[BEGIN, BEGIN + 99]],
      covered: [{ topic: 't1', partition: 0, from: 4, to: 7 }],
    }
    const { destroyed } = truth({ 'g2-service': [born(0), entry] }, [1])
    expect(destroyed).toMatchObject([
      { hop: 'g2', bornFrom: BEGIN, bornTo: BEGIN + 99 },
      { hop: 'g2', partition: 0, from: 4, to: 7 },
    ])
  })

  it('a group whose goodbye was lost may have handled again what it had not committed for long', () => {
    const [asked, end] = [5_000, 5_000 + 10 * FLUSH_MS]
    const entries = [
      ...[born(0), passed('g2', 1, 5, 0), passed('g2', end - asked, end - asked, 1), told(0, end)],
    ]
    const lost: Entry = { kind: 'lost', born: [], covered: [], silentAt: BEGIN + end + 20 }
    const log = [1, end - asked, end + 10]
    const outcome = truth({ 'g2-service': [...entries, lost] }, log)
    expect(bornIn(outcome, 'g2')).toEqual([
      [end - asked, end - asked],
      [end + 10, end + 10],
    ])
    // Of another frame that is lost nothing of the kind follows.
    const { silentAt, ...other } = lost
    expect(bornIn(truth({ 'g2-service': [...entries, other] }, log), 'g2')).toEqual([])
  })

  it('nobody knows anything of births that nobody believes', () => {
    const hour = 3_600_000
    const outcome = truth({ shop: [born(0), tried(hour), passed('shop', hour, 1)] }, [])
    for (const hop of ['shop', 't1', 'g2']) expect(bornIn(outcome, hop)).toEqual([[hour, hour]])
  })
})
