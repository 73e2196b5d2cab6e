/** The sentences: what was promised, what came, of how many messages, how sure it is, what to do. Pure. */
import { visible } from '../base/visible.ts'
import { formatCount, formatInstant, formatPercent, messages, plural } from '../base/words.ts'
import type { Explanation } from '../finding/explain.ts'
import type { DriftArg, DriftFinding, DriftProducer } from './finding.ts'

export function explainDrift(finding: DriftFinding): Explanation {
  const { what, next } = wordsOf(finding)
  const sentence = `${what} ${shareWords(finding)}, ${timeWords(finding)}${byWords(finding)}.`
  return { sentence, certainty: certaintyOf(finding), next }
}

interface Words {
  /** Without its end: what share and since when follow. */
  readonly what: string
  readonly next: string | null
}

function wordsOf(finding: DriftFinding): Words {
  const { code, hop, args, edge } = finding
  const at = `at ${visible(hop)}`
  const path = finding.path === '' ? 'The message' : `\`${visible(finding.path)}\``
  const subject = visible(finding.subject)
  const schema = visible(finding.schema)
  const named = schema === '' ? 'Schemas' : capital(schema)
  const expected = textOf(args.expected)
  const came = listed(args.came)
  const many = typeof args.schemas === 'number'
  switch (code) {
    case 'unregistered_schema':
      return {
        what: `${named} ${at} ${many || schema === '' ? 'are' : 'is'} in no registry:`,
        next: 'See which registry those producers register with, and whether they write an id at all.',
      }
    case 'foreign_schema':
      return {
        what: `${named} ${at} ${schema === '' ? 'are' : 'is'} not registered under ${subject}${came === '' ? '' : `, but under ${came}`}:`,
        next: `Find who writes another topic's messages here, or name the right \`subject\` in the pipeline file.`,
      }
    case 'retired_version': {
      const allowed = listed(args.allowed)
      return args.why === 'deleted'
        ? {
            what: `${named} of ${subject}, which was deleted from the registry, is still written ${at}:`,
            next: 'Bring those producers to a version that is registered, or register this one again.',
          }
        : {
            what: `${named} of ${subject} ${at} is none of the versions allowed${allowed === '' ? '' : ` (${allowed})`}:`,
            next: 'Bring those producers to an allowed version, or allow this one under `versions`.',
          }
    }
    case 'undecodable_value':
      return {
        what: `Values ${at} cannot be read${schema === '' ? '' : ` with ${schema}`}${came === '' ? '' : ` (${came})`}:`,
        next: 'Look at one of them in the log: it was cut short, or written with another schema than it names.',
      }
    case 'unframed_value':
      return {
        what: `Values ${at} carry no schema id${expected === '' ? '' : `, though ${expected} framing is promised`}:`,
        next: 'Find the producer that does not use the serializer of the registry.',
      }
    case 'empty_value':
      return {
        what: `Values ${at} have no bytes, which is neither a message nor a tombstone:`,
        next: 'Send null to delete, and a value to say something.',
      }
    case 'ambiguous_framing':
      return {
        what: `Values ${at} begin with a byte that may be a frame or data, and no framing is declared:`,
        next: 'Say `framing: confluent` or `framing: none` under `schema` of the topic.',
      }
    case 'missing_field':
      return {
        what: `${path} must be there and is missing ${at}${hint(args.renamedTo, 'as often there is an undeclared')}:`,
        next: 'Bring the field back in those producers, or make it optional where it is promised.',
      }
    case 'type_changed':
      return {
        what: `${path} ${at} is ${came === '' ? 'of another type' : came}${expected === '' ? '' : ` instead of ${expected}`}:`,
        next: 'Mend those producers, or change what is promised, in a way that its readers can follow.',
      }
    case 'unseen_value':
      return {
        what: `${path} ${at} has a value that is not declared${expected === '' ? '' : ` (${expected})`}${valueWords(args)}:`,
        next: 'Add the value to what is promised if its readers know it; else mend those producers.',
      }
    case 'out_of_bounds':
      return {
        what: `${path} ${at} is not within what is declared${expected === '' ? '' : ` (${expected})`}${came === '' ? '' : `: ${came}`}${valueWords(args)}:`,
        next: 'Mend those producers, or widen what is promised.',
      }
    case 'field_dropped':
      return {
        what: `${path} is in messages at ${textOf(args.from)} and no longer in them ${at}, though ${visible(edge ?? 'the edge')} promises to keep it:`,
        next: 'Look at the code between them for a field that is not copied.',
      }
    case 'unknown_field':
      return {
        what: `${path} ${at} is declared nowhere${hint(args.renamedFrom, 'as often there is no more')}:`,
        next: 'Declare it, or find who began to send it.',
      }
    case 'old_version':
      return {
        what: `${named} of ${subject} is still written ${at}, though ${textOf(args.newer) || 'a newer one'} has been there since ${instantOf(args.newerSince)}:`,
        next: 'Restart or roll out those producers; list both under `versions` if both may be written.',
      }
    case 'writer_differs': {
      const before = listed(args.before)
      return {
        what: `Messages name ${schema} ${at}${before === '' ? '' : ` and ${before}`} at ${textOf(args.from)}, though ${visible(edge ?? 'the edge')} promises the value as it is:`,
        next: 'Something between them writes the messages anew: find it, or take `preserve` from the edge.',
      }
    }
    case 'null_rate':
      return { what: `${path} ${at} is null in ${levels(args, true)}:`, next: CHANGED }
    case 'presence_rate':
      return {
        what: `${path} ${at} is there in ${levels(args, true)}${hint(args.renamedTo, 'as often there is now')}${hint(args.renamedFrom, 'as often there is no more')}:`,
        next: CHANGED,
      }
    case 'cardinality':
      return {
        what: `${path} ${at} has about ${levels(args, false)} different values:`,
        next: CHANGED,
      }
    case 'length':
      return { what: `${path} ${at} has a mean length of ${levels(args, false)}:`, next: CHANGED }
    case 'new_type':
      return {
        what: `${path} ${at} is ${came}, where it was ${listed(args.before)} in ${messagesBefore(args)} before:`,
        next: CHANGED,
      }
    case 'new_version': {
      const before = textOf(args.before)
      return {
        what: `${named}${subject === '' ? '' : ` of ${subject}`} is new ${at}${before === '' ? '' : `, where ${before} was before`}:`,
        next: null,
      }
    }
    case 'unread':
      return {
        what: `Messages ${at}${schema === '' ? '' : ` of ${schema}`} could not be looked into (${unreadWords(args.came)}):`,
        next: unreadNext(args.came),
      }
  }
}

