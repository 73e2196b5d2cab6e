/** The sentences of causes: why it is, how sure that is, what to do next. Pure. */
import { shellWord } from '../base/shell.ts'
import { visible } from '../base/visible.ts'
import { formatCount, formatInstant, messages, plural } from '../base/words.ts'
import type { Cause, CauseCode, CauseFact } from '../finding/cause.ts'
import type { Explanation } from '../finding/explain.ts'
import type { Finding, FindingArg } from '../finding/finding.ts'
import { uuidOfHex } from '../message/id.ts'

/** Where the finding is. */
export type CausePlace = Pick<Finding, 'edge'>

interface Words {
  /** Why they are missing or too many; what is known of where and when follows. */
  readonly sentence: string
  readonly next: string
}

export function explainCause(cause: Cause, place: CausePlace): Explanation {
  const { sentence, next } = wordsOf(cause, place)
  return { sentence, certainty: certaintyOf(cause), next }
}

/** What each code means, before any figure; the page for people says the same. */
export const causeMeanings: Readonly<Record<CauseCode, string>> = {
  client_unacknowledged: 'the send resolved, but the answer of the broker leaves out the partition',
  producer_died: 'the producer died before it could report',
  truncated: 'acknowledged or read, and cut off the log since',
  deleted_unread: 'deleted by retention before the group had read so far',
  compacted: 'perhaps removed by compaction before it was read',
  transaction_aborted: 'the output went out in a transaction that was aborted',
  send_rejected: 'the send of the output failed',
  offset_reset: "the group's position was out of range, and was reset to a later offset",
  consumer_skipped: 'the group went past without handling it',
  handler_threw: 'the handler threw',
  filtered_undeclared: 'dropped by the code, for a reason that the edge does not declare',
  dead_lettered: 'put among dead letters, in a topic that the edge does not name',
  redelivered: 'handed out again, and the work was done again',
  client_retried: 'written twice by the client, within one send',
  sent_again: 'sent again by the code',
  range_replayed: 'the group went back, and handled again what it had handled',
  aborted_read: 'aborted, and handed out all the same',
  minted_anew: 'sent by the service itself with an id of its own',
  undeclared_producer: 'from a producer that the edge does not name',
  unknown: 'the cause is not known',
}

function wordsOf(cause: Cause, { edge }: CausePlace): Words {
  const { code, count, ids, finding } = cause
  const on = `--edge ${quoted(edge)}`
  const [first] = ids
  const trace = first === undefined ? null : `\`quipu trace ${uuidOfHex(first.id)}\``
  const losses = `\`quipu losses ${on} --kind ${finding}\``
  const replay = `\`quipu replay-list ${on}\``
  const look = trace ?? losses
  const sentence = `${messages(count)}: ${causeMeanings[code]}${detailsOf(cause)}.`
  switch (code) {
    case 'client_unacknowledged':
      return {
        sentence,
        next: `Send them again from the source; list them with ${losses}. \`unacknowledged: 'resend'\` or \`splitSends\` in \`audited()\` prevents it.`,
      }
    case 'producer_died':
      return {
        sentence,
        next: 'Compare with the source what that producer was to send, and send again what is missing; let it end with `disconnect()`.',
      }
    case 'truncated':
      return {
        sentence: truncatedSentence(cause),
        next: `Send them again from the source: ${losses} lists them. Set \`unclean.leader.election.enable=false\`, acks all and \`min.insync.replicas\` of 2 or more.`,
      }
    case 'deleted_unread':
      return {
        sentence,
        next: `They are in this log no more: take them from the source. \`quipu forecast\` says who is next to lose what it has not read; raise \`retention.ms\` or \`retention.bytes\`.`,
      }
    case 'compacted':
      return {
        sentence,
        next: `Raise \`min.compaction.lag.ms\` above the lag of its readers.`,
      }
    case 'transaction_aborted':
      return {
        sentence,
        next: `Look at one: ${look}. Do them again: ${replay}. Commit the offsets in the same transaction (\`sendOffsets\`).`,
      }
    case 'send_rejected':
      return {
        sentence,
        next: `Look at one: ${look}. Do them again: ${replay}. Let the handler fail where its send fails.`,
      }
    case 'offset_reset':
    case 'consumer_skipped':
      return {
        sentence,
        next: `They are still to be had where the log has them: ${replay}.`,
      }
    case 'handler_threw':
      return {
        sentence,
        next: `Look at one: ${look}. Once the handler can take them: ${replay}.`,
      }
    case 'filtered_undeclared':
      return {
        sentence,
        next: `If that is right, add the reason to \`filter\` of the edge; if not: \`quipu replay-list ${on} --kind filtered_undeclared\`.`,
      }
    case 'dead_lettered':
      return {
        sentence,
        next: 'Name that topic in `to` of the edge, and see why they were put there.',
      }
    case 'redelivered':
      return {
        sentence,
        next: `Look at one: ${look}. Make the work repeatable, commit more often, end with \`disconnect()\`.`,
      }
    case 'client_retried':
      return { sentence, next: 'Set `idempotent: true` in the producer.' }
    case 'sent_again':
      return { sentence, next: `Look at one: ${look}, and find the second send in the handler.` }
    case 'range_replayed':
      return {
        sentence,
        next: 'If somebody did that on purpose, nothing; else find who calls `seek`, or sets the offsets of the group.',
      }
    case 'aborted_read':
      return {
        sentence,
        next: 'Set `readUncommitted: false` (isolation level read_committed) in whoever reads that topic; a key of four zero bytes makes kafkajs hand it out even so.',
      }
    case 'minted_anew':
      return {
        sentence,
        next: `Look at one: ${look}. If it is made of a message, send it while that is handled, or with \`forward()\`.`,
      }
    case 'undeclared_producer':
      return {
        sentence,
        next: `Look at one: ${look}. If it is right there, name its producer in \`from\` of the edge.`,
      }
    case 'unknown':
      return { sentence, next: `Look at one: ${look}.` }
  }
}

