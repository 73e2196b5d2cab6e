/**
 * The rules: what a remaining id means. Numbered, worst evidence first, first hit wins.
 *
 * Missing (+, in `from` and not in `to`) may be called lost only when `to` covers the window; extra
 * (−) only when `from` has passed it (law 1). Each rule is pure and looks at one id.
 */
import { hexOfWords, ordinalOf, withOrdinal, wordsOfHex } from '../message/id.ts'
import type { Has, Heard } from './members.ts'
import type { PassageState } from './passage.ts'

/** What the rules may know of the edge and window. */
export interface Ground {
  /** Would `to` have seen what is known upstream? */
  readonly toCovers: PassageState
  readonly fromPassed: PassageState
  /** The window's deadline is over. */
  readonly due: boolean
  /** Missing ids: how many of each are copies of a message that is still accounted for. */
  readonly copiesMissing: ReadonlyMap<string, number>
  /** Copies were made further up that could not be named: what is missing may be one of them. */
  readonly copiesUnnamed: boolean
  /** Ids that are in `from` by the group's commit only: what was done with them nobody told. */
  readonly handledUntold: ReadonlyMap<string, number>
  /** Messages of the window may have passed `from` untold: a member was killed, a commit says more. */
  readonly fromRepeats: boolean
  /** Compaction may have removed messages of `from` before they were counted there. */
  readonly fromCompacted: boolean
  /** Ids by channel, where they can be listed. */
  readonly rejected: ReadonlySet<string>
  readonly withdrawn: ReadonlySet<string>
  readonly unconfirmed: ReadonlySet<string>
  /** Dropped for reasons that the edge does not declare: id → reason. */
  readonly filteredUndeclared: ReadonlyMap<string, string>
  /** Some of the sets above are too large to list: an id that is not in them may belong to them. */
  readonly outcomesUnlisted: boolean
  /** A `to` hop is a topic: messages may come in from producers that were never heard. */
  readonly isOpen: boolean
  readonly heard: Heard
  /** Whether an id is in `from`, as far as that is known. */
  readonly fromHas: Has
  /** The same of what arrived. */
  readonly toHas: Has
}

export type MissingMeaning =
  | 'undetermined'
  | 'in_flight'
  | 'copy_removed'
  | 'filtered_undeclared'
  | 'lost'

export type ExtraMeaning =
  | 'withdrawn_delivered'
  | 'landed_though_failed'
  | 'unconfirmed'
  | 'duplicated'
  | 'undetermined_extra'
  | 'unexpected'
  | 'unheard'
  | 'extra'

type Rule<M> = (id: string, ground: Ground) => M | undefined

/** The id with ordinal 0: what a derived id is a copy of on an edge without multiplicity. */
export function parentOf(id: string): string {
  const words = wordsOfHex(id)
  return ordinalOf(words) === 0 ? id : hexOfWords(withOrdinal(words, 0))
}

// Rule M1 - a hole in `to`: it may have passed unseen. Before all others: without coverage nothing
// that is absent proves anything.
const inHole: Rule<MissingMeaning> = (_, { toCovers }) =>
  toCovers === 'hole' || toCovers === 'out_of_scope' ? 'undetermined' : undefined

// Rule M2 - `to` has not come so far: lag is never loss.
const underWay: Rule<MissingMeaning> = (_, { toCovers }) =>
  toCovers === 'behind' ? 'in_flight' : undefined

// Rule M3 - covered, but before the deadline: a send may still be resolving, a frame be on its way.
const notDue: Rule<MissingMeaning> = (_, { due }) => (due ? undefined : 'in_flight')

// Rule M4 - a copy made further up is gone here, one of the message is still there. Above M8: to lose
// a copy is not to lose the message.
const copyRemoved: Rule<MissingMeaning> = (id, { copiesMissing }) =>
  (copiesMissing.get(id) ?? 0) > 0 ? 'copy_removed' : undefined

// Rule M5 - it may be a copy that nobody could name, and whether the message itself arrived is not
// known either: missing copy or lost. That none of it arrived would be proof.
const perhapsCopy: Rule<MissingMeaning> = (id, { copiesUnnamed, toHas }) =>
  copiesUnnamed && toHas(id) === 'maybe' ? 'undetermined' : undefined

// Rule M6 - handled, as the commit says, by an agent that died before it told: perhaps it was dropped for
// a declared reason, perhaps it was lost.
const untold: Rule<MissingMeaning> = (id, { handledUntold }) =>
  handledUntold.has(id) ? 'undetermined' : undefined

// Rule M7 - the code said why, but the edge does not promise that reason. A loss, with its cause.
const filteredUndeclared: Rule<MissingMeaning> = (id, ground) =>
  ground.filteredUndeclared.has(id) ? 'filtered_undeclared' : undefined