const CHANGED =
  'See what changed in those producers then. If it is right, it is what is usual within a day.'

/** `4% instead of 1%`: what is now, what was. */
function levels({ before, after }: DriftFinding['args'], isShare: boolean): string {
  return `${level(after, isShare)} instead of ${level(before, isShare)}`
}

const messagesBefore = (args: DriftFinding['args']): string =>
  typeof args.messages === 'number' ? `all ${messages(args.messages)}` : 'all'

/** One decimal, or as many as make the share neither none nor all. */
function level(arg: DriftArg | undefined, isShare: boolean): string {
  if (typeof arg !== 'number') return '?'
  if (!isShare) return arg < 10 ? String(Math.round(arg * 10) / 10) : formatCount(Math.round(arg))
  const tenths = Math.round(arg * 1000) / 10
  if (tenths === 0 && arg > 0) return '<0.1%'
  return tenths === 100 && arg < 1 ? '>99.9%' : `${tenths}%`
}

/** `3 messages, 3.1% of 96 looked at (one in 64)` */
function shareWords({ code, count, of, oneIn, args }: DriftFinding): string {
  const least = code === 'field_dropped' || args.least === true ? 'at least ' : ''
  const share = of > 0 && count <= of ? `, ${formatPercent(count, of)} of ${formatCount(of)}` : ''
  const one = oneIn > 1 ? ` (one in ${formatCount(oneIn)})` : ''
  return `${least}${messages(count)}${share} looked at${one}`
}

function timeWords({ since, until, open }: DriftFinding): string {
  return open
    ? `since ${formatInstant(since)}`
    : `from ${formatInstant(since)} until ${formatInstant(until)}`
}

/** Producers that are named. */
const TOLD_MAX = 3