/** As one word of a shell. */
const quoted = (edge: string): string => shellWord(visible(edge).replaceAll('→', '->'))

/** `1,000 messages acknowledged by checkin on host-7 at offsets up to 18,211 of partition 2 are not in the log: …` */
function truncatedSentence(cause: Cause): string {
  const { count, proof, certainty } = cause
  const minters = proof.filter(({ name }) => name === 'minted_by')
  const by = minters.length === 1 ? whoOf(minters[0]) : ''
  const ranges = offsetsOf(proof)
  const [is, was] = count === 1 ? ['is', 'was'] : ['are', 'were']
  // That they are gone only a search proves.
  const what = certainty === 'proven' ? `${is} not in the log` : `${was} probably cut off the log`
  const how = proof.flatMap(changeOf).slice(0, 1)
  const because = how.length === 0 ? '' : `: ${how[0]}`
  return `${messages(count)} acknowledged${by === '' ? '' : ` by ${by}`}${ranges} ${what}${because}.`
}

/** The highest offset that is known to have been acknowledged, where one partition is concerned. */
function offsetsOf(proof: readonly CauseFact[]): string {
  const ranges = proof
    .filter(({ name }) => name === 'offsets')
    .flatMap(({ args }) => rangesIn(args.ranges))
  const [only] = ranges
  if (only === undefined || ranges.length > 1) return ''
  return ` at offsets up to ${formatCount(only.high)} of partition ${only.partition}`
}

function changeOf({ name, args }: CauseFact): string[] {
  if (name === 'log_cut')
    return [
      `partition ${text(args.partition)} ended at ${offset(args.was)}, and then at ${offset(args.end)} (seen ${time(args.at)})`,
    ]
  if (name === 'overwritten')
    return [
      `partition ${text(args.partition)} holds others from offset ${offset(args.from)} on, of epoch ${text(args.epoch)}${
        args.before === -1 ? '' : ` after ${text(args.before)}`
      } (seen ${time(args.at)})`,
    ]
  if (name !== 'mishap') return []
  if (args.kind === 'cut')
    return [
      `partition ${text(args.partition)} was read up to ${offset(args.to)} and then ended at ${offset(args.from)} (seen ${time(args.at)})`,
    ]
  if (args.kind !== 'epoch') return []
  const [before, after] = text(args.detail).split('>')
  return [
    `epoch ${before ?? '?'} gave way to ${after ?? '?'} in partition ${text(args.partition)} at ${time(args.at)}`,
  ]
}

/** What is known of where, when and by whom: ` (…)`, or nothing. */
function detailsOf({ code, proof }: Cause): string {
  const parts = code === 'truncated' ? [] : proof.flatMap(partsOf)
  const shown = [...new Set(parts)].slice(0, PARTS_MAX)
  return shown.length === 0 ? '' : ` (${shown.join('; ')})`
}

