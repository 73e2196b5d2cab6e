/** Why a message is truly missing, or there too often: one row for each thing that may be done to it. */
import { describe, expect, it } from 'vitest'
import { CauseTruth } from '../../src/cli/gameday/cause-truth.ts'
import { compareCauses } from '../../src/cli/gameday/compare-causes.ts'
import type {
  ClientFate,
  DrawnEdge,
  DrawnFault,
  Fate,
  GameDay,
  SendKind,
} from '../../src/cli/gameday/day.ts'
import { Ledger } from '../../src/cli/gameday/truth.ts'
import type { Cause } from '../../src/finding/cause.ts'

const BEGIN = 1_795_000_000_000
const WINDOW_MS = 60_000
const KEY = 'shop/0'
/** What every message says. */
const VALUE = `${KEY}#0`
const ID = `${BEGIN.toString(16).padStart(12, '0')}7000a000000000000400`

const edge = (from: string, to: string): DrawnEdge => ({
  ...{ name: `${from} → ${to}`, from: [from], to: [to], filter: [], preserve: false },
})
const EDGES = {
  produce: edge('shop', 't1'),
  consume: edge('t1', 'g2'),
  forward: edge('g2', 't3'),
}

interface Doing {
  /** What the group does to every message, and what the client below it and below the producer does. */
  readonly fate?: Fate
  readonly client?: ClientFate
  readonly kind?: SendKind
  readonly fault?: DrawnFault
  /** No offset was told. */
  readonly isUnplaced?: boolean
  readonly deletedTo?: number
  readonly dropped?: string
  /** ms after the begin: when the group handled it. */
  readonly handled?: readonly number[]
}

function truthOf(doing: Doing): { readonly day: GameDay; readonly truth: Ledger } {
  const { fate, client, kind = 'plain', fault, handled = [1_000] } = doing
  const clientRates = client === undefined ? {} : { [client]: 1 }
  const day: GameDay = {
    ...{ seed: 1, windows: 4, latenessWindows: 2, oneIn: 1, drift: null },
    hops: [
      { kind: 'producer', name: 'shop', service: 'shop', topic: 't1' },
      { kind: 'topic', name: 't1', topic: 't1', partitions: 1, isDeadLetter: false },
      {
        ...{ kind: 'group', name: 'g2', service: 'g2-service', topic: 't1', group: 'g2-group' },
        ...{ isBatch: false, outputs: ['t3'], deadLetter: null, again: null },
        ...{ filter: null, sink: null },
      },
      { kind: 'topic', name: 't3', topic: 't3', partitions: 1, isDeadLetter: false },
    ],
    edges: Object.values(EDGES),
    services: [
      { name: 'shop', skewWindows: 0, rates: {}, clientRates },
      {
        ...{ name: 'g2-service', skewWindows: 0, clientRates },
        rates: fate === undefined ? {} : { [fate]: 1 },
      },
    ],
    sends: [
      {
        ...{ service: 'shop', at: 0, first: 0, count: 1, kind },
        ...{ isShuffled: false, bornWindows: null },
      },
    ],
    faults: fault === undefined ? [] : [fault],
    path: { lost: 0, doubled: 0, delayed: 0, delayWindowsMax: 0 },
  }
  const truth = new Ledger()
  const passing = { id: ID, value: VALUE, at: BEGIN }
  const placed = { ...passing, partition: 0, offset: 4 }
  truth.pass('shop', passing)
  truth.pass('t1', placed)
  for (const ms of handled) truth.pass('g2', { ...placed, at: BEGIN + ms })
  if (doing.isUnplaced === true) truth.unplace('t1', ID)
  if (doing.deletedTo !== undefined) truth.delete('t1', 0, doing.deletedTo)
  if (doing.dropped !== undefined) truth.drop('g2', { ...placed, reason: doing.dropped })
  return { day, truth }
}

function causesOf(what: 'missing' | 'extra', where: keyof typeof EDGES, doing: Doing): string[] {
  const { day, truth } = truthOf(doing)
  const causes = new CauseTruth({
    day,
    truth,
    startsAt: BEGIN,
    brokersDie: true,
    windowMs: WINDOW_MS,
  })
  return [...causes[what](EDGES[where], ID)].sort()
}

const fault = (words: Partial<DrawnFault> & Pick<DrawnFault, 'kind'>): DrawnFault =>
  ({ service: 'g2-service', at: 0.5, downWindows: 0.5, messages: 2, ...words }) as DrawnFault
const late = [0, 45_000]

type Row = readonly [string, keyof typeof EDGES, Doing, readonly string[]]

