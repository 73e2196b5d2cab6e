/**
 * Completeness, uniqueness and integrity over a path, window by window.
 *
 * Law: every edge expects what the one before handed on, so what is lost on one edge is not expected on
 * the next: bad ones of all edges add up, and with what is under way on the edges before the last one
 * they make up what was sent. A window counts when all its edges are settled; before that, only what is
 * proven in it.
 */
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { type Books, type Entry, entryOf } from './books.ts'
import { countsOf, type EdgeCounts, type SettledIndicator } from './edge-counts.ts'
import { type EventPart, NO_CLUMPS, type WindowEvents } from './events.ts'
import type { Path } from './paths.ts'
import { astrayBehind, messagesOf, missingOf, type Step, stepsOf } from './steps.ts'

interface Told extends Step {
  readonly counts: EdgeCounts
}

export interface SettledInput {
  readonly books: Books
  readonly path: Path
  readonly indicator: SettledIndicator
  readonly refundLate: boolean
  /** ms */
  readonly now: number
}

/** Null where the window is no event. */
export function settledEvents(start: number, input: SettledInput): WindowEvents | null {
  const { books, path, indicator, refundLate, now } = input
  const told = stepsOf(path, books, start).map(
    (step): Told => ({ ...step, counts: countsOf(indicator, step.verdict, refundLate) }),
  )
  const [first] = told
  if (first === undefined) return null
  const asked =
    indicator === 'integrity' ? told.filter((t) => (t.edge.preserve ?? null) !== null) : told
  const sum = sumOf[indicator](asked, told, path)
  const bad = sum.parts.reduce((n, p) => n + p.bad, 0)

  const entries = told.map((t) => entryOf(t.verdict, books.pipeline, now))
  // An edge that nobody judged, in a window that others were judged in.
  const isWhole = told.length === path.before.length + 1
  if (entries.includes('proven') && bad === 0 && !entries.includes('overdue')) return null
  const isBlind = !isWhole || isOpen(entries) || told.some((t) => t.counts.blind)
  const { end } = first.verdict.window
  const edge = worstOf(asked)?.edge.name ?? path.last.name
  const late = refundLate || indicator !== 'completeness' ? 0 : lateIn(told)
  return { edge, start, end, late, ...(isBlind ? blinded(sum) : sum) }
}

const isOpen = (entries: readonly Entry[]): boolean => entries.some((e) => e !== 'counted')

const lateIn = (told: readonly Told[]): number =>
  told.reduce((n, { verdict }) => n + verdict.counts.recovered, 0)

type Sum = Pick<WindowEvents, 'all' | 'parts'>

/** @param asked those that promise it; the last one may not */
const sumOf: Readonly<
  Record<SettledIndicator, (asked: readonly Told[], told: readonly Told[], path: Path) => Sum>
> = {
  completeness(asked, _, path) {
    // What came late on an edge before is expected on the last one, and counted there.
    const gone = asked.reduce((n, t) => (t.edge === path.last ? n : n + missingOf(t.verdict)), 0)
    const parts = asked.map((t) => t.counts.part)
    const bad = parts.reduce((n, p) => n + p.bad, 0)
    return { all: Math.max(bad, messagesOf(path, asked, allAt(asked, path.last) + gone)), parts }
  },
  uniqueness: (asked, told, { last }) => ({
    all: allAt(asked, last),
    parts: carried(asked, told, last),
  }),
  integrity(asked, told, { last }) {
    const end = told.find((t) => t.edge === last)
    return { all: end?.counts.all ?? 0, parts: carried(asked, told, last) }
  },
}

const allAt = (told: readonly Told[], last: EdgeDeclaration): number =>
  told.find((t) => t.edge === last)?.counts.all ?? 0

/**
 * Copies, and what was altered, of edges before the last one count where they arrive. They may have been
 * dropped, lost, or sent elsewhere on the way: so many of them are not known to have arrived.
 */
function carried(
  asked: readonly Told[],
  told: readonly Told[],
  last: EdgeDeclaration,
): EventPart[] {
  return asked.map(({ edge, counts: { part } }) => {
    if (edge === last) return part
    const doubtful = Math.min(part.bad, astrayBehind(edge, told))
    return { ...part, bad: part.bad - doubtful, unknown: part.unknown + doubtful }
  })
}

/** One event at least: that nobody knows of any is no proof that there was none. */
function blinded({ all, parts }: Sum): Sum {
  const rest = Math.max(all, 1) - parts.reduce((n, p) => n + p.bad, 0)
  const open = { oneIn: 1, bad: 0, unknown: Math.max(0, rest), clumps: NO_CLUMPS }
  return {
    all: Math.max(all, 1),
    parts: [...parts.map((p) => ({ ...p, unknown: 0 })), open],
  }
}

function worstOf(told: readonly Told[]): Told | undefined {
  return told.reduce<Told | undefined>(
    (worst, t) => (worst === undefined || t.counts.part.bad > worst.counts.part.bad ? t : worst),
    undefined,
  )
}
