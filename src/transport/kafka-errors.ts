/** What kafkajs throws, as errors that name the brokers and tell what to do. */
import { messageOf, QuipuError } from '../base/errors.ts'

interface Asked {
  /** `host:port`, as far as they are known. */
  readonly brokers: readonly string[]
  readonly topic: string
  /** What was tried: `read`, `write to`, `create`. */
  readonly verb: string
}

/** How the words of all missing rights end. */
const REFUSED = 'AUTHORIZATION_FAILED'

const TOO_LARGE: readonly string[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

export function kafkaError(error: unknown, { brokers, topic, verb }: Asked): QuipuError {
  if (error instanceof QuipuError) return error
  const chain = chainOf(error)
  const types = chain.map(({ type }) => type).filter((type) => typeof type === 'string')
  const names = chain.map(({ name }) => name)
  if (names.includes('KafkaJSSASLAuthenticationError')) {
    return new QuipuError('FORBIDDEN', `${at(brokers, chain)} does not know this user`, {
      hint: 'Check the sasl settings of the client.',
      cause: error,
    })
  }
  const refused = types.find((type) => type.endsWith(REFUSED))
  if (refused !== undefined) {
    return new QuipuError('FORBIDDEN', `no right to ${verb} the topic ${topic} (${refused})`, {
      hint: `Grant it to the user of this client, or let an administrator make ${topic}.`,
      cause: error,
    })
  }
  if (types.includes('UNKNOWN_TOPIC_OR_PARTITION')) {
    return new QuipuError('NOT_FOUND', `the topic ${topic} does not exist`, {
      hint: 'Check its name and the brokers; a topic of frames is made by quipu audit, before they are sent.',
      cause: error,
    })
  }
  const last = chain[chain.length - 1]
  return new QuipuError(
    'CONNECTION',
    `cannot ${verb} the topic ${topic} at ${at(brokers, chain)}: ${messageOf(last ?? error)}`,
    { hint: 'Check that the brokers run and that host and port are theirs.', cause: error },
  )
}

export function noAnswer(ms: number, { brokers, topic, verb }: Asked): QuipuError {
  const waited = `no answer within ${ms / 1000} s`
  return new QuipuError(
    'CONNECTION',
    `cannot ${verb} the topic ${topic} at ${at(brokers, [])}: ${waited}`,
    { hint: 'Check that host and port are those of a Kafka broker.' },
  )
}

/** What kafkajs throws when a client connects and asks for nothing yet. */
export function connectError(error: unknown, brokers: readonly string[]): QuipuError {
  const known = kafkaError(error, { brokers, topic: '', verb: '' })
  if (known === error || known.code !== 'CONNECTION') return known
  const chain = chainOf(error)
  return unreachable(brokers, messageOf(chain[chain.length - 1] ?? error), error)
}

export function unreachable(brokers: readonly string[], why: string, cause?: unknown): QuipuError {
  return new QuipuError('CONNECTION', `no Kafka broker answers at ${at(brokers, [])}: ${why}`, {
    hint: 'Check that the brokers run, that host and port are theirs, and whether they want ssl or sasl.',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The broker that was asked does not lead the partition, or not yet. */
export function isMovedLeader(error: unknown): boolean {
  return chainOf(error).some(({ type }) => MOVED.includes(String(type)))
}

/** A right is missing. */
export function isRefused(error: unknown): boolean {
  return chainOf(error).some(({ type }) => String(type).endsWith(REFUSED))
}

export function isTooLarge(error: unknown): boolean {
  return chainOf(error).some(({ type }) => TOO_LARGE.includes(String(type)))
}

const MOVED: readonly string[] = ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']

interface Link {
  readonly name?: unknown
  readonly type?: unknown
  readonly message?: unknown
  readonly broker?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

/** kafkajs wraps errors: retries in `cause`, those of several topics in `errors`. */
function chainOf(error: unknown): readonly Link[] {
  const out: Link[] = []
  let next: unknown = error
  while (typeof next === 'object' && next !== null && out.length < 10) {
    const link = next as Link
    out.push(link)
    next = link.cause ?? (Array.isArray(link.errors) ? link.errors[0] : undefined)
  }
  return out
}

function at(brokers: readonly string[], chain: readonly Link[]): string {
  if (brokers.length > 0) return brokers.join(', ')
  const named = chain.map(({ broker }) => broker).find((broker) => typeof broker === 'string')
  return named ?? 'the brokers of this client'
}
