/** The sentences: what was expected, what came, how sure it is, what to do next. Pure. */
import { formatCount, messages, plural } from '../base/words.ts'
import { certaintyOf, netWords, qualifier, rangeWords, scaledOf } from './certainty.ts'
import type { Finding, FindingArg } from './finding.ts'

export interface Explanation {
  /** What was expected and what came. */
  readonly sentence: string
  /** How sure, and why not surer. */
  readonly certainty: string
  /** What to do; null where there is nothing to do. */
  readonly next: string | null
}

/** All of an explanation as one paragraph. */
export function explainText(finding: Finding): string {
  const { sentence, certainty, next } = explain(finding)
  return [sentence, certainty, ...(next === null ? [] : [next])].join(' ')
}

export function explain(finding: Finding): Explanation {
  const { code, count, edge, evidence, args } = finding
  const [from = edge, to = edge] = edge.split(' → ')
  const few = `${qualifier(evidence)}${messages(count)}`
  const many = capital(few)
  const are = count === 1 ? 'is' : 'are'
  const were = count === 1 ? 'was' : 'were'
  const certainty = certaintyOf(finding)
  switch (code) {
    case 'lost': {
      const unanswered = scaledOf(args, 'unacknowledged')
      const why =
        unanswered > 0
          ? ` The broker never acknowledged ${unanswered === count ? 'them' : `${formatCount(unanswered)} of them`}.`
          : ''
      const deleted = typeof args.deletedUnread === 'number' ? args.deletedUnread : 0
      const unread =
        deleted > 0
          ? ` ${capital(plural(deleted, 'offset', 'offsets'))} of it ${deleted === 1 ? 'was' : 'were'} deleted before anybody read ${deleted === 1 ? 'it' : 'them'}.`
          : ''
      return {
        sentence: `${many} that ${from} passed ${are} not at ${to}, which has seen the whole window.${why}${unread}`,
        certainty,
        next:
          unanswered > 0
            ? "Send them again from the source; `unacknowledged: 'resend'` or `splitSends` prevents it."
            : `Look at what stands between ${from} and ${to} in this window.`,
      }
    }
    case 'altered':
      return {
        sentence: `${many} reached ${to} altered: the same id, but not the content that ${from} passed.`,
        certainty,
        next: `Compare one of them at ${from} and at ${to}. What may change on the way does not belong in \`preserve\`.`,
      }
    case 'unacknowledged':
      return {
        sentence: `${many} ${were} sent and the send resolved, but the broker's answer leaves out ${count === 1 ? 'its' : 'their'} partition.`,
        certainty:
          args.settled === true
            ? 'Whether they arrived is told by the counts of this edge.'
            : 'Not settled: they are in flight until the log tells whether they were written.',
        next: `Set \`unacknowledged: 'resend'\` or \`splitSends: true\` in \`audited()\`.`,
      }
    case 'duplicated':
      return {
        sentence: `${many} ${are} at ${to} more often than ${from} passed ${count === 1 ? 'it' : 'them'}.`,
        certainty,
        next: `Look for a retry or a redelivery whose work was done twice.`,
      }
    case 'unexpected':
      return {
        sentence: `${many} at ${to} never passed ${from}, which is known completely.`,
        certainty,
        next: `Find who writes there besides ${from}, and declare it.`,
      }
    case 'extra':
      return {
        sentence: `${many} at ${to} ${are} more than ${from} passed.`,
        certainty: `${certainty} Whether they are copies or come from elsewhere cannot be told.`,
        next: 'Look at one of them in the log, and who wrote it.',
      }
    case 'withdrawn_delivered':
      return {
        sentence: `${many} of aborted transactions ${were} passed on all the same.`,
        certainty,
        next: 'Set `readUncommitted: false` (isolation level read_committed) in the consumer.',
      }
    case 'landed_though_failed':
      return {
        sentence: `The send of ${few} failed, and yet ${count === 1 ? 'it is' : 'they are'} in ${to}.`,
        certainty,
        next: 'If the service sent them again, they are there twice: check with `--kind duplicated`.',
      }
    case 'recovered':
      return {
        sentence: `${many} that an earlier revision called lost ${count === 1 ? 'has' : 'have'} arrived.`,
        certainty,
        next: 'They came after the deadline: if that is usual, raise `lateness`.',
      }
    case 'copy_removed':
      return {
        sentence: `${capital(`${qualifier(evidence)}${plural(count, 'copy', 'copies')}`)} made further up ${are} gone here, the message itself is not.`,
        certainty,
        next: null,
      }
    case 'unconfirmed': {
      const unheard = args.unheard === true
      return {
        sentence: unheard
          ? `${many} at ${to} ${were} sent by a producer that has not reported.`
          : `The outcome of sending ${few} was unknown${args.landed === true ? `; ${count === 1 ? 'it is' : 'they are'} at ${to}` : ''}.`,
        certainty: unheard ? 'Not expected and not unexpected: its frames are missing.' : certainty,
        next: unheard ? 'Audit that producer, or see why its frames do not come.' : null,
      }
    }
    case 'undetermined':
      return {
        sentence: `Whether ${few} reached ${to} cannot be told: its evidence is missing${because(args.why)}.`,
        certainty: 'Neither lost nor delivered is proven.',
        next: `See that the agent of ${to} runs without a break.`,
      }
    case 'undetermined_extra':
      return {
        sentence: `${many} at ${to} ${are} not known from ${from}, whose evidence is incomplete${because(args.why)}.`,
        certainty: 'They may have passed unseen: nothing is proven.',
        next: `See that the agent of ${from} runs without a break.`,
      }
    case 'committed': {
      const of = scaledOf(args, 'of')
      return {
        sentence: `${many}${of > count ? ` of ${formatCount(of)}` : ''} that no agent of ${to} reported ${were} handled as far as the group has committed.`,
        certainty: "Judged by the group's committed offsets: no agent saw what became of them.",
        next: `See that every member of ${to} is audited, and ends with \`disconnect()\`.`,
      }
    }
    case 'compacted':
      return {
        sentence: `${many} may have been compacted away before ${to} read ${count === 1 ? 'it' : 'them'}.`,
        certainty: 'Whether they were removed by compaction or lost cannot be told.',
        next: 'Raise `min.compaction.lag.ms` of the topic above the lag of its readers.',
      }
    case 'repetition_unknown':
      return {
        sentence: `Whether ${to} handled each message once cannot be told${because(args.why)}.`,
        certainty: 'What a killed member handled and did not tell, another one handled again.',
        next: 'Let services end with `disconnect()`; make their work repeatable.',
      }
    case 'identity_not_carried': {
      const of = scaledOf(args, 'of')
      return {
        sentence: `${of > 0 ? `Of ${qualifier(evidence)}${messages(of)} missing at ${to}, ${few}` : many} may have been sent on under a new id.`,
        certainty: 'Which were lost and which were renamed cannot be told.',
        next: `Call \`forward(received, outgoing)\` where ${from} makes its outputs.`,
      }
    }
    case 'integrity_unknown': {
      const lacking = listed(args.hops, ': digests are missing from ')
      const untold = scaledOf(args, 'untold') > 0
      const copied = scaledOf(args, 'copies') > 0
      const unnamed = copied ? ': unequal copies were sent' : ': more differ than can be named'
      const other = untold ? ': no agent saw them pass' : unnamed
      return {
        sentence: `Whether ${few} reached ${to} unaltered cannot be told${lacking === '' ? other : lacking}.`,
        certainty: `That ${count === 1 ? 'it' : 'they'} arrived is known; that nothing in ${count === 1 ? 'it' : 'them'} was changed is not.`,
        next:
          lacking === ''
            ? copied
              ? 'Find out why an edge before this one made two unequal messages of one.'
              : 'Make the window smaller, or find the cause from the ids that could be named.'
            : 'Give all agents the same file (`QUIPU_CONFIG`), and start them again.',
      }
    }
    case 'minted_not_here':
      return {
        sentence: `At least ${messages(count)} ${were} given an id and ${are} not in ${to}; the producer fell silent before it could report.`,
        certainty: `Proven by gaps in its numbering. Whether ${count === 1 ? 'that send' : 'those sends'} failed or ${were} acknowledged, nobody knows.`,
        next: 'Compare with the source what that producer was to send, and send again what is missing.',
      }
    case 'undecodable':
      return {
        sentence: `${from} and ${to} differ in more messages than can be named${rangeWords(args)}.`,
        certainty: netWords(args),
        next: 'Make the window smaller, or find the cause from the ids that could be named.',
      }
    case 'params_differ':
      return {
        sentence: `${from} and ${to} were counted in different ways${listed(args.parameters, ': ')}.`,
        certainty: 'Only like is compared with like: nothing can be said of this window.',
        next: 'Give all agents the same file (`QUIPU_CONFIG`), and start them again.',
      }
    case 'hole':
      return {
        sentence: `The evidence of ${text(args.hop) ?? edge} has a hole${because(args.why)}.`,
        certainty:
          args.end === 'from'
            ? 'Losses are still proven; that nothing came from elsewhere is not.'
            : 'What is missing there may have passed unseen.',
        next: 'Let agents end with `disconnect()`, and keep the audit topic reachable.',
      }
    case 'in_flight':
      return {
        sentence: `${many} ${are} under way to ${to}${because(args.why)}.`,
        certainty: 'Lag is not loss.',
        next: null,
      }
    case 'unidentified':
      return {
        sentence: `${many} ${count === 1 ? 'carries' : 'carry'} no id that can be read.`,
        certainty:
          'They are compared by their place in the log, between a topic and its readers only.',
        next: 'Audit the producer that sends them: `audited(kafka, { service })`.',
      }
    case 'filtered_undeclared':
      return {
        sentence: `${many} ${were} dropped for a reason that this edge does not declare${listed(args.reasons, ': ')}.`,
        certainty,
        next: 'If that is right, add the reason to `filter` of the edge.',
      }
    case 'undeclared_producer':
      return {
        sentence: `${text(args.hop) ?? 'A producer'} sent ${few} and is not declared.`,
        certainty: 'Its messages count as expected.',
        next: 'Declare it as a hop, so that its silence is seen too.',
      }
  }
}

const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
const text = (arg: FindingArg | undefined): string | null => (typeof arg === 'string' ? arg : null)

/** At most this many parts of a list are told. */
const TOLD_MAX = 3

function listed(arg: FindingArg | undefined, before: string): string {
  if (typeof arg === 'string') return `${before}${arg}`
  if (!Array.isArray(arg)) return ''
  const texts = arg.filter((item) => typeof item === 'string')
  if (texts.length === 0) return ''
  const more = texts.length > TOLD_MAX ? `; and ${texts.length - TOLD_MAX} more` : ''
  return `${before}${texts.slice(0, TOLD_MAX).join('; ')}${more}`
}

const because = (arg: FindingArg | undefined): string => {
  const why = listed(arg, '')
  return why === '' ? '' : ` (${why})`
}