describe('what is missing', () => {
  const rows: readonly Row[] = [
    ['at a topic, and nothing was done', 'produce', {}, []],
    ['without an answer', 'produce', { isUnplaced: true }, ['client_unacknowledged']],
    ['where no answer was asked for', 'produce', { isUnplaced: true, kind: 'acks0' }, []],
    ['at a group, and nothing was done', 'consume', {}, []],
    ['passed over', 'consume', { fault: fault({ kind: 'skip' }) }, ['consumer_skipped']],
    [
      'passed over after an attempt',
      'consume',
      { fate: 'retried', fault: fault({ kind: 'skip' }) },
      ['consumer_skipped', 'handler_threw'],
    ],
    [
      'passed over by another group',
      'consume',
      { fault: fault({ kind: 'skip', service: 'g9-service' }) },
      [],
    ],
    ['deleted unread', 'consume', { deletedTo: 5 }, ['deleted_unread', 'offset_reset']],
    ['not among what was deleted', 'consume', { deletedTo: 4 }, []],
    ['what no handler can take', 'consume', { fate: 'hopeless' }, ['handler_threw']],
    ['dropped without a word', 'forward', { fate: 'dropped' }, []],
    [
      'dropped for a reason that nobody declared',
      'forward',
      { fate: 'discarded', dropped: 'mistaken' },
      ['filtered_undeclared'],
    ],
    [
      'sent in a transaction that was aborted',
      'forward',
      { fate: 'withdrawn' },
      ['transaction_aborted'],
    ],
    ['refused', 'forward', { client: 'refused' }, ['send_rejected']],
    ['resolved and not written', 'forward', { client: 'unwritten' }, ['client_unacknowledged']],
    ['sent astray', 'forward', { fate: 'astray' }, ['dead_lettered']],
  ]
  it.each(rows)('%s (%s)', (_, where, doing, expected) => {
    expect(causesOf('missing', where, doing)).toEqual(expected)
  })
})

describe('what is there too often', () => {
  const rows: readonly Row[] = [
    ['and nothing was done', 'produce', {}, []],
    ['written twice', 'produce', { client: 'written-twice' }, ['client_retried']],
    ['handled twice, and nothing happened', 'consume', { handled: late }, []],
    [
      'handled before and after a jump back',
      'consume',
      { handled: late, fault: fault({ kind: 'replay' }) },
      ['range_replayed'],
    ],
    [
      'handled twice after a jump back',
      'consume',
      { handled: [200_000, 201_000], fault: fault({ kind: 'replay' }) },
      [],
    ],
    [
      'handled before and after a death',
      'consume',
      { handled: late, fault: fault({ kind: 'kill' }) },
      ['redelivered'],
    ],
    [
      'handled twice while a member that seemed dead was away',
      'consume',
      { handled: [200_000, 201_000], fault: fault({ kind: 'lag', downWindows: 3 }) },
      ['redelivered'],
    ],
    ['where attempts fail', 'consume', { fate: 'retried' }, ['redelivered']],
    ['where the code gives up', 'consume', { fate: 'hopeless' }, ['redelivered']],
    ['sent on twice', 'forward', { fate: 'doubled' }, ['sent_again']],
    ['sent on by each of two attempts', 'forward', { fate: 'retried' }, ['redelivered']],
    ['sent on, and written twice', 'forward', { client: 'written-twice' }, ['client_retried']],
  ]
  it.each(rows)('%s (%s)', (_, where, doing, expected) => {
    expect(causesOf('extra', where, doing)).toEqual(expected)
  })
})

describe('a cause that is told', () => {
  const compared = (doing: Doing, words: Partial<Cause>) => {
    const { day, truth } = truthOf(doing)
    const wrong: string[][] = []
    const cause: Cause = {
      ...{ code: 'send_rejected', rule: 'C5', finding: 'lost', count: 1, certainty: 'proven' },
      ...{ ids: [{ id: ID, times: 1 }], proof: [{ name: 'sends', args: {} }], lacking: [] },
      ...words,
    }
    const why = [{ edge: EDGES.forward.name, window: BEGIN, causes: [cause] }]
    const played = {
      truth,
      said: [],
      drift: null,
      why,
      startsAt: BEGIN,
      brokersDie: true,
      windowMs: WINDOW_MS,
    }
    const { right, unknown, matrix } = compareCauses(
      day,
      { ...played, evidenceAgeMs: 0 },
      (_, __, expected, found) => wrong.push([expected, found]),
    )
    return { right, unknown, wrong, matrix }
  }
  const REFUSED: Doing = { client: 'refused' }

  it('is right where it is what was done', () => {
    expect(compared(REFUSED, {})).toEqual({
      ...{ right: 1, unknown: 0, wrong: [] },
      matrix: [{ is: 'send_rejected', said: 'send_rejected', count: 1 }],
    })
  })

  it('is wrong where it is not', () => {
    expect(compared({ fate: 'dropped' }, {}).wrong).toEqual([
      [`unknown of ${ID}`, 'send_rejected (proven, C5, of lost)'],
    ])
  })

  const unknown: Partial<Cause> = { code: 'unknown', rule: 'C14', certainty: 'unknown' }
  it('may always be unknown, if it says what was lacking', () => {
    const told = compared(REFUSED, { ...unknown, lacking: ['the log was not searched'] })
    expect(told).toMatchObject({ right: 0, unknown: 1, wrong: [] })
    expect(compared(REFUSED, unknown).wrong).toEqual([
      ['what was lacking', 'unknown (unknown, C14, of lost)'],
    ])
  })

  it.each<readonly [string, Partial<Cause>, string]>([
    ['unknown and proven', { code: 'unknown' }, 'a cause that is not known to be called so'],
    ['known and unknown', { certainty: 'unknown' }, 'a cause that is not known to be called so'],
    ['proven, with something lacking', { lacking: ['x'] }, 'nothing lacking where it is proven'],
    ['proven by nothing', { proof: [] }, 'a proof'],
  ])('is wrong that is %s', (_, words, expected) => {
    expect(compared(REFUSED, words).wrong.map(([word]) => word)).toContain(expected)
  })
})
