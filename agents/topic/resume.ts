/** Where a topic agent goes on: behind the last frame about its topic, never at its group's commit. */
import { QuipuError } from '../../src/base/errors.ts'
import type { Frame } from '../../src/hop/frame.ts'
import { decodeFrame } from '../../src/hop/frame-codec.ts'
import { type HopKey, hopKey, topicHop } from '../../src/hop/hop.ts'
import type { FrameReader, Positions } from '../../src/transport/transport.ts'

/** The next offset to read of a partition; undefined where no frame tells. */
export type Resume = (
  topic: string,
  partition: number,
) => number | undefined | Promise<number | undefined>

export interface ResumeFromFrames {
  readonly resume: (topic: string, partition: number) => number | undefined
  readonly frames: number
  /** Records that were no frames, or not readable ones. */
  readonly foreign: number
}

export interface ResumeOptions {
  readonly cluster?: string
  /** ms to wait for records before a poll counts as empty */
  readonly waitMs?: number
}

/** After so many polls in a row that brought nothing, the end is taken to be out of reach. */
const EMPTY_POLLS_MAX = 30

/** Reads the whole audit topic. The reader stays open; who made it closes it. */
export async function resumeFromFrames(
  reader: FrameReader,
  { cluster = 'default', waitMs = 1_000 }: ResumeOptions = {},
): Promise<ResumeFromFrames> {
  const ends = new Map<HopKey, Map<number, number>>()
  let frames = 0
  let foreign = 0
  await reader.open({})
  const goal = await reader.ends()
  for (let empty = 0; !isReached(goal, reader.reached()); ) {
    const records = await reader.poll(waitMs)
    empty = records.length === 0 ? empty + 1 : 0
    // To go on without the newest frames would count what they hold a second time.
    if (empty > EMPTY_POLLS_MAX) throw unreadable()
    for (const { bytes } of records) {
      const frame = frameOf(bytes)
      if (frame === null) foreign++
      else {
        frames++
        note(ends, frame)
      }
    }
  }
  const resume = (topic: string, partition: number): number | undefined =>
    ends.get(hopKey(topicHop(cluster, topic)))?.get(partition)
  return { resume, frames, foreign }
}

/**
 * The highest offset that a frame covers, or counts: an agent that sends without transactions and dies
 * between the frames of one cut leaves tallies without their coverage. Those are not counted again;
 * their offsets become a hole.
 */
function note(ends: Map<HopKey, Map<number, number>>, frame: Frame): void {
  const raise = (key: HopKey, partition: number, end: number): void => {
    const partitions = ends.get(key) ?? new Map<number, number>()
    if (end > (partitions.get(partition) ?? -1)) partitions.set(partition, end)
    ends.set(key, partitions)
  }
  for (const { hop, partition, to } of frame.covered)
    if (hop.role === 'topic') raise(hopKey(hop), partition, to)
  for (const { hop, ranges } of frame.deltas)
    if (hop.role === 'topic')
      for (const { partition, high } of ranges) raise(hopKey(hop), partition, high + 1)
}

function unreadable(): QuipuError {
  return new QuipuError('CONNECTION', 'the audit topic could not be read to its end', {
    hint: 'Check that the brokers of the audit topic answer and that this client may read it.',
  })
}

function frameOf(bytes: Uint8Array): Frame | null {
  try {
    return decodeFrame(bytes)
  } catch {
    return null
  }
}

function isReached(goal: Positions, reached: Positions): boolean {
  return Object.entries(goal).every(([partition, end]) => end <= (reached[partition] ?? 0))
}
