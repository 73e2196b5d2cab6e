/**
 * Right shape: messages of a path that were looked at and are what was promised of their topic.
 *
 * Laws: a message may be invalid in several topics of a path, and which ones are the same nobody keeps.
 * So as many are proven to be invalid as in the topic that has most of them, and the others may all be
 * further ones: they are unknown. Within a topic any hop speaks for the others, so the most that one of
 * them found counts, and what one of them found valid is known.
 *
 * Unknown is what could not be read, for want of a schema or of room, and what nobody looked at. A window
 * counts once it is settled; before that only what is proven in it. What lies before the first message
 * that was looked at is no event: nobody had begun to look. Tombstones are no messages with a shape.
 *
 * Shapes of old windows are put together, so what they say is one event of all their windows. One that
 * reaches back before the period is left out: what of it lies in the period nobody knows.
 */
import type { ValidityCell } from '../drift/judge.ts'
import { scaledInterval } from '../sketch/sample.ts'
import { type Books, entryOf } from './books.ts'
import { type EventPart, NO_CLUMPS, type WindowEvents } from './events.ts'
import { type LookedTopic, lookedTopicsOf } from './looked-topics.ts'
import type { Path } from './paths.ts'
import type { Span } from './spans.ts'
import { type Stretch, stretchesOf } from './stretches.ts'
import { unlookedOf } from './unlooked.ts'

export interface ValidityInput {
  readonly books: Books
  readonly path: Path
  /** Of this pipeline. */
  readonly cells: readonly ValidityCell[]
  readonly period: Span
  /** ms */
  readonly now: number
}

/** Ascending. */
export function validityEvents(input: ValidityInput): WindowEvents[] {
  const { books, path, period } = input
  const { windowMs } = books.pipeline
  const topics = lookedTopicsOf(path, books.pipeline)
  const names = new Set(topics.flatMap(({ views }) => views.flat()))
  const cells = input.cells.filter((c) => names.has(c.hop))
  const spans = cells.map(({ window, spanMs }) => ({ start: window, end: window + spanMs }))
  const stretches = stretchesOf(books.windows, windowMs, spans).filter(
    ({ start }) => start >= period.start && start < period.end,
  )
  const told = topics.map((topic) => lookedAt(topic, cells, stretches, input))
  const unlooked = told.map((list) =>
    unlookedOf(
      list.map((t) => (t?.isWhole ? { oneIn: t.oneIn, all: t.count, looked: t.seen } : null)),
    ),
  )
  return stretches.flatMap((stretch, at) => {
    const views = told.flatMap((list, i) => {
      const view = list[at] ?? null
      return view === null ? [] : [{ ...view, unlooked: unlooked[i]?.[at] ?? 0 }]
    })
    return eventsOf(stretch, views, input) ?? []
  })
}

/** What one topic had in one stretch. Scaled to all messages. */
interface View {
  readonly topic: LookedTopic
  /** 1: every message was looked at; n: one in n. */
  readonly oneIn: number
  /** Messages, as the edges counted them. */
  readonly count: number
  /** The same without tombstones. */
  readonly all: number
  /** Whether some hop of the topic has seen all of them. */
  readonly isWhole: boolean
  readonly looked: number
  /** Looked at, tombstones among them. */
  readonly seen: number
  readonly bad: number
  readonly good: number
}

/** By stretch; null: nobody had begun to look. */
function lookedAt(
  topic: LookedTopic,
  all: readonly ValidityCell[],
  stretches: readonly Stretch[],
  { books, path }: ValidityInput,
): (View | null)[] {
  const places = placesOf(topic)
  const edges = [...path.before, path.last].map((e) => e.name)
  const own = all.filter(({ hop }) => places.has(hop)).sort((a, b) => a.window - b.window)
  const begun = own[0]?.window ?? Number.NEGATIVE_INFINITY
  let next = 0
  return stretches.map((stretch) => {
    const cells: ValidityCell[] = []
    for (let cell = own[next]; cell !== undefined && cell.window < stretch.end; cell = own[++next])
      if (cell.window >= stretch.start) cells.push(cell)
    if (stretch.end <= begun) return null
    const found = foundIn(topic, places, cells)
    const { count, isWhole, isJudged, ...counted } = countedIn(topic, places, stretch, edges, books)
    const rate = cells.reduce((n, c) => Math.max(n, c.oneIn), cells.length > 0 ? 1 : topic.oneIn)
    const oneIn = Math.max(counted.oneIn, rate)
    const messages = Math.max(0, count - found.tombstones)
    // Of a sample what was looked at says only about how many there were.
    const most = oneIn === 1 || !isJudged ? found.looked : 0
    return { ...found, topic, oneIn, count, isWhole, all: Math.max(messages, most, found.bad) }
  })
}

/** By hop the number of its view. */
type Places = ReadonlyMap<string, number>

const placesOf = ({ views }: LookedTopic): Places =>
  new Map(views.flatMap((hops, at) => hops.map((hop) => [hop, at] as const)))

interface FoundIn {
  readonly looked: number
  readonly seen: number
  readonly tombstones: number
  readonly bad: number
  readonly good: number
}