/** More than this nobody reads in one sentence. */
const PARTS_MAX = 3

function partsOf({ name, args }: CauseFact): string[] {
  switch (name) {
    case 'mishap':
      return [mishapWords(args)]
    case 'deleted':
      return [
        `offsets ${offset(args.from)} to ${last(args.to)} of partition ${text(args.partition)}`,
      ]
    case 'went_back':
      return [
        `its commit went back from ${offset(args.to)} to ${offset(args.from)} in partition ${text(args.partition)} (seen ${time(args.at)})`,
      ]
    case 'sends':
      return sendsWords(args)
    case 'dropped':
      return list(args.reasons)
    case 'dead_letter':
      return [text(args.hop)]
    case 'place':
      return [
        `${text(args.topic)}, partition ${text(args.partition)}, offset ${offset(args.offset)}`,
      ]
    case 'silent':
      return [`${whoIs(args)} fell silent at ${time(args.lastSentAt)}`]
    case 'minted_by':
      return [`sent by ${whoIs(args)}`]
    default:
      return []
  }
}

function mishapWords(args: CauseFact['args']): string {
  const { kind, from, to, partition, detail, count, at } = args
  const range =
    typeof from === 'number' && from >= 0
      ? `, ${Number(to) - from > 1 ? `offsets ${offset(from)} to ${last(to)}` : `offset ${offset(from)}`} of partition ${text(partition)}`
      : ''
  const times = typeof count === 'number' && count > 1 ? ` ${plural(count, 'time')}` : ''
  const what = MISHAPS[text(kind)]?.(text(detail)) ?? text(kind)
  return `${whoIs(args)} ${what}${times}${range}, ${time(at)}`
}

const MISHAPS: Readonly<Record<string, (detail: string) => string>> = {
  unacknowledged: () => 'got no answer for it',
  rejected: (error) => `was refused: ${error}`,
  aborted: (error) => (error === '' ? 'aborted' : `aborted after ${error}`),
  handler_threw: (error) => `threw ${error}`,
  redelivered: (after) => (after === '' ? 'got it again' : `got it again after: ${after}`),
  sought: (way) => `sought ${way}`,
  reset: (way) => `was reset ${way}`,
  rebalanced: (kept) => `was rebalanced and kept ${kept} partitions`,
}

function sendsWords({ hop, outcome, count }: CauseFact['args']): string[] {
  const n = typeof count === 'number' ? count : 0
  if (text(hop).startsWith('sink ')) return [`${text(hop)}: stored ${plural(n, 'time')}`]
  return outcome === 'passed'
    ? [`${text(hop)}: ${plural(n, 'send')} acknowledged`]
    : [`${text(hop)}: ${plural(n, 'message')} ${text(outcome)} in this window`]
}

function certaintyOf({ certainty, lacking }: Cause): string {
  const more = lacking.slice(0, PARTS_MAX).map(visible).join('; ')
  switch (certainty) {
    case 'proven':
      return 'Proven: no other cause that is known here fits.'
    case 'likely':
      return `Likely: it fits by place, time and number${more === '' ? ', and others are not excluded' : `; what is lacking: ${more}`}.`
    case 'unknown':
      return `Not known; what is lacking: ${more}.`
  }
}

const whoOf = (fact: CauseFact | undefined): string => (fact === undefined ? '' : whoIs(fact.args))

function whoIs({ service, host }: CauseFact['args']): string {
  const who = text(service) === '' ? 'an agent' : text(service)
  return text(host) === '' ? who : `${who} on ${text(host)}`
}

const text = (arg: FindingArg | undefined): string =>
  typeof arg === 'string' ? visible(arg) : typeof arg === 'number' ? String(arg) : ''
const list = (arg: FindingArg | undefined): string[] =>
  Array.isArray(arg) ? arg.filter((a) => typeof a === 'string').map(visible) : []
const offset = (arg: FindingArg | undefined): string =>
  typeof arg === 'number' ? formatCount(arg) : '?'
/** The last one of a half-open range. */
const last = (arg: FindingArg | undefined): string =>
  typeof arg === 'number' ? formatCount(arg - 1) : '?'
const time = (arg: FindingArg | undefined): string =>
  typeof arg === 'number' ? formatInstant(arg) : '?'

function rangesIn(arg: FindingArg | undefined): readonly { partition: number; high: number }[] {
  return Array.isArray(arg) ? arg.filter((r) => typeof r !== 'string') : []
}
