/** Evidence at rest: the sums of frames, as the store returns them and the reconciler reads them. */
import type { Intervals, OffsetRange } from '../base/intervals.ts'
import type { Sketch } from '../sketch/sketch.ts'
import type { Channel, FrameSpan, Origin, Seal } from './frame.ts'
import type { HopKey, HopRef } from './hop.ts'
import type { TallyParams } from './params.ts'

/** All one hop saw of one window in one channel: the sum over agents and frames. */
export interface StoredTally {
  readonly hop: HopRef
  readonly key: HopKey
  readonly channel: Channel
  readonly origin: Origin | null
  readonly reason: string
  readonly params: TallyParams
  readonly window: number
  readonly count: number
  readonly placeless: number
  readonly sketch: Sketch
  readonly ranges: readonly OffsetRange[]
}

/** What is known of one agent instance. */
export interface InstanceState {
  readonly instance: string
  readonly service: string
  /** ms, by the agent's clock */
  readonly firstSentAt: number
  readonly lastSentAt: number
  /** ms, by the collector's clock */
  readonly lastHeardAt: number
  readonly flushMs: number
  readonly windowMs: number
  /** Frame numbers received. */
  readonly seen: Intervals
  /** The frame number that said goodbye, or null. */
  readonly goodbye: number | null
  /** Spans of frames that were announced by later ones and have not come. */
  readonly missing: readonly FrameSpan[]
  /** Per producer hop the newest seal, and the frame that brought it. */
  readonly seals: readonly (Seal & { readonly number: number })[]
  /** Hops it has reported on. */
  readonly hops: readonly HopKey[]
}

/** Offsets watched at a hop, per partition, united over all agents. */
export interface HopCoverage {
  readonly key: HopKey
  readonly hop: HopRef
  readonly partitions: ReadonlyMap<number, Intervals>
}

/** Windows of a hop whose evidence was given up, or named by births that are not believed. */
export interface HopGap {
  readonly key: HopKey
  readonly reason: string
  readonly count: number
  readonly fromWindow: number
  readonly toWindow: number
}

/** An agent that was silent for so many of its own flush intervals is gone. */
const SILENT_HEARTBEATS = 3

type Heartbeat = Pick<InstanceState, 'lastHeardAt' | 'flushMs'>

/** ms of silence after which the agent is taken to be gone. */
export function silenceMs({ flushMs }: Pick<Heartbeat, 'flushMs'>): number {
  return SILENT_HEARTBEATS * flushMs
}

/** Whether nothing was heard of it for longer than that; one that said goodbye is silent too. */
export function isSilent(instance: Heartbeat, now: number): boolean {
  return now - instance.lastHeardAt > silenceMs(instance)
}