/** Of each the most that one view has, its hops together. */
function foundIn({ views }: LookedTopic, places: Places, cells: readonly ValidityCell[]): FoundIn {
  const sums = views.map(() => ({ looked: 0, seen: 0, tombstones: 0, bad: 0, good: 0 }))
  for (const { hop, oneIn, looked, invalid, unknown, tombstones } of cells) {
    const sum = sums[places.get(hop) ?? 0]
    if (sum === undefined) continue
    sum.looked += looked * oneIn
    sum.seen += (looked + tombstones) * oneIn
    sum.tombstones += tombstones * oneIn
    sum.bad += invalid * oneIn
    sum.good += (looked - invalid - unknown) * oneIn
  }
  const most = (of: keyof FoundIn): number => sums.reduce((n, sum) => Math.max(n, sum[of]), 0)
  return {
    ...{ looked: most('looked'), seen: most('seen'), tombstones: most('tombstones') },
    ...{ bad: most('bad'), good: most('good') },
  }
}

interface CountedIn {
  readonly count: number
  readonly isWhole: boolean
  /** Whether any window of it was judged. */
  readonly isJudged: boolean
  readonly oneIn: number
}

/** Messages of a topic by what its hops counted: in each window the most that one view has. */
function countedIn(
  { views }: LookedTopic,
  places: Places,
  { windows }: Stretch,
  edges: readonly string[],
  books: Books,
): CountedIn {
  let [count, isWhole, isJudged, oneIn] = [0, true, false, 1]
  for (const window of windows) {
    let [most, isSeen, isKnown] = [0, false, false]
    for (const edge of edges) {
      const verdict = books.at(edge, window)
      if (verdict === undefined) continue
      isKnown = true
      oneIn = Math.max(oneIn, verdict.oneIn)
      for (const side of [verdict.from, verdict.to]) {
        for (let view = 0; view < views.length; view++) {
          const own = side.filter((p) => p.declared && places.get(p.hop) === view)
          if (own.length === 0) continue
          most = Math.max(
            most,
            own.reduce((n, p) => n + p.count, 0),
          )
          isSeen ||= own.every((p) => p.passage === 'passed')
        }
      }
    }
    if (!isKnown) continue
    isJudged = true
    count += most
    isWhole &&= isSeen
  }
  return { count, isWhole, isJudged, oneIn }
}

/** Null where the stretch is no event. */
function eventsOf(
  { start, end, windows }: Stretch,
  views: readonly (View & { readonly unlooked: number })[],
  { books, path, now }: ValidityInput,
): WindowEvents | null {
  if (views.length === 0) return null
  const worst = worstOf(views)
  const { bad } = worst
  const entries = windows.flatMap((window) =>
    [...path.before, path.last].flatMap((edge) => {
      const verdict = books.at(edge.name, window)
      return verdict === undefined ? [] : [entryOf(verdict, books.pipeline, now)]
    }),
  )
  const isYoung = entries.length === 0 && now < end + books.pipeline.latenessMs
  const isOpen = isYoung || entries.includes('proven')
  if (isOpen && bad === 0 && !entries.includes('overdue')) return null
  const all = Math.max(...views.map((v) => v.all))
  const edge = (bad === 0 ? undefined : edgeOf(worst, path)) ?? path.last.name
  const isBlind = isOpen || entries.includes('overdue') || views.some((v) => !v.isWhole)
  const part = (of: Partial<EventPart>): EventPart => ({
    ...{ oneIn: 1, bad: 0, unknown: 0, clumps: NO_CLUMPS },
    ...of,
  })
  if (isBlind) {
    // One event at least: that nobody knows of any is no proof that there was none.
    const least = Math.max(all, 1)
    const rest = part({ unknown: Math.max(0, least - bad) })
    return { edge, start, end, all: least, parts: [part({ oneIn: worst.oneIn, bad }), rest] }
  }
  if (all === 0) return null
  const unread = views.map((view) => {
    const { oneIn, looked, good } = view
    const unknown = Math.max(0, looked - view.bad - good)
    return view === worst
      ? part({ oneIn, bad, unknown })
      : part({ oneIn, unknown: unknown + view.bad })
  })
  const unlooked = views.reduce((n, v) => n + v.unlooked, 0)
  const rest = part({ unknown: Math.min(all - bad, unlooked) })
  return { edge, start, end, all, parts: [...unread, rest] }
}

/** In which most are proven. */
function worstOf<T extends View>(views: readonly T[]): T {
  const proven = ({ bad, oneIn }: View): number =>
    bad === 0 ? 0 : scaledInterval(Math.round(bad / oneIn), oneIn).low
  return views.reduce((worst, view) => (proven(view) > proven(worst) ? view : worst))
}

/** The edge that brings messages into the topic; else the one that takes them from it. */
function edgeOf({ topic: { views } }: View, { before, last }: Path): string | undefined {
  const names = new Set(views.flat())
  const edges = [...before, last].filter((e) => [...e.from, ...e.to].some((d) => names.has(d.name)))
  const isInto = ({ from }: Path['last']): boolean =>
    from.every((d) => d.hop.role === 'producer' || !names.has(d.name))
  return (edges.find(isInto) ?? edges[0])?.name
}
