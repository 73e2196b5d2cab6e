/**
 * Whether all windows up to some time are settled, for those who start a job on complete data. Pure.
 *
 * Law: a window of which nobody has told yet looks like one in which nothing happened. So it is not
 * enough that all known windows are settled: everybody who may still tell must have told, and what they
 * told must have been judged.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import { type InstanceState, isDead } from '../hop/evidence.ts'
import { type HopRef, hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { windowStartOf } from '../message/window.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import { isoOf } from './iso.ts'

export interface Waiting {
  readonly pipelines: readonly Pipeline[]
  /** Of windows that start before `until`, from wherever the asker looks. */
  readonly verdicts: readonly EdgeVerdict[]
  readonly instances: readonly InstanceState[]
  /** ms: until when the auditor has taken and judged everything; null: it has not said so yet. */
  readonly seenUntil: number | null
  /** ms: what `toldAt` gave, of this look and those before. */
  readonly toldAt: number
  /** ms */
  readonly now: number
  /** ms: windows that start before are waited for */
  readonly until: number
  /** Also for their deadlines: what comes later is a revision. */
  readonly final: boolean
}

/** What is still waited for, in words, the first reason first; empty: nothing. */
export function pendingOf(waiting: Waiting): string[] {
  const { pipelines, until, final, now } = waiting
  if (pipelines.length === 0) return ['no pipeline has been audited into this store']
  const ends = pipelines.map((p) => lastEndOf(p, until))
  const deadline = Math.max(...pipelines.map((p) => lastEndOf(p, until) + p.latenessMs))
  const end = Math.max(...ends)
  const seenUntil = waiting.seenUntil ?? Number.NEGATIVE_INFINITY
  const goal = final ? deadline : end
  // 1. It cannot be known yet.
  if (now < goal) return [final && now >= end ? `the deadline ${isoOf(goal)}` : isoOf(goal)]
  // 2. Nobody has looked so far.
  if (seenUntil < goal)
    return [
      waiting.seenUntil === null
        ? 'the auditor: it has read nothing to its end yet, or is of an older version'
        : `the auditor: it has read until ${isoOf(waiting.seenUntil)}`,
    ]
  // 3. Who sends may still tell of more. After the deadline every window is settled without it.
  const open = openOf(waiting.verdicts)
  if (seenUntil >= deadline) return open
  const unsealed = unsealedOf(waiting, end)
  if (unsealed.length > 0) return [...unsealed, ...open]
  // 4. A frame is taken first and judged then: what it told may be missing from the verdicts.
  if (seenUntil >= waiting.toldAt) return open
  return [`the auditor: it has judged until ${isoOf(seenUntil)}`, ...open]
}

/**
 * ms: by then all that agents told of their sends before `until` had been taken; infinite: they have not
 * told yet. @param before the same of the look before: agents go on telling, of what is later
 */
export function toldAt(
  told: Omit<Waiting, 'verdicts' | 'seenUntil' | 'toldAt' | 'final'>,
  before: number,
): number {
  const { pipelines, instances, until } = told
  const end = Math.max(...pipelines.map((p) => lastEndOf(p, until)))
  if (unsealedOf(told, end).length > 0) return Number.POSITIVE_INFINITY
  const isInto = intoThese(pipelines)
  const senders = instances.filter(({ seals }) => seals.some(({ hop }) => isInto(hop)))
  const heard = senders.map(({ lastHeardAt }) => lastHeardAt)
  return Math.min(before, Math.max(Number.NEGATIVE_INFINITY, ...heard))
}

/** ms: the end of the last window that starts before. */
function lastEndOf({ windowMs }: Pipeline, until: number): number {
  return windowStartOf(until - 1, windowMs) + windowMs
}

/** Agents that live, send into these pipelines, and have not told of all their sends until then. */
function unsealedOf(
  { pipelines, instances, now }: Pick<Waiting, 'pipelines' | 'instances' | 'now'>,
  until: number,
): string[] {
  const isInto = intoThese(pipelines)
  return instances.flatMap((instance) => {
    if (instance.goodbye !== null || isDead(instance, now)) return []
    const behind = instance.seals.filter(
      ({ hop, sealedUntil }) => sealedUntil < until && isInto(hop),
    )
    if (behind.length === 0) return []
    const told = Math.min(...behind.map(({ sealedUntil }) => sealedUntil))
    return [`${instance.service}: it has told of its sends until ${isoOf(told)}`]
  })
}

/** Hops of these pipelines, and those that nobody declared but send into their topics. */
function intoThese(pipelines: readonly Pipeline[]): (hop: HopRef) => boolean {
  const hops = pipelines.flatMap((p) => p.hops.map(({ hop }) => hop))
  const own = new Set(hops.map(hopKey))
  const topics = new Set(hops.filter((h) => h.role === 'topic').map(topicKeyOf))
  return (hop) => own.has(hopKey(hop)) || topics.has(topicKeyOf(hop))
}

/** A line for each edge. */
function openOf(verdicts: readonly EdgeVerdict[]): string[] {
  const edges = new Map<string, { windows: number; since: number }>()
  for (const { pipeline, edge, state, window } of verdicts) {
    if (state !== 'open') continue
    const name = `${pipeline}, ${edge}`
    const { windows = 0, since = window.start } = edges.get(name) ?? {}
    edges.set(name, { windows: windows + 1, since: Math.min(since, window.start) })
  }
  return [...edges].map(
    ([name, { windows, since }]) =>
      `${name}: ${windows === 1 ? '1 window is' : `${windows} windows are`} open, since ${isoOf(since)}`,
  )
}
