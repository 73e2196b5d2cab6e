/** Puts what the auditor said of the shape of messages beside what they truly said. */
import type { DriftFinding } from '../../drift/finding.ts'
import type { Mismatch } from './compare.ts'
import {
  type DrawnEdge,
  type GameDay,
  type GroupHop,
  isGroup,
  isProducer,
  isTopic,
  type TopicHop,
} from './day.ts'
import { touches } from './destroyed.ts'
import { driftsIn, KEPT_FIELD, keepsField, NEWS, needsRegistry } from './drift-values.ts'
import type { Books } from './edge-truth.ts'
import type { Played } from './played.ts'

export interface DriftComparison {
  /** What was to be found, each code and path of a topic once, and how much of it was found. */
  readonly expected: number
  readonly found: number
  /** Found and not true. */
  readonly wrong: number
  /** True, not found, and no evidence was destroyed that could be the reason. */
  readonly missed: number
}

/** What is true of the messages of one topic, or behind one group. */
interface Fact {
  /** Code and path. */
  readonly what: string
  /** The topic, or the edge. */
  readonly place: string
  /** Where agents see it. */
  readonly hops: ReadonlySet<string>
  /** ms: windows that hold such messages. */
  readonly windows: ReadonlySet<number>
  /** Those of them by which it must be found, where evidence is left. */
  readonly certain: ReadonlySet<number>
  /** Who may be named for it. */
  readonly services: ReadonlySet<string>
  readonly isIt: (finding: DriftFinding) => boolean
}

export const FALSE_LAW = 8
export const MISSED_LAW = 9

export function compareDrift(
  day: GameDay,
  played: Played,
  books: Books,
  mismatches: Mismatch[],
): DriftComparison {
  const findings = played.drift?.findings ?? []
  const left = new Set(findings)
  let [found, wrong, missed] = [0, 0, 0]
  for (const fact of factsOf(day, books)) {
    const tell = (law: number, window: number, instead: string): void => {
      mismatches.push({ law, edge: fact.place, window, expected: fact.what, found: instead })
    }
    const known = [...fact.certain]
      .sort((a, b) => a - b)
      .filter((window) => !isDestroyed(fact, window, played, books))
    const finding = findings.find(fact.isIt)
    if (finding === undefined) {
      if (known[0] === undefined) continue
      missed++
      tell(MISSED_LAW, known[0], 'nothing')
      continue
    }
    left.delete(finding)
    const why = wrongIn(finding, fact, known[0])
    if (why === null) found++
    else {
      wrong++
      tell(FALSE_LAW, finding.since, why)
    }
  }
  const expected = found + wrong + missed
  for (const { code, since, hop, topic, path, count } of left) {
    // More messages came than may wait for the registry's first answer: that is a limit, and it is said.
    if (code === 'unread' && needsRegistry(day)) continue
    wrong++
    const edge = `${topic}, first at ${hop}`
    const came = `${count} ${code} ${path}`.trim()
    mismatches.push({ law: FALSE_LAW, edge, window: since, expected: 'nothing', found: came })
  }
  return { expected, found, wrong, missed }
}

/** Null: nothing. @param first the window in which it is found at the latest */
function wrongIn(
  { since, producers }: DriftFinding,
  { windows, services }: Fact,
  first = Number.POSITIVE_INFINITY,
): string | null {
  if (since > first)
    return `since ${new Date(since).toISOString()}, not ${new Date(first).toISOString()}`
  if (!windows.has(since)) return `since ${new Date(since).toISOString()}, where nothing was wrong`
  const stranger = producers.find(({ service }) => !services.has(service))
  return stranger === undefined ? null : `written by ${stranger.service}`
}

/** Whether the agents that saw it may not have told of a window. */
function isDestroyed(
  { hops }: Fact,
  window: number,
  { truth, windowMs }: Played,
  books: Books,
): boolean {
  const end = window + windowMs
  return truth.destroyed.some((d) => hops.has(d.hop) && touches(d, books, window, end))
}

