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

/** So many empty polls in a row are taken for the end: a transaction's marker is never delivered. */
const EMPTY_POLLS = 5

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
  const reached: Record<string, number> = {}
  for (let empty = 0; !isReached(goal, reached) && empty < EMPTY_POLLS; ) {
    const records = await reader.poll(waitMs)
    empty = records.length === 0 ? empty + 1 : 0
    for (const { partition, position, bytes } of records) {
      reached[partition] = Math.max(reached[partition] ?? 0, position + 1)
      const frame = frameOf(bytes)
      if (frame === null) foreign++
      else {
        frames++
        note(ends, frame)
      }
    }
  }
  // To start at the beginning because nothing could be read would count everything a second time.
  if (frames + foreign === 0 && !isReached(goal, reached)) {
    throw new QuipuError('CONNECTION', 'the audit topic has frames, but none could be read', {
      hint: 'Check that the brokers of the audit topic answer and that this client may read it.',
    })
  }
  const resume = (topic: string, partition: number): number | undefined =>
    ends.get(hopKey(topicHop(cluster, topic)))?.get(partition)
  return { resume, frames, foreign }
}

/**
 * The highest offset that a frame covers, or counts: an agent that dies between the frames of one cut
 * leaves tallies without their coverage. Those are not counted again; their offsets become a hole.
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