function byWords({ producers }: DriftFinding): string {
  if (producers.length === 0) return ''
  const told = producers.slice(0, TOLD_MAX).map(producerWords).join('; ')
  const more = producers.length - TOLD_MAX
  return `, written by ${told}${more > 0 ? `; and ${plural(more, 'other', 'others')}` : ''}`
}

function producerWords({ service, instance, client, host, count, of }: DriftProducer): string {
  const details = [instance.slice(0, 8), client, host === '' ? '' : `on ${host}`]
  const known = details.filter((detail) => detail !== '').map(visible)
  return `${visible(service)} (${known.join(', ')}: ${formatCount(count)} of ${formatCount(of)})`
}

function certaintyOf({ code, oneIn, args, producers }: DriftFinding): string {
  const sampled =
    oneIn > 1
      ? ` Of the messages one in ${formatCount(oneIn)} was looked at; what is in the others is not known.`
      : ''
  switch (code) {
    case 'null_rate':
    case 'presence_rate':
    case 'cardinality':
    case 'length': {
      const off =
        typeof args.sigmas === 'number'
          ? `, by ${formatCount(Math.floor(args.sigmas))} or more times its usual spread`
          : ''
      return `Estimated: three groups of messages in a row differ from those before${off}.${sampled}`
    }
    case 'new_type':
      return `Proven: no message looked at before had this type there.${sampled}`
    case 'unread':
      return 'Nothing is known of them, for or against.'
    case 'ambiguous_framing':
      return 'Not guessed: neither reading is proven.'
    case 'unregistered_schema':
    case 'foreign_schema':
    case 'retired_version':
      return `Proven by the registry's own answer.${sampled}`
    case 'field_dropped':
      return `Proven by counts of the same messages at both ends: so many at least.${sampled}`
    case 'writer_differs':
      return `Proven by counts of the same messages at both ends.${sampled}`
    case 'old_version':
    case 'new_version':
      return `Proven by the ids that messages carry; which is newer the registry says.${sampled}`
    default: {
      const who = producers.length === 0 ? ' No audited producer is known to have written it.' : ''
      return `Proven: each was read and held against what is declared.${sampled}${who}`
    }
  }
}

const reasonWords: Readonly<Record<string, readonly [why: string, next: string]>> = {
  pending: [
    'their schema had not come from the registry',
    'If it stays so, see how fast the registry answers.',
  ],
  unreachable: [
    'the registry does not answer',
    'See that agents and auditor reach the registry, and with which credentials.',
  ],
  no_schema: [
    'nothing says how they can be read',
    'Declare a `file`, or a `subject` and the registry, for the topic.',
  ],
  bad_schema: ['their schema itself cannot be read', 'Check the schema: `quipu schema check`.'],
  too_large: ['they are larger than what is looked into', 'Nothing: large values are not opened.'],
  full: [
    'the process had no room for them',
    'Look at fewer of them: `sample: 1/256` under `schema` of the topic.',
  ],
}

function reasonsOf(arg: DriftArg | undefined): (readonly [string, string])[] {
  if (!Array.isArray(arg)) return []
  return arg.flatMap((reason: string) => {
    const words = Object.hasOwn(reasonWords, reason) ? reasonWords[reason] : undefined
    return words === undefined ? [] : [words]
  })
}

const unreadWords = (arg: DriftArg | undefined): string =>
  reasonsOf(arg)
    .map(([why]) => why)
    .join('; ') || 'the reason is not known'

const unreadNext = (arg: DriftArg | undefined): string | null => reasonsOf(arg)[0]?.[1] ?? null

const valueWords = ({ values }: DriftFinding['args']): string =>
  listed(values) === '' ? '' : `, such as ${listed(values)}`

const hint = (path: DriftArg | undefined, words: string): string =>
  typeof path === 'string' ? ` (${words} \`${visible(path)}\`)` : ''

const textOf = (arg: DriftArg | undefined): string => (typeof arg === 'string' ? visible(arg) : '')

const instantOf = (arg: DriftArg | undefined): string =>
  typeof arg === 'number' ? formatInstant(arg) : 'before'

const listed = (arg: DriftArg | undefined): string =>
  Array.isArray(arg) ? arg.map((text: string) => visible(text)).join(', ') : textOf(arg)

const capital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