function factsOf(day: GameDay, books: Books): readonly Fact[] {
  if (day.drift === null) return []
  const topics = day.hops.filter(isTopic)
  return [...topics.flatMap((topic) => factsAt(day, topic, books)), ...droppedIn(day, books)]
}

function factsAt(day: GameDay, { name, topic }: TopicHop, books: Books): readonly Fact[] {
  const here = [name, ...hopsAt(day, topic)]
  const senders = groupsInto(day, topic)
  const windowsOf = new Map<string, Set<number>>()
  const plain = new Set<number>()
  for (const window of books.windows)
    for (const { value } of here.flatMap((hop) => books.passed(hop, window))) {
      const drifts = driftsIn(day, value)
      if (!drifts.includes(NEWS)) plain.add(window)
      for (const what of drifts) windowsOf.set(what, (windowsOf.get(what) ?? new Set()).add(window))
    }
  const producers = day.hops.filter(isProducer).filter((hop) => hop.topic === topic)
  const services = new Set([
    ...producers.map(({ service }) => service).filter((s) => s === day.drift?.service),
    ...senders.map(({ service }) => service),
  ])
  const hops = new Set([...here, ...senders.map((group) => group.name)])
  return [...windowsOf].map(([what, windows]) => {
    // A version is new where another one was there before.
    const isNews = [...plain].some((window) => window < Math.min(...windows))
    const certain = what !== NEWS || isNews ? windows : new Set<number>()
    return {
      ...{ what, place: name, hops, windows, certain, services },
      isIt: (one) => topicOf(one) === topic && `${one.code} ${one.path}`.trim() === what,
    }
  })
}

/** Without the prefix of a run on brokers. */
const topicOf = ({ topic }: DriftFinding): string => topic.slice(topic.lastIndexOf('.') + 1)

/** Its producers and its groups. */
const hopsAt = ({ hops }: GameDay, topic: string): readonly string[] =>
  hops.flatMap((hop) =>
    (isProducer(hop) || isGroup(hop)) && hop.topic === topic ? [hop.name] : [],
  )

const groupsInto = ({ hops }: GameDay, topic: string): readonly GroupHop[] =>
  hops
    .filter(isGroup)
    .filter(({ outputs, deadLetter, again }) => [...outputs, deadLetter, again].includes(topic))

/** Messages that lack behind a group what they had there: told of its edge, wherever that leads. */
function droppedIn({ edges, hops, drift }: GameDay, books: Books): readonly Fact[] {
  if (drift?.kind !== 'dropped') return []
  const group = hops.filter(isGroup).find(({ service }) => service === drift.service)
  const edge = edges.find(({ from }) => group !== undefined && from.includes(group.name))
  if (group === undefined || edge === undefined) return []
  const windows = new Set<number>()
  const certain = new Set<number>()
  for (const window of books.windows) {
    const had = new Set(
      books.passed(group.name, window).flatMap(({ id, value }) => (keepsField(value) ? [id] : [])),
    )
    const lacks = edge.to
      .flatMap((hop) => books.passed(hop, window))
      .some(({ id, value }) => had.has(id) && !keepsField(value))
    if (!lacks) continue
    windows.add(window)
    // Where a message is missing too, it may be the one that had the field: then nobody is accused.
    if (isAlike(edge, window, books)) certain.add(window)
  }
  if (windows.size === 0) return []
  return [
    {
      ...{ what: `field_dropped ${KEPT_FIELD}`, place: edge.name, windows, certain },
      hops: new Set([...edge.from, ...edge.to]),
      services: new Set([group.service]),
      isIt: (one) => one.code === 'field_dropped' && one.edge === edge.name,
    },
  ]
}

/** Each message once at both ends: then nothing that is missing can be a message that is missing. */
function isAlike({ from, to }: DrawnEdge, window: number, books: Books): boolean {
  const idsAt = (ends: readonly string[]): string[] =>
    ends.flatMap((hop) => books.passed(hop, window).map(({ id }) => id)).sort()
  const [before, after] = [idsAt(from), idsAt(to)]
  return new Set(before).size === before.length && before.join() === after.join()
}
