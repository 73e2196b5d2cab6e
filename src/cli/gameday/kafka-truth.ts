/** The truth of a day on Kafka: journals of the services, logs of the topics, and what died untold. */
import { hexOfWords } from '../../message/id.ts'
import { readStamp } from '../../message/stamp.ts'
import { DEFAULT_BOUNDS } from '../../message/window.ts'
import { type GameDay, isGroup, isProducer, isSink, isTopic } from './day.ts'
import type { Entry } from './kafka-entry.ts'
import type { Logged } from './kafka-log.ts'
import { HEARTBEATS } from './kafka-path.ts'
import { bornAt, type Destroyed, Ledger, type Passing, type Truth } from './truth.ts'

export interface Sources {
  readonly day: GameDay
  readonly prefix: string
  readonly flushMs: number
  /** By service. */
  readonly journals: ReadonlyMap<string, readonly Entry[]>
  /** By topic, with its prefix. */
  readonly logs: ReadonlyMap<string, readonly Logged[]>
}

export function truthOf({ day, prefix, flushMs, journals, logs }: Sources): Truth {
  const ledger = new Ledger()
  for (const hop of day.hops.filter(isTopic))
    for (const { partition, message } of logs.get(`${prefix}${hop.topic}`) ?? []) {
      const stamp = readStamp(message.headers)
      if (stamp.kind !== 'stamped') continue
      ledger.pass(hop.name, {
        ...{ id: hexOfWords(stamp.words), value: String(message.value), partition },
        ...{ at: Number(message.timestamp), offset: Number(message.offset) },
      })
    }
  for (const [service, entries] of journals) {
    const hops = day.hops
      .filter((hop) => isProducer(hop) || isGroup(hop) || isSink(hop))
      .filter((hop) => hop.service === service)
      .map((hop) => hop.name)
    for (const entry of entries) {
      if (entry.kind === 'passed') ledger.pass(entry.hop, entry.passing)
      else if (entry.kind === 'dropped') ledger.drop(entry.hop, entry.dropping)
      else if (entry.kind === 'refused') ledger.refused.add(entry.id)
      else if (entry.kind === 'aborted') ledger.aborted.add(entry.id)
      else if (entry.kind === 'lost')
        for (const destroyed of lostOf(day, service, hops, entry)) ledger.destroy(destroyed)
      else if (entry.kind === 'unplaced')
        for (const hop of day.hops)
          if ((isTopic(hop) || isGroup(hop)) && hop.topic === entry.topic)
            ledger.unplace(hop.name, entry.id)
    }
    for (const life of livesOf(entries)) {
      if (life.at(-1)?.kind === 'dying') {
        for (const id of unresolvedOf(life)) ledger.refused.add(id)
        for (const destroyed of untoldOf(life, hops, flushMs)) ledger.destroy(destroyed)
      }
      const silentAt = silentAtOf(life)
      if (silentAt === null) continue
      for (const destroyed of perhapsHandled(ledger, day, service, life, silentAt, flushMs))
        ledger.destroy(destroyed)
    }
  }
  for (const destroyed of straysOf(ledger, day)) ledger.destroy(destroyed)
  return ledger
}

/** Births that no agent believes are counted apart: of their windows nothing is known anywhere. */
function straysOf({ passed }: Truth, { hops }: GameDay): readonly Destroyed[] {
  const { retentionMs, skewMs } = DEFAULT_BOUNDS
  const births = [...passed.values()].flat().flatMap(({ id, at }) => {
    const birth = bornAt(id)
    return birth < at - retentionMs || birth > at + skewMs ? [birth] : []
  })
  const why = 'births that nobody believes'
  return [...new Set(births)].flatMap((birth) =>
    hops.map(({ name }) => ({ hop: name, why, bornFrom: birth, bornTo: birth })),
  )
}

/** What nobody knows, because a frame that told of it did not arrive. */
function lostOf(
  day: GameDay,
  service: string,
  hops: readonly string[],
  { born, covered }: Extract<Entry, { kind: 'lost' }>,
): readonly Destroyed[] {
  const why = `a frame of ${service} was lost`
  const births = hops.flatMap((hop) =>
    born.map(([bornFrom, bornTo]) => ({ hop, why, bornFrom, bornTo })),
  )
  const places = day.hops
    .filter(isGroup)
    .filter((hop) => hop.service === service)
    .flatMap(({ name, topic }) =>
      covered
        .filter((place) => place.topic === topic)
        // Of no birth, but of every window that reaches into these offsets.
        .map(({ partition, from, to }) => ({
          ...{ hop: name, why, bornFrom: 1, bornTo: 0 },
          ...{ partition, from, to },
        })),
    )
  return [...births, ...places]
}

/** The entries of each process that was this service. */
function livesOf(entries: readonly Entry[]): Entry[][] {
  const lives: Entry[][] = []
  for (const entry of entries) {
    if (entry.kind === 'born') lives.push([entry])
    else lives.at(-1)?.push(entry)
  }
  return lives
}

