/**
 * What a group's commits tell of one partition, from polls of it one after the other. Pure.
 *
 * A commit says that all below it was handled, but only from where it stood before: one that vanished
 * (kafkajs commits -1 or -2 at a reset) and came back passes over offsets that nobody may have read. And
 * what the log's start has passed while the commit stood below it was deleted unread, whatever is
 * committed later.
 */
import { gaps, type Intervals, union } from '../base/intervals.ts'
import type { GroupOffsets } from '../reconcile/evidence.ts'

export interface OffsetPoll {
  /** One past the last committed offset; null: nothing is committed. */
  readonly commit: number | null
  /** The first offset that the log has. */
  readonly low: number
}

export interface GroupState extends GroupOffsets {
  /** The commit of the last poll. */
  readonly last: number | null
}

/** Disjoint ranges kept of one partition; the oldest go first: to forget them says less, never more. */
const RANGES_MAX = 1_000

export function noted(state: GroupState | undefined, { commit, low }: OffsetPoll): GroupState {
  if (commit === null) return { committed: [], deleted: [], ...state, last: null }
  const deletedNow = low > commit ? ([[commit, low]] as const) : []
  // Nothing was committed so far: what the first commit speaks for was handled, by whoever it was.
  if (state === undefined || isNew(state))
    return { committed: join([], 0, commit), deleted: deletedNow, last: commit }
  let { committed, deleted } = state
  for (const [from, to] of deletedNow)
    for (const gap of gaps(committed, from, to)) deleted = join(deleted, ...gap)
  if (state.last !== null && commit > state.last)
    for (const gap of gaps(deleted, state.last, commit)) committed = join(committed, ...gap)
  return { committed, deleted, last: commit }
}

/** It has committed nothing yet. */
function isNew({ committed, deleted, last }: GroupState): boolean {
  return last === null && committed.length === 0 && deleted.length === 0
}

function join(set: Intervals, from: number, to: number): Intervals {
  const joined = union(set, from, to)
  return joined.length > RANGES_MAX ? joined.slice(-RANGES_MAX) : joined
}
