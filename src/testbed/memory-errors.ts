/** Errors with the names, types and flags of kafkajs's; they are not instances of its classes. */

interface KafkaErrorParts {
  readonly name?: string
  readonly type?: string
  readonly code?: number
  readonly retriable?: boolean
  readonly cause?: unknown
}

export function kafkaError(message: string, parts: KafkaErrorParts = {}): Error {
  const { name = 'KafkaJSError', type, code, retriable = true, cause } = parts
  const error = new Error(message, cause === undefined ? undefined : { cause })
  error.name = name
  return Object.assign(error, { retriable, ...(type === undefined ? {} : { type, code }) })
}

/** What kafkajs throws at a misuse. */
export function misuse(message: string): Error {
  return kafkaError(message, { name: 'KafkaJSNonRetriableError', retriable: false })
}

export function unknownTopic(): Error {
  return kafkaError('This server does not host this topic-partition', {
    name: 'KafkaJSProtocolError',
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
    code: 3,
  })
}

export function fenced(): Error {
  return kafkaError(
    "Producer attempted an operation with an old epoch. Either there is a newer producer with the same transactionalId, or the producer's transaction has been expired by the broker",
    {
      name: 'KafkaJSProtocolError',
      type: 'INVALID_PRODUCER_EPOCH',
      code: 47,
      retriable: false,
    },
  )
}

const REBALANCE = 'REBALANCE_IN_PROGRESS'

export function rebalancing(): Error {
  return kafkaError('The group is rebalancing, so a rejoin is needed', {
    name: 'KafkaJSProtocolError',
    type: REBALANCE,
    code: 27,
    retriable: false,
  })
}

export function isRebalancing(error: unknown): boolean {
  return (error as { type?: unknown } | null)?.type === REBALANCE
}