/** ms: when it died, or said a goodbye that nobody heard; null: neither. */
function silentAtOf(life: readonly Entry[]): number | null {
  const last = life.at(-1)
  if (last?.kind === 'dying') return last.at
  return life.reduce<number | null>(
    (at, entry) => (entry.kind === 'lost' ? (entry.silentAt ?? at) : at),
    null,
  )
}

/** What the client was given, and the application never learned what became of it. */
function unresolvedOf(life: readonly Entry[]): readonly string[] {
  const resolved = new Set(
    life.flatMap((entry) => {
      if (entry.kind === 'passed') return [entry.passing.id]
      return entry.kind === 'refused' || entry.kind === 'aborted' ? [entry.id] : []
    }),
  )
  return life.flatMap((entry) =>
    entry.kind === 'tried' && !resolved.has(entry.id) ? [entry.id] : [],
  )
}

/** What no frame has told of when the process died, as far as it reaches. */
function untoldOf(
  life: readonly Entry[],
  hops: readonly string[],
  flushMs: number,
): readonly Destroyed[] {
  const [birth, death] = [life[0], life.at(-1)]
  if (birth?.kind !== 'born' || death?.kind !== 'dying') return []
  const toldUntil = toldUntilOf(life) ?? birth.at
  const untold = new Map<string, Passing>()
  const pending = new Set(unresolvedOf(life))
  for (const entry of life) {
    if (entry.kind === 'passed' && entry.passing.at >= toldUntil)
      untold.set(JSON.stringify(entry.passing), entry.passing)
    // A send that had not resolved when the last frame was cut is in none.
    if (entry.kind === 'tried' && (entry.at >= toldUntil || pending.has(entry.id)))
      untold.set(entry.id, { id: entry.id, value: '', at: entry.at })
  }
  const why = `a process died at ${death.at}; its last frame was cut at ${toldUntil}`
  return hops.flatMap((hop) => [
    // Nobody knows what it minted until its silence is believed.
    {
      ...{ hop, why, bornFrom: toldUntil + birth.skewMs },
      bornTo: death.at + HEARTBEATS * flushMs + birth.skewMs,
    },
    ...[...untold.values()].map(({ id, partition, offset }): Destroyed => {
      const born = { hop, why, bornFrom: bornAt(id), bornTo: bornAt(id) }
      return partition === undefined || offset === undefined
        ? born
        : { ...born, partition, from: offset, to: offset + 1 }
    }),
  ])
}

/**
 * What lay before a group when its process fell silent, and no frame had told that it was handled: whether
 * it was, and is again, nobody but the dead knows.
 */
function perhapsHandled(
  { passed }: Truth,
  { hops }: GameDay,
  service: string,
  life: readonly Entry[],
  silentAt: number,
  flushMs: number,
): readonly Destroyed[] {
  const group = hops.filter(isGroup).find((hop) => hop.service === service)
  if (group === undefined) return []
  const { name } = group
  const toldUntil = toldUntilOf(life) ?? 0
  const placeOf = ({ partition, offset }: Passing): string => `${partition}/${offset}`
  // What it had told of it may have handled again from its commit on, which is a moment behind.
  const committedUntil = toldUntil - COMMITS_ASKED_MS - COMMIT_LAG * flushMs
  const again = new Map<number, number>()
  for (const { at, partition, offset } of passed.get(name) ?? []) {
    if (at <= silentAt || partition === undefined || offset === undefined) continue
    again.set(partition, Math.min(offset, again.get(partition) ?? offset))
  }
  const isDone = ({ at, partition, offset }: Passing): boolean =>
    at < committedUntil && (offset ?? 0) < (again.get(partition ?? -1) ?? Number.POSITIVE_INFINITY)
  const told = new Set((passed.get(name) ?? []).filter(isDone).map((passing) => placeOf(passing)))
  const topic = hops.filter(isTopic).find((hop) => hop.topic === group.topic)?.name ?? ''
  const why = `a process fell silent at ${silentAt}; this lay before it`
  return (passed.get(topic) ?? [])
    .filter(({ at }) => at <= silentAt + HEARTBEATS * flushMs)
    .filter((passing) => !told.has(placeOf(passing)))
    .map(({ id }) => ({ hop: name, why, bornFrom: bornAt(id), bornTo: bornAt(id) }))
}

/** The auditor asks for commits once in the longest flush interval: that of its own topic agent. */
const COMMITS_ASKED_MS = 5_000
/** Flush intervals by which a commit may be behind what was told. */
const COMMIT_LAG = 4

/** ms: when the last frame was cut of those that reached the audit topic with all before them. */
function toldUntilOf(life: readonly Entry[]): number | null {
  const told = new Map(life.flatMap((e) => (e.kind === 'told' ? [[e.number, e.at] as const] : [])))
  let until: number | null = null
  for (let number = 0; told.has(number); number++) until = told.get(number) ?? until
  return until
}
