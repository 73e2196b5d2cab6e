/** The bytes within the deltas of a frame, read: all of them or none. */
import type { OffsetRange } from '../base/intervals.ts'
import type { Frame } from '../hop/frame.ts'
import { limbsOf, SHAPE } from '../hop/params.ts'
import type { TagSpan } from '../hop/tag-spans.ts'
import { Latencies, LatencyFormatError } from '../sketch/latency.ts'
import { Membership, MembershipFormatError } from '../sketch/membership.ts'
import { Sketch, SketchFormatError } from '../sketch/sketch.ts'

/** A delta whose bytes have been read. */
export interface ReadDelta {
  readonly window: number
  readonly count: number
  readonly placeless: number
  readonly ranges: readonly OffsetRange[]
  readonly bytes: Uint8Array
  readonly sketch: Sketch
  readonly tags: readonly TagSpan[] | null
  readonly birthLatency: Latencies
  readonly hopLatency: Latencies
  readonly membership: ReadMembership | null
}

export interface ReadMembership {
  readonly capacity: number
  readonly seed: number
  readonly filter: Membership
}

/**
 * What the deltas of one frame may take in memory. A filter of 4 bytes takes up to 512 KiB and a table
 * of 147 takes 64, so a frame of 1 MiB could ask for gigabytes; an agent holds 55 MB at most (400
 * tallies with their latencies, and 8 MiB of filters), and its frame takes no more than it did.
 */
const FRAME_BYTES_MAX: number = 64 * 2 ** 20

/** Null if one of them is not what the frame says, or if they take more memory than any agent has. */
export function readDeltas({ deltas, shape, seed }: Frame): readonly ReadDelta[] | null {
  if (deltas.length > 0 && shape !== SHAPE) return null
  try {
    const read: ReadDelta[] = []
    let bytesInMemory = 0
    for (const delta of deltas) {
      const { window, count, placeless, ranges, sketch: bytes, tags, element } = delta
      const sketch = Sketch.fromBytes(bytes, seed, limbsOf(element))
      if (sketch.count !== count) return null
      const birthLatency = latenciesOf(delta.birthLatency)
      const hopLatency = latenciesOf(delta.hopLatency)
      // More would be claimed than was counted.
      if (Math.max(birthLatency.count, hopLatency.count) > count) return null
      const membership = delta.membership && {
        capacity: delta.membership.capacity,
        seed,
        filter: Membership.fromBytes(delta.membership.bits, seed, delta.membership.capacity),
      }
      bytesInMemory += sketch.bytesInMemory + birthLatency.bytesInMemory + hopLatency.bytesInMemory
      bytesInMemory += membership?.filter.bytesInMemory ?? 0
      if (bytesInMemory > FRAME_BYTES_MAX) return null
      read.push({
        ...{ window, count, placeless, ranges, bytes, sketch, tags },
        ...{ birthLatency, hopLatency, membership },
      })
    }
    return read
  } catch (error) {
    if (isFormatError(error)) return null
    throw error
  }
}

/** Empty bytes: nothing was recorded. */
export function latenciesOf(bytes: Uint8Array): Latencies {
  return bytes.length === 0 ? new Latencies() : Latencies.fromBytes(bytes)
}

function isFormatError(error: unknown): boolean {
  return (
    error instanceof SketchFormatError ||
    error instanceof LatencyFormatError ||
    error instanceof MembershipFormatError
  )
}
