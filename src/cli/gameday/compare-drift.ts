/** Puts what the auditor said of the shape of messages beside what they truly said. */
import type { DriftFinding } from '../../drift/finding.ts'
import type { Mismatch } from './compare.ts'
import { type DrawnEdge, type GameDay, isGroup, isProducer, isTopic, type TopicHop } from './day.ts'
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

/** What is true of the messages of one topic. */
interface Fact {
  /** ms: windows that hold such messages, at a hop of the topic. */
  readonly windows: ReadonlySet<number>
  /** Whether it must be found, if evidence is left. */
  readonly isCertain: boolean
  /** Who may be named for it. */
  readonly services: ReadonlySet<string>
}

/** By code and path. */
type Facts = ReadonlyMap<string, Fact>

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
  let [expected, found, missed] = [0, 0, 0]
  for (const topic of day.drift === null ? [] : day.hops.filter(isTopic)) {
    const own = findings.filter((finding) => nameOf(finding.topic) === topic.topic)
    for (const [what, fact] of factsOf(day, topic, books)) {
      const finding = own.find((one) => `${one.code} ${one.path}`.trim() === what)
      const windows = [...fact.windows].sort((a, b) => a - b)
      const seen = windows.filter((window) => !isDestroyed(day, played, books, topic, window))
      if (finding === undefined) {
        if (!fact.isCertain || seen.length === 0) continue
        expected++
        missed++
        mismatches.push(missing(topic, seen[0] ?? 0, what, 'nothing'))
        continue
      }
      left.delete(finding)
      expected++
      const why = wrongIn(finding, fact, seen[0])
      if (why === null) found++
      else mismatches.push({ ...missing(topic, finding.since, what, why), law: FALSE_LAW })
    }
  }
  let strange = 0
  for (const finding of left) {
    // More messages came than may wait for the registry's first answer: that is a limit, and it is said.
    if (finding.code === 'unread' && needsRegistry(day)) continue
    strange++
    const { since, hop, topic, code, path, count } = finding
    const found = `${count} ${code} ${path}`.trim()
    const where = `${topic}, first at ${hop}`
    mismatches.push({ law: FALSE_LAW, edge: where, window: since, expected: 'nothing', found })
  }
  return { expected, found, wrong: strange + (expected - found - missed), missed }
}

const missing = (
  { name }: TopicHop,
  window: number,
  expected: string,
  found: string,
): Mismatch => ({
  ...{ law: MISSED_LAW, edge: name, window, expected, found },
})

/** Without the prefix of a run on brokers. */
const nameOf = (topic: string): string => topic.slice(topic.lastIndexOf('.') + 1)

/** Null: nothing. @param first the first window of which all is known */
function wrongIn({ since, producers }: DriftFinding, fact: Fact, first = 0): string | null {
  if (!fact.windows.has(since) || (first > 0 && since > first))
    return `since ${new Date(since).toISOString()}, not ${new Date(first).toISOString()}`
  const stranger = producers.find(({ service }) => !fact.services.has(service))
  return stranger === undefined ? null : `written by ${stranger.service}`
}

/** Whether the agents at a topic may not have told of a window. */
function isDestroyed(
  day: GameDay,
  { truth, windowMs }: Played,
  books: Books,
  { topic, name }: TopicHop,
  window: number,
): boolean {
  const hops = new Set([name, ...hopsAt(day, topic), ...groupsInto(day, topic)])
  return truth.destroyed.some(
    (d) => hops.has(d.hop) && touches(d, books, window, window + windowMs),
  )
}

/** Its producers and its groups. */
const hopsAt = ({ hops }: GameDay, topic: string): readonly string[] =>
  hops.flatMap((hop) =>
    (isProducer(hop) || isGroup(hop)) && hop.topic === topic ? [hop.name] : [],
  )

const groupsInto = ({ hops }: GameDay, topic: string): readonly string[] =>
  hops
    .filter(isGroup)
    .filter(({ outputs, deadLetter, again }) => [...outputs, deadLetter, again].includes(topic))
    .map(({ name }) => name)

function factsOf(day: GameDay, topic: TopicHop, books: Books): Facts {
  const hops = [topic.name, ...hopsAt(day, topic.topic)]
  const windowsOf = new Map<string, Set<number>>()
  const plain = new Set<number>()
  for (const window of books.windows)
    for (const { value } of hops.flatMap((hop) => books.passed(hop, window))) {
      const drifts = driftsIn(day, value)
      if (!drifts.includes(NEWS)) plain.add(window)
      for (const what of drifts) windowsOf.set(what, (windowsOf.get(what) ?? new Set()).add(window))
    }
  const producers = day.hops.filter(isProducer).filter((hop) => hop.topic === topic.topic)
  const senders = day.hops.filter(isGroup).filter(({ name }) => {
    return groupsInto(day, topic.topic).includes(name)
  })
  const services = new Set([
    ...producers.map(({ service }) => service).filter((s) => s === day.drift?.service),
    ...senders.map(({ service }) => service),
  ])
  const facts = new Map<string, Fact>()
  for (const [what, windows] of windowsOf) {
    // A version is new where another one was there before.
    const isNews = [...plain].some((window) => window < Math.min(...windows))
    facts.set(what, { windows, services, isCertain: what !== NEWS || isNews })
  }
  const drop = day.drift?.kind === 'dropped' ? droppedAt(day, topic, books) : null
  if (drop !== null) facts.set(`field_dropped ${KEPT_FIELD}`, { ...drop, services })
  return facts
}

/** Messages that lack here what they had at the group before. */
function droppedAt(
  { edges, hops, drift }: GameDay,
  topic: TopicHop,
  books: Books,
): Pick<Fact, 'windows' | 'isCertain'> | null {
  const group = hops.filter(isGroup).find(({ service }) => service === drift?.service)
  const edge = edges.find(({ from }) => group !== undefined && from.includes(group.name))
  if (group === undefined || edge === undefined || !edge.to.includes(topic.name)) return null
  const windows = new Set<number>()
  let isCertain = false
  for (const window of books.windows) {
    const had = new Set(
      books.passed(group.name, window).flatMap(({ id, value }) => (keepsField(value) ? [id] : [])),
    )
    const lacks = books
      .passed(topic.name, window)
      .some(({ id, value }) => had.has(id) && !keepsField(value))
    if (!lacks) continue
    windows.add(window)
    isCertain ||= isAlike(edge, window, books)
  }
  return windows.size === 0 ? null : { windows, isCertain }
}

/** Each message once at both ends: then nothing that is missing can be a message that is missing. */
function isAlike({ from, to }: DrawnEdge, window: number, books: Books): boolean {
  const idsAt = (ends: readonly string[]): string[] =>
    ends.flatMap((hop) => books.passed(hop, window).map(({ id }) => id)).sort()
  const [before, after] = [idsAt(from), idsAt(to)]
  return new Set(before).size === before.length && before.join() === after.join()
}
