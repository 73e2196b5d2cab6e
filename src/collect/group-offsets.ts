/**
 * What a group's commits tell of one partition, from polls of it one after the other. Pure.
 *
 * A commit says that all below it was handled, but only from where it stood before: one that vanished
 * (kafkajs commits -1 or -2 at a reset) and came back passes over offsets that nobody may have read. And
 * what the log's start has passed while the commit stood still below it was deleted unread, whatever is
 * committed later. A client whose next offset is gone resets its commit: where all that there was is
 * deleted at once, the commit of a moment before is the last one that anybody sees.
 */
import { gaps, type Interval, type Intervals, union } from '../base/intervals.ts'
import type { WentBack } from '../diagnose/cause-evidence.ts'
import type { GroupOffsets } from '../reconcile/evidence.ts'

export interface OffsetPoll {
  /** One past the last committed offset; null: nothing is committed. */
  readonly commit: number | null
  /** The first offset that the log has. */
  readonly low: number
  /** One past its last one. */
  readonly end: number
  /** The first offset that an agent of the group has watched; null: none has. */
  readonly watchedFrom?: number | null
  /** The poll before was a moment ago: what was committed then is what the group had when it vanished. */
  readonly follows?: boolean
  /** ms; absent: that the commit went back is not noted */
  readonly at?: number
}

export interface GroupState extends GroupOffsets {
  /** The commit of the last poll. */
  readonly last: number | null
  /** Where the log ended when nothing had been committed yet: what a first commit speaks for begins there. */
  readonly newAt: number | null
  /** Below the log's start at the last poll, not committed: perhaps read, and committed a moment later. */
  readonly doubt: Interval | null
  /** Where the commit was lower than before, the newest last; absent: nowhere. */
  readonly wentBack?: readonly WentBack[]
}

/** A partition that earlier polls of its group did not show: where its first commit begins nobody knows. */
export const UNSEEN: GroupState = {
  ...{ committed: [], deleted: [], last: null, doubt: null },
  newAt: Number.MAX_SAFE_INTEGER,
}

/** Disjoint ranges kept of one partition; the oldest go first: to forget them says less, never more. */
const RANGES_MAX = 1_000
/** Times that one partition's commit went back; the oldest are forgotten. */
const BACK_MAX = 20

export function noted(
  state: GroupState | undefined,
  { commit, low, end, watchedFrom = null, follows = false, at }: OffsetPoll,
): GroupState {
  const wentBack = commit === null || at === undefined ? state?.wentBack : backIn(state, commit, at)
  const back = wentBack === undefined ? {} : { wentBack }
  if (commit === null) {
    // A commit that vanishes takes with it what the next one could speak for.
    const newAt = state === undefined || state.newAt !== null ? end : null
    const { committed = [], deleted = [] } = state ?? {}
    // Of an empty log nothing is to be read any more: what lies between was deleted before the group came.
    const last = follows && low === end ? (state?.last ?? low) : low
    const doubt: Interval | null = low > last ? [last, low] : null
    return { committed, deleted: withDoubt(deleted, state), last: null, newAt, doubt, ...back }
  }
  let { committed, deleted }: GroupOffsets = state ?? { committed: [], deleted: [] }
  // Nobody was at work between the polls: what was deleted meanwhile was not read.
  if (state?.last === commit) deleted = withDoubt(deleted, state)
  const from = Math.max(spokenFrom(state, commit, watchedFrom), state?.doubt?.[1] ?? 0)
  for (const gap of gaps(deleted, from, commit)) committed = join(committed, ...gap)
  const doubt: Interval | null = low > commit ? [commit, low] : null
  return { committed, deleted, last: commit, newAt: null, doubt, ...back }
}

/**
 * What lies between was committed, and is to be handled again. Where the commit has moved on since it was set
 * back, less of it is seen, never more.
 */
function backIn(
  state: GroupState | undefined,
  commit: number,
  at: number,
): readonly WentBack[] | undefined {
  // One that had vanished speaks for nothing new below what was committed before.
  const top = state?.newAt === null ? (state.committed.at(-1)?.[1] ?? null) : null
  const had = state?.last ?? top
  if (had === null || commit >= had) return state?.wentBack
  return [...(state?.wentBack ?? []), { from: commit, to: had, at }].slice(-BACK_MAX)
}

function withDoubt(deleted: Intervals, state: GroupState | undefined): Intervals {
  if (state === undefined || state.doubt === null) return deleted
  return gaps(state.committed, ...state.doubt).reduce((set, gap) => join(set, ...gap), deleted)
}

/** From where on this commit says that offsets were handled. */
function spokenFrom(
  state: GroupState | undefined,
  commit: number,
  watchedFrom: number | null,
): number {
  // 1. It was there before anybody asked: whatever lies below was handled, by whoever it was.
  if (state === undefined) return 0
  // 2. It has moved on.
  if (state.last !== null) return state.last
  // 3. It is the first: the group may have begun at the end of the log, if it was not seen below.
  if (state.newAt !== null) return Math.min(state.newAt, watchedFrom ?? state.newAt)
  // 4. It had vanished.
  return commit
}

function join(set: Intervals, from: number, to: number): Intervals {
  const joined = union(set, from, to)
  return joined.length > RANGES_MAX ? joined.slice(-RANGES_MAX) : joined
}
