/**
 * A frame: what one agent saw since its last one. Numbered, immutable, merged by adding.
 *
 * - `number` is dense from 0 within an instance; the auditor takes each (instance, number) once.
 * - Everything in a frame is a *change*: tallies to add, offset ranges to unite. So frames may come
 *   late, twice or in another order, and the sum is the same.
 * - Tallies and coverage of one frame belong together: an offset is covered in the frame that counts
 *   its message, so a lost frame is a gap in the coverage and not a loss.
 */
import type { OffsetRange } from '../base/intervals.ts'
import type { HopRef } from './hop.ts'
import type { Mishap } from './mishap.ts'
import type { TagSpan } from './tag-spans.ts'

/**
 * What a tally counts.
 *
 * | channel        | at       | meaning                                                             |
 * | -------------- | -------- | ------------------------------------------------------------------- |
 * | passed         | all      | acknowledged (producer), read (topic), handled (consumer), arrived  |
 * | unacknowledged | producer | also in `passed`: the send resolved, its partition did not answer   |
 * | rejected       | producer | the send failed; not expected downstream                            |
 * | withdrawn      | producer | its transaction was aborted                                         |
 * | unconfirmed    | producer | outcome unknown (commit failed oddly, or pending beyond `lateness`) |
 * | filtered       | consumer | also in `passed`: `dropped(received, reason)`                       |
 * | unidentified   | topic, consumer | no stamp that can be read: counted by place in the log       |
 */
export const channels = [
  'passed',
  'unacknowledged',
  'rejected',
  'withdrawn',
  'unconfirmed',
  'filtered',
  'unidentified',
] as const
export type Channel = (typeof channels)[number]

/** Where a producer's messages come from: minted here (null), or forwarded from a topic by a group. */
export interface Origin {
  readonly topic: string
  readonly group: string
}

/** What one hop saw of one window, since the last frame. */
export interface TallyDelta {
  readonly hop: HopRef
  readonly channel: Channel
  readonly origin: Origin | null
  /** Why filtered; else empty. */
  readonly reason: string
  /** Canonical identity, see message/identity.ts. */
  readonly identity: string
  /** What is folded: see hop/params.ts. */
  readonly element: string
  /** 1: every message; n: the one in n that the hash of the id chooses. */
  readonly oneIn: number
  /** ms, start of the window */
  readonly window: number
  /** Messages, with repetitions. */
  readonly count: number
  /** Of `count`, messages that had no offset (unacknowledged, acks 0, outcome unknown). */
  readonly placeless: number
  /** `Sketch.toBytes()` */
  readonly sketch: Uint8Array
  /** Lowest and highest offset of the window's messages per partition. */
  readonly ranges: readonly OffsetRange[]
  /** `Latencies.toBytes()`, from birth until it passed here; empty: not kept. */
  readonly birthLatency: Uint8Array
  /** The same from the hop before, measured by the one agent that saw both ends. */
  readonly hopLatency: Uint8Array
  /** Null: not kept. */
  readonly membership: MembershipPart | null
  /** The dense-sequence witness; null: not kept, or of too many tags. */
  readonly tags: readonly TagSpan[] | null
}

/** `Membership.toBytes()` of all ids of the delta. */
export interface MembershipPart {
  /** Messages a window for which it was made. */
  readonly capacity: number
  readonly bits: Uint8Array
}

/** Offsets `[from, to)` that the agent watched, whether they held data or not. */
export interface Covered {
  readonly hop: HopRef
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** How far a producer hop has come: every send begun before `sealedUntil` has resolved. */
export interface Seal {
  readonly hop: HopRef
  /** ms */
  readonly sealedUntil: number
  /** Windows that hold ids of sends still unresolved. */
  readonly open: readonly number[]
}

/** Evidence that the agent had to give up. Never silent: it makes the windows undetermined. */
export interface Dropped {
  readonly hop: HopRef
  /** `tallies-full`, `frame-refused`, … */
  readonly reason: string
  readonly count: number
  /** ms, first and last window start touched */
  readonly fromWindow: number
  readonly toWindow: number
}

/** Births outside the believed bounds, with the windows they name (bounded). */
export interface Strays {
  readonly hop: HopRef
  readonly count: number
  readonly windows: readonly number[]
}

/** Plain counts for people and for coverage, per hop: changes since the last frame. */
export interface HopCounts {
  readonly hop: HopRef
  /** `received`, `failed-attempts`, `fresh`, `derived`, `malformed-stamp`, `unstamped-retry`, … */
  readonly name: string
  readonly count: number
}

/** What the messages of one hop and window looked like, since the last frame. */
export interface ShapeDelta {
  readonly hop: HopRef
  /** ms, start of the window */
  readonly window: number
  /** See schemas/shape.avsc. */
  readonly shape: Uint8Array
}

/** What a recent frame touched, so that a missing frame is bounded. `from > to`: no tally at all. */
export interface FrameSpan {
  readonly number: number
  readonly from: number
  readonly to: number
}

export interface Frame {
  /** 32 hex digits, drawn when the agent starts. */
  readonly instance: string
  /** Dense from 0. */
  readonly number: number
  readonly service: string
  /** What it runs, such as `checkin/1.4.2 kafkajs/2.2.4 node/20.19.0`; empty: not known. */
  readonly client: string
  /** Where it runs; empty: not known. */
  readonly host: string
  /** ms, by the agent's clock */
  readonly sentAt: number
  /** ms: the next frame comes at the latest so long after this one */
  readonly flushMs: number
  readonly windowMs: number
  readonly shape: string
  readonly seed: number
  /** First frame of the instance. */
  readonly hello: boolean
  /** Last frame of the instance. */
  readonly goodbye: boolean
  readonly deltas: readonly TallyDelta[]
  readonly covered: readonly Covered[]
  readonly seals: readonly Seal[]
  readonly dropped: readonly Dropped[]
  readonly strays: readonly Strays[]
  readonly counts: readonly HopCounts[]
  readonly shapes: readonly ShapeDelta[]
  /** What the agent saw go wrong: it says why, and no tally rests on it. */
  readonly mishaps: readonly Mishap[]
  /** The last few frames before this one. */
  readonly recent: readonly FrameSpan[]
}

/** A frame is cut before it passes this many bytes; the audit topic's records are at most 1 MiB. */
export const FRAME_BYTES_MAX = 900_000
/** Spans of this many frames before are repeated in each frame. */
export const RECENT_FRAMES = 16
/** Shapes open in an agent, and hence in one of its frames. */
export const SHAPES_MAX = 400
/** Bytes of one shape in a frame; those that agents open today keep to a sixth of it. */
export const SHAPE_DELTA_BYTES_MAX: number = 768 * 1024