// Rule M8 - in `from`, not in `to`, `to` complete, the deadline over.
const lost: Rule<MissingMeaning> = () => 'lost'

export const missingRules: readonly Rule<MissingMeaning>[] = [
  inHole,
  underWay,
  notDue,
  copyRemoved,
  perhapsCopy,
  untold,
  filteredUndeclared,
  lost,
]

// Rule X1 - aborted, and yet delivered. Before X7: known by name, whatever else is missing.
const withdrawn: Rule<ExtraMeaning> = (id, ground) =>
  ground.withdrawn.has(id) ? 'withdrawn_delivered' : undefined

// Rule X2 - the send was rejected, but the broker had written it. Never `unexpected`. Where another
// send of the id was acknowledged, there are two of it: a copy.
const landed: Rule<ExtraMeaning> = (id, { rejected, fromHas }) =>
  rejected.has(id) && fromHas(id) !== 'yes' ? 'landed_though_failed' : undefined

// Rule X3 - the outcome was unknown; now it is known to have landed.
const confirmedByLog: Rule<ExtraMeaning> = (id, { unconfirmed, fromHas }) =>
  unconfirmed.has(id) && fromHas(id) !== 'yes' ? 'unconfirmed' : undefined

// Rule X4 - handled once in the books, but a member was killed before it could tell what it handled: the
// message may have passed `from` twice as well. So may one that only a commit has shown.
const mayRepeat: Rule<ExtraMeaning> = (id, { fromRepeats, fromHas, handledUntold }) =>
  handledUntold.has(id) ||
  handledUntold.has(parentOf(id)) ||
  (fromRepeats && [fromHas(id), fromHas(parentOf(id))].some((has) => has !== 'no'))
    ? 'undetermined_extra'
    : undefined

// Rule X5 - not in `from`, where compaction may have removed it before it was counted.
const compactedAway: Rule<ExtraMeaning> = (id, { fromCompacted, fromHas }) =>
  fromCompacted && fromHas(id) !== 'yes' ? 'undetermined_extra' : undefined

// Rule X6 - a copy, proven by name: its parent, or the id itself, is in `from`. Above X7 because
// what is in `from` stays in it, however much of `from` is still to come, but not before the deadline:
// the original may be in a frame on its way.
const copyByName: Rule<ExtraMeaning> = (id, { fromHas, fromPassed, due }) => {
  if (fromPassed !== 'passed' && !due) return undefined
  const parent = parentOf(id)
  const isCopy = parent !== id && fromHas(parent) === 'yes' && fromHas(id) !== 'yes'
  return isCopy ? 'duplicated' : undefined
}

// Rule X7 - `from` has not passed the window: its own count of the id may still come. Or the sends
// whose outcome would explain it cannot be listed.
const fromIncomplete: Rule<ExtraMeaning> = (id, { fromPassed, outcomesUnlisted, fromHas }) =>
  fromPassed !== 'passed' || (outcomesUnlisted && fromHas(id) !== 'yes')
    ? 'undetermined_extra'
    : undefined

// Rule X8 - `from` is complete, and membership is known: of the id, or of the one it is derived from.
// At a topic an id that nobody reported may be of a producer that was never heard.
const byMembership: Rule<ExtraMeaning> = (id, { fromHas }) => {
  const known = [fromHas(id), fromHas(parentOf(id))]
  if (known.includes('yes')) return 'duplicated'
  if (known.includes('maybe')) return undefined
  return known.includes('unheard') ? 'unheard' : 'unexpected'
}

// Rule X9 - membership is not known, but a derived ordinal is a copy of its parent.
const copyByOrdinal: Rule<ExtraMeaning> = (id) => (parentOf(id) === id ? undefined : 'duplicated')

// Rule X10 - at a topic, of a producer that has reported nowhere around this window: nobody can say. Or
// of one whose reports do not tell, as with ids that we did not mint.
const unheard: Rule<ExtraMeaning> = (id, { isOpen, heard }) => {
  if (!isOpen) return undefined
  const known = heard(id)
  return known === false ? 'unheard' : known === null ? 'undetermined_extra' : undefined
}

// Rule X11 - a copy or an unexpected message: the log would tell which.
const extra: Rule<ExtraMeaning> = () => 'extra'

export const extraRules: readonly Rule<ExtraMeaning>[] = [
  withdrawn,
  landed,
  confirmedByLog,
  mayRepeat,
  compactedAway,
  copyByName,
  fromIncomplete,
  byMembership,
  copyByOrdinal,
  unheard,
  extra,
]

export function meaningOf<M>(rules: readonly Rule<M>[], id: string, ground: Ground): M {
  for (const rule of rules) {
    const meaning = rule(id, ground)
    if (meaning !== undefined) return meaning
  }
  throw new Error('the last rule always answers')
}
