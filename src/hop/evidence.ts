/** Evidence at rest: the sums of frames, as the store returns them and the reconciler reads them. */
import type { Intervals, OffsetRange } from '../base/intervals.ts'
import type { Shape, Writer } from '../drift/shape.ts'
import type { Latencies } from '../sketch/latency.ts'
import type { Membership } from '../sketch/membership.ts'
import type { Sketch } from '../sketch/sketch.ts'
import type { Channel, FrameSpan, Origin, Seal } from './frame.ts'
import type { HopKey, HopRef } from './hop.ts'
import type { TallyParams } from './params.ts'
import type { TagSpan } from './tag-spans.ts'

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
  /** The dense-sequence witness; null: not kept. */
  readonly tags: readonly TagSpan[] | null
}

/** What a tally witnesses of the sequences that were minted. */
export type StoredTags = Pick<StoredTally, 'key' | 'hop' | 'channel' | 'origin' | 'ranges' | 'tags'>

/** How long messages of one window took to come here. */
export interface StoredLatency {
  readonly hop: HopRef
  readonly key: HopKey
  /** Producers: forwarded from where; null: minted. */
  readonly origin: Origin | null
  readonly window: number
  /** 1: of every message; n: of one in n. */
  readonly oneIn: number
  /** ms from birth until it passed here. */
  readonly fromBirth: Latencies
  /** ms from the hop before; empty where no agent saw both ends. */
  readonly fromHop: Latencies
}

/** The membership filter of a hop and window: of what passed there. */
export interface StoredMembership {
  readonly key: HopKey
  readonly window: number
  /** Messages folded into it: it answers for the hop only if that is all that passed. */
  readonly count: number
  readonly filter: Membership
}

/** What the messages of one hop and window looked like; at producers, those of one instance. */
export interface StoredShape {
  readonly key: HopKey
  readonly hop: HopRef
  /** Null: of all instances together. */
  readonly writer: Writer | null
  readonly window: number
  /** ms: the size of the window, or of all windows that were put together once they were old. */
  readonly spanMs: number
  readonly shape: Shape
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
  /** ms: the least difference of the collector's clock at receipt and the agent's at sending. */
  readonly minDelayMs: number
  readonly flushMs: number
  readonly windowMs: number
  /** Frame numbers received. */
  readonly seen: Intervals
  /** The frame number that said goodbye, or null. */
  readonly goodbye: number | null
  /**
   * ms, by the agent's clock: a frame that is missing and was announced by none holds nothing born later.
   */
  readonly unknownUntil: number
  /** Spans of frames that were announced by later ones and have not come. */
  readonly missing: readonly FrameSpan[]
  /** Per producer hop the newest seal, and the frame that brought it. */
  readonly seals: readonly (Seal & { readonly number: number })[]
  /** Hops it has reported on. */
  readonly hops: readonly HopKey[]
  /** How far it has come at each hop that has offsets; in what order, or without holes, is not said. */
  readonly reach: readonly Reach[]
}

/** The highest offset that one instance covered, of one hop and partition. */
export interface Reach {
  readonly key: HopKey
  readonly partition: number
  /** One past it. */
  readonly to: number
}

/**
 * Offsets `[from, to)` watched without a hole, and the time in which the frames that say so were sent.
 * What came first is not what is lowest: an offset in a span may be known at any time within.
 */
export interface CoverSpan {
  readonly from: number
  readonly to: number
  /** ms, by the agents' clocks; 0: from before times were kept. */
  readonly firstAt: number
  readonly lastAt: number
}

/** Offsets watched at a hop, per partition, united over all agents. */
export interface HopCoverage {
  readonly key: HopKey
  readonly hop: HopRef
  readonly partitions: ReadonlyMap<number, Intervals>
  /** The same intervals, in the same order, with their times. */
  readonly spans: ReadonlyMap<number, readonly CoverSpan[]>
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

/** It said no goodbye, and nothing was heard of it for longer than it may be silent. */
export function isDead(instance: Heartbeat & Pick<InstanceState, 'goodbye'>, now: number): boolean {
  return instance.goodbye === null && isSilent(instance, now)
}

/** Whether nothing was heard of it for longer than that; one that said goodbye is silent too. */
export function isSilent(instance: Heartbeat, now: number): boolean {
  return now - instance.lastHeardAt > silenceMs(instance)
}
