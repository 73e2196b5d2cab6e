/** Hands one send to the client and sees to its outcome: what the caller gets is the client's own. */
import type { Message, RecordMetadata } from 'kafkajs'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { errorName } from '../error-name.ts'
import type { Entry, Flight } from './entry.ts'
import { isOnePartition, isStampSuspect, isTooLarge, judgeProbe, stampedBy } from './fuse.ts'
import { locate, recordPassed, recordRejected } from './outcome.ts'
import type { Session } from './session.ts'
import type { Call, SendArgs, TopicCopies } from './stamping.ts'
import type { OpenTransaction } from './transaction.ts'

export type Invoke = (args: SendArgs) => Promise<RecordMetadata[]>

export interface Sending {
  readonly session: Session
  readonly invoke: Invoke
  readonly transaction: OpenTransaction | null
  readonly resends: boolean
}

export async function dispatch(sending: Sending, call: Call): Promise<RecordMetadata[]> {
  const { session, invoke } = sending
  let response: RecordMetadata[]
  try {
    response = await invoke(call.args)
  } catch (error) {
    const retry = session.guard(() => onRejected(session, call, error)) ?? null
    if (retry === null) {
      noteRejected(sending, call, error)
      throw error
    }
    return await sendUnstamped(sending, call, retry, isTooLarge(error))
  }
  const missing = session.guard(() => onResolved(call, response)) ?? []
  if (missing.length > 0 && sending.resends)
    response = await resend(sending, call, missing, response)
  session.guard(() => {
    for (const flight of call.flights) conclude(sending, flight)
  })
  return response
}

/** The caller's send fails. */
function noteRejected({ session, transaction }: Sending, call: Call, error: unknown): void {
  session.guard(() => {
    const name = errorName(error)
    transaction?.failed(name)
    for (const { topic, entries } of call.flights) topic.mishap('rejected', entries, name)
  })
}

/** Counts the failure. Returns the same messages unstamped if they should be tried so. */
function onRejected(session: Session, call: Call, error: unknown): SendArgs | null {
  for (const flight of call.flights) {
    recordRejected(flight)
    session.end(flight)
  }
  judgeProbe(call.flights, error)
  const suspects = isStampSuspect(error) ? stampedBy(call.flights) : []
  if (suspects.length === 0) return null
  if (isOnePartition(call.flights)) return call.rebuild(unstamped(call.flights))
  for (const { topic } of suspects) if (topic.fuse === 'stamping') topic.fuse = 'probing'
  return null
}

function unstamped(flights: readonly Flight[]): TopicCopies[] {
  return flights.map(({ topic, entries }) => ({
    topic: topic.name,
    messages: entries.map(({ copy, isStamped }) =>
      isStamped ? withoutStamp(copy as Message) : (copy as Message),
    ),
  }))
}

function withoutStamp(copy: Message): Message {
  const { [STAMP_HEADER]: _, ...headers } = copy.headers ?? {}
  const plain: Message = Object.create(
    Object.getPrototypeOf(copy),
    Object.getOwnPropertyDescriptors(copy),
  )
  plain.headers = headers
  return plain
}

async function sendUnstamped(
  sending: Sending,
  call: Call,
  args: SendArgs,
  wasTooLarge: boolean,
): Promise<RecordMetadata[]> {
  const { session, invoke } = sending
  let response: RecordMetadata[]
  try {
    response = await invoke(args)
  } catch (error) {
    noteRejected(sending, call, error)
    throw error
  }
  session.guard(() => {
    for (const { topic, entries } of call.flights) {
      topic.count('unstamped-retry', entries.length)
      // The broker takes all but the header: the next stamp would fail as well.
      if (!wasTooLarge) topic.fuse = 'blown'
    }
  })
  return response
}

function onResolved(call: Call, response: RecordMetadata[]): Entry[] {
  judgeProbe(call.flights, undefined)
  for (const { topic, entries } of call.flights) {
    if (topic.identity.by !== 'stamp' || topic.fuse === 'stamping') continue
    const without = entries.filter(({ words }) => words === null).length
    if (without > 0) topic.count('unstamped', without)
  }
  if (call.acks !== 0) return locate(call.flights, response)
  for (const { topic, entries } of call.flights) topic.count('acks-0', entries.length)
  return []
}

/** Sends the messages in doubt once more: same ids, same partitions. That repairs, and may double. */
async function resend(
  { session, invoke }: Sending,
  call: Call,
  missing: readonly Entry[],
  response: RecordMetadata[],
): Promise<RecordMetadata[]> {
  try {
    const doubtful = new Set(missing)
    const parts = call.flights
      .map((flight) => ({ flight, entries: flight.entries.filter((e) => doubtful.has(e)) }))
      .filter(({ entries }) => entries.length > 0)
    const second = await invoke(
      call.rebuild(
        parts.map(({ flight: { topic }, entries }) => ({
          topic: topic.name,
          messages: entries.map(({ copy }) => copy as Message),
        })),
      ),
    )
    for (const { flight, entries } of parts) {
      flight.topic.count('resent', entries.length)
      locate([{ ...flight, topic: flight.topic, entries } as Flight], second)
    }
    return [...response, ...second]
  } catch (error) {
    // The caller's send has resolved; that its repair failed is no error of the caller's.
    session.trouble('resend-failed', `messages in doubt not sent again: ${String(error)}`)
    return response
  }
}

function conclude({ session, transaction }: Sending, flight: Flight): void {
  if (transaction !== null) {
    transaction.hold(flight)
    return
  }
  recordPassed(flight)
  session.end(flight)
}
