/**
 * Tells who asked which id each message got, before the send goes out. Never waited for: whatever the
 * listener does, throw, reject or never end, the send goes on.
 */
import type { Message } from 'kafkajs'
import { hexOfWords, uuidOfHex } from '../../src/message/id.ts'
import { errorName } from '../error-name.ts'
import type { Entry, Flight } from './entry.ts'
import type { Session } from './session.ts'
import type { SendArgs } from './stamping.ts'

/** The messages of one topic in one send. */
export interface Stamped {
  readonly topic: string
  /** The caller's own, as they were given. */
  readonly messages: readonly Message[]
  /** In the same order, as UUIDs; null: this one goes out without. */
  readonly ids: readonly (string | null)[]
}

export type StampedListener = (stamped: Stamped) => unknown

/** @param flights of this send; nothing of it has gone out */
export function tellStamped(
  session: Session,
  listener: StampedListener,
  flights: readonly Flight[],
  sent: SendArgs,
): void {
  const groups = 'messages' in sent ? [sent] : (sent.topicMessages ?? [])
  // A topic may be named more than once: its entries are in the caller's order all the same.
  const told = new Map<Flight, number>()
  for (const { topic, messages } of groups) {
    const flight = flights.find((f) => f.topic.name === topic)
    if (flight === undefined || flight.topic.identity.by !== 'stamp') continue
    const from = told.get(flight) ?? 0
    told.set(flight, from + messages.length)
    if (messages.length === 0) continue
    const ids = flight.entries.slice(from, from + messages.length).map(idOf)
    tell(session, listener, { topic, messages, ids })
  }
}

function idOf({ words }: Entry): string | null {
  return words === null ? null : uuidOfHex(hexOfWords(words))
}

function tell(session: Session, listener: StampedListener, stamped: Stamped): void {
  const failed = (error: unknown): void =>
    session.trouble('on-stamped', `onStamped failed: ${errorName(error)}`)
  try {
    const answer = listener(stamped)
    // A rejection that nobody handles would end the process.
    if (answer !== undefined) Promise.resolve(answer).catch(failed)
  } catch (error) {
    failed(error)
  }
}
