/** What is drawn: the same for the same seed, a file that can be read, and nothing left out. */
import { describe, expect, it } from 'vitest'
import {
  clientFates,
  type DrawnHop,
  driftKinds,
  fates,
  type GameDay,
  isGroup,
  isProducer,
  sendKinds,
} from '../../src/cli/gameday/day.ts'
import { drawGameDay } from '../../src/cli/gameday/draw.ts'
import { pipelineFile } from '../../src/cli/gameday/pipeline-file.ts'
import { parseConfig } from '../../src/config/parse.ts'

/** The seeds of the gate. */
const days = Array.from({ length: 100 }, (_, i) => drawGameDay(i + 1))
const WINDOW_MS = 60_000

const some = (is: (day: GameDay) => boolean): boolean => days.some(is)
const hasHop = (is: (hop: DrawnHop) => boolean) => (day: GameDay) => day.hops.some(is)

/** What the pipeline file promises is no fault. */
const PROMISED: readonly string[] = ['filtered', 'dead-lettered', 'again']

function isCalm({ faults, path, services, drift }: GameDay): boolean {
  const share = path.lost + path.doubled + path.delayed
  const isWell = services.every(
    ({ rates, clientRates, skewWindows }) =>
      Object.keys(rates).every((fate) => PROMISED.includes(fate)) &&
      Object.keys(clientRates).length + Math.abs(skewWindows) === 0,
  )
  return isWell && faults.length + share === 0 && (drift?.kind ?? null) === null
}

describe('a drawn day', () => {
  it('is the same for the same seed', () => {
    expect(drawGameDay(7)).toEqual(drawGameDay(7))
    expect(drawGameDay(7)).not.toEqual(drawGameDay(8))
  })

  it('has three to eight hops, and a file whose edges are those that were drawn', () => {
    for (const day of days) {
      expect(day.hops.length).toBeGreaterThanOrEqual(3)
      expect(day.hops.length).toBeLessThanOrEqual(8)
      const parsed = parseConfig(pipelineFile(day, { windowMs: WINDOW_MS }), 'day.yaml', {})
      if (!parsed.ok) throw new Error(`seed ${day.seed}: ${parsed.issues[0]?.message}`)
      const names = parsed.config.pipelines[0]?.edges.map(({ name }) => name)
      expect(names).toEqual(day.edges.map(({ name }) => name))
    }
  })
})

describe('the seeds of the gate have', () => {
  it.each(fates)('messages that are %s in a service', (fate) => {
    expect(some(({ services }) => services.some(({ rates }) => (rates[fate] ?? 0) > 0))).toBe(true)
  })

  it.each(clientFates)('messages that are %s by a client', (fate) => {
    const has = ({ services }: GameDay): boolean =>
      services.some(({ clientRates }) => (clientRates[fate] ?? 0) > 0)
    expect(some(has)).toBe(true)
  })

  it.each([
    'kill',
    'kill-auditor',
    'lag',
    'replay',
    'skip',
    'join',
    'delete',
    'kill-broker',
  ] as const)('the fault %s', (kind) =>
    expect(some(({ faults }) => faults.some((f) => f.kind === kind))).toBe(true),
  )

  it.each(driftKinds)('messages that are written wrongly: %s', (kind) => {
    expect(some(({ drift }) => drift?.kind === kind)).toBe(true)
  })

  it.each(sendKinds)('sends that are %s', (kind) => {
    expect(some(({ sends }) => sends.some((send) => send.kind === kind))).toBe(true)
  })

  const rows: readonly (readonly [string, (day: GameDay) => boolean])[] = [
    ['several producers of one topic', ({ hops }) => hops.filter(isProducer).length > 1],
    [
      'two groups on one topic',
      ({ hops }) => {
        const topics = hops.filter(isGroup).map(({ topic }) => topic)
        return new Set(topics).size < topics.length
      },
    ],
    ['a group that sends to two topics', hasHop((h) => isGroup(h) && h.outputs.length > 1)],
    ['a declared filter', ({ edges }) => edges.some(({ filter }) => filter.length > 0)],
    ['dead letters', hasHop((h) => isGroup(h) && h.deadLetter !== null)],
    ['a retry loop', hasHop((h) => isGroup(h) && h.again !== null)],
    ['a sink', hasHop((h) => isGroup(h) && h.sink !== null)],
    ['a group that takes batches', hasHop((h) => isGroup(h) && h.isBatch)],
    ['a promise to preserve', ({ edges }) => edges.some(({ preserve }) => preserve)],
    ['sampling', ({ oneIn }) => oneIn > 1],
    ['a clock that is behind', ({ services }) => services.some((s) => s.skewWindows < 0)],
    ['a clock that is ahead', ({ services }) => services.some((s) => s.skewWindows > 0)],
    ['births that nobody believes', ({ sends }) => sends.some((s) => s.bornWindows !== null)],
    ['more messages than can be listed', ({ sends }) => sends.some((s) => s.count > 200)],
    ['frames that are lost', ({ path }) => path.lost > 0],
    ['frames that come twice', ({ path }) => path.doubled > 0],
    ['frames that are late', ({ path }) => path.delayed > 0],
    ['messages that nobody looks into', ({ drift }) => drift === null],
    ['messages that are looked into, and right', ({ drift }) => drift?.kind === null],
    ['a day on which nothing goes wrong', isCalm],
    ['one of those on which messages are looked into', (d) => isCalm(d) && d.drift !== null],
  ]
  it.each(rows)('%s', (_, is) => expect(some(is)).toBe(true))
})
