/**
 * How far a topic or consumer hop has watched a window: coverage held against the frontier.
 *
 * What upstream knows of the window lies between a lowest and a highest offset per partition. Each part
 * of it that no agent watched means one thing: rules G1 to G5, first hit wins.
 */
import { endOf, firstOf, gaps, type Interval, includes } from '../base/intervals.ts'
import { describeHop, type HopRef, hopKey } from '../hop/hop.ts'
import { firstYoung } from '../hop/old-spans.ts'
import { DEFAULT_BOUNDS } from '../message/window.ts'
import { type GroupOffsets, topicKeyOf, type WindowEvidence } from './evidence.ts'
import { frontierOf } from './frontier.ts'
import { type Passage, worst } from './passage.ts'

/** What is known of one partition of a hop, beside the offsets it has watched. */
interface Partition extends GroupOffsets {
  readonly partition: number
  /** One past the last offset that was watched; infinite: none was. */
  readonly end: number
  /** From here on the log has nothing of the window any more. */
  readonly gone: number
}

type GapRule = (gap: Interval, p: Partition) => Passage | undefined

const NOTHING: Passage = { state: 'passed', why: [] }

// Rule G1 - the log ends below: it was cut, and whatever is written there later is of other messages.
// Nothing is left to be watched.
const gone: GapRule = ([from], p) => (from >= p.gone ? NOTHING : undefined)

// Rule G2 - deleted before anybody read it. Above G3: the next commit passes over it as well.
const deleted: GapRule = ([from, to], p) =>
  includes(p.deleted, from) ? { ...NOTHING, deleted: to - from } : undefined

// Rule G3 - the group says that these were handled. Weaker than an agent's word, and counted apart.
const committed: GapRule = ([from, to], p) =>
  includes(p.committed, from) ? { ...NOTHING, committed: to - from } : undefined

// Rule G4 - not there yet: lag is never loss.
const behind: GapRule = ([from, to], p) =>
  from >= p.end
    ? {
        state: 'behind',
        why: [`partition ${p.partition}: read to offset ${p.end}, the window ends at ${to - 1}`],
      }
    : undefined

// Rule G5 - a broken chain.
const hole: GapRule = ([from, to], p) => ({
  state: 'hole',
  why: [`partition ${p.partition}: offsets ${from}–${to - 1} were not watched`],
})

const gapRules: readonly GapRule[] = [gone, deleted, committed, behind, hole]

/**
 * Whether the hop has watched all offsets of the window that upstream knows.
 * @param toLogEnd upstream cannot say: only a polled log end will do
 */
export function coveragePassage(hop: HopRef, evidence: WindowEvidence, toLogEnd = false): Passage {
  const covered = evidence.coverage.get(hopKey(hop))
  const commits = evidence.commits.get(hopKey(hop))
  const topic = topicKeyOf(hop)
  // What bears a date to come was in the log before that: no sign of another log.
  const starts = evidence.window > evidence.now ? undefined : evidence.logStarts.get(topic)
  const frontier = frontierOf(hop, hop, evidence, toLogEnd)
  if (covered === undefined && commits === undefined) {
    // Into some topics, as of dead letters, nothing is ever written. A committed end of 0 alone does not
    // say so: an open transaction may hold it back.
    const ends = [...(evidence.logEnds.get(topic)?.values() ?? [])]
    const isEmpty = ends.length > 0 && ends.every((end) => end === 0)
    if (isEmpty && frontier.partitions.size === 0) return NOTHING
    return { state: 'hole', why: [`no agent has reported for ${describeHop(hop)}`] }
  }
  const passages: Passage[] = []
  for (const [partition, { low, high, told }] of frontier.partitions) {
    // Nobody reported anything of the window here, and nothing was written since before it began.
    if (told === Number.POSITIVE_INFINITY && high + 1 === starts?.get(partition)) continue
    // Offsets below an end that the log had before the window began are those of other messages.
    const before = starts?.get(partition) ?? 0
    // And a log that is shorter than it was is another one.
    if (evidence.isFound !== true && (told < before || high + 1 < before)) {
      const at = Math.min(told, high)
      const why = `partition ${partition}: offset ${at} is of this window, but the log had reached ${before} before: it was cut or created anew`
      passages.push({ state: 'hole', why: [why] })
      continue
    }
    if (evidence.logTorn.get(topic)?.has(partition)) {
      const why = `partition ${partition}: its log was cut or created anew meanwhile`
      passages.push({ state: 'hole', why: [why] })
      continue
    }
    const set = covered?.partitions.get(partition) ?? []
    const start = firstOf(set)
    const end = endOf(set)
    const known: Partition = {
      partition,
      end: end ?? Number.POSITIVE_INFINITY,
      gone: Math.min(
        evidence.logGone.get(topic)?.get(partition) ?? Number.POSITIVE_INFINITY,
        evidence.logTops.get(topic)?.get(partition) ?? Number.POSITIVE_INFINITY,
      ),
      committed: commits?.get(partition)?.committed ?? [],
      deleted: commits?.get(partition)?.deleted ?? [],
    }
    if (start === undefined || end === undefined) {
      passages.push(...unwatched([low, high + 1], known))
      continue
    }
    if (low < start) {
      passages.push({
        state: 'out_of_scope',
        why: [`partition ${partition}: watched from offset ${start}, the window begins at ${low}`],
      })
      continue
    }
    // What was watched long before it began lies above everything older.
    const spans = covered?.spans.get(partition) ?? []
    const young = spans[firstYoung(spans, evidence.window - DEFAULT_BOUNDS.skewMs)]?.from ?? start
    const lowest =
      frontier.placelessFrom === null
        ? low
        : Math.min(low, Math.max(start, frontier.placelessFrom.get(partition) ?? start, young))
    for (const gap of gaps(set, lowest, high + 1)) passages.push(...meaningsOf(gap, known))
  }
  if (!frontier.final)
    passages.push({ state: 'behind', why: ["waiting for the log's end after the deadline"] })
  return worst(passages)
}

/** A partition that no agent has read: by others, as the group says, or not yet. */
function unwatched(all: Interval, known: Partition): Passage[] {
  const nothing = `partition ${known.partition}: nothing read yet`
  return meaningsOf(all, { ...known, end: all[0] }).map((p) =>
    p.state === 'behind' ? { ...p, why: [nothing] } : p,
  )
}

/** A gap is taken apart where its meaning may change. */
function meaningsOf([from, to]: Interval, p: Partition): Passage[] {
  const bounds = [p.gone, p.end, ...p.committed.flat(), ...p.deleted.flat()]
  const within = bounds.filter((at) => from < at && at < to).sort((a, b) => a - b)
  const cuts = [from, ...new Set(within), to]
  const pieces = cuts.slice(1).map((end, i): Interval => [cuts[i] as number, end])
  return pieces.map((piece) => {
    for (const rule of gapRules) {
      const meaning = rule(piece, p)
      if (meaning !== undefined) return meaning
    }
    throw new Error('the last rule always answers')
  })
}
