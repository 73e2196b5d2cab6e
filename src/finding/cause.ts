/**
 * A cause: why a finding is there, as data. The rules that find it are in diagnose/cause.ts; the sentence
 * is made there as well, in explain-cause.ts.
 *
 * Law 1 holds for causes too. `proven`: the evidence excludes every other cause that is known here, message
 * by message. `likely`: it agrees with this one, by place, time and number, and does not exclude others.
 * What neither reaches is `unknown`, and names the evidence that was lacking. Never two causes for one
 * message: the counts of a finding's causes sum to its count.
 */
import type { FindingArg, FindingCode, FoundId } from './finding.ts'

export const causeCodes = [
  // Why a message is missing.
  /** The send resolved, and the response did not name the message's partition (a defect of kafkajs). */
  'client_unacknowledged',
  /** Its producer died before the send was acknowledged. */
  'producer_died',
  /** Acknowledged, and cut off the log when another broker became leader. */
  'truncated',
  /** Retention deleted it before the group had read it. */
  'deleted_unread',
  'compacted',
  /** What was made of it went out in a transaction that was aborted. */
  'transaction_aborted',
  /** What was made of it was refused by the broker or the client. */
  'send_rejected',
  /** The group's position was out of the log's range, and it went on somewhere else. */
  'offset_reset',
  /** The group went past it: a seek, or a commit ahead of what was handled. */
  'consumer_skipped',
  'handler_threw',
  'filtered_undeclared',
  /** It lies in a topic of dead letters that the edge does not name. */
  'dead_lettered',
  // Why there is one too many.
  /** The same offset was handed out again: a rebalance, a restart, a failed attempt. */
  'redelivered',
  /** The client sent it again: one message at two offsets. */
  'client_retried',
  /** The code sent it again: in one handling, or with an id it had used. */
  'sent_again',
  /** A group went back over a range of offsets that it had handled. */
  'range_replayed',
  // Why one is there that should not be.
  /** Of a transaction that was aborted: whoever counted it was handed what is not committed. */
  'aborted_read',
  /** The service that handles for the edge sent it with an id of its own. */
  'minted_anew',
  /** From a producer that the edge does not name. */
  'undeclared_producer',
  'unknown',
] as const
export type CauseCode = (typeof causeCodes)[number]

/** One fact that a cause rests on, to be shown: `{ name: 'log_cut', args: { partition: 2, … } }`. */
export interface CauseFact {
  readonly name: string
  readonly args: Readonly<Record<string, FindingArg>>
}

export interface Cause {
  readonly code: CauseCode
  /** Of the rule that told it, for the docs: `C7`. */
  readonly rule: string
  readonly finding: FindingCode
  /** Messages, as the finding counts them. */
  readonly count: number
  /** Those of them that are known by name, at most `FINDING_IDS_MAX`. */
  readonly ids: readonly FoundId[]
  readonly certainty: 'proven' | 'likely' | 'unknown'
  /** At most `CAUSE_FACTS_MAX`. */
  readonly proof: readonly CauseFact[]
  /** What would have told more: words such as `the log of flights was not searched`. */
  readonly lacking: readonly string[]
}

export const CAUSE_FACTS_MAX = 8
