/** A transaction: what was sent in it counts when its outcome is known, and holds the seal until then. */
import type { Producer, ProducerBatch, ProducerRecord, Transaction } from 'kafkajs'
import type { Flight } from './entry.ts'
import { recordPassed, recordWithdrawn } from './outcome.ts'
import { overlay } from './overlay.ts'
import type { Session } from './session.ts'

export class OpenTransaction {
  readonly #session: Session
  #flights: Flight[] = []
  /** Name of the error of its last send that failed. */
  #error = ''
  #isEnding = false
  #hasEnded = false

  constructor(session: Session) {
    this.#session = session
  }

  /** A send in it has resolved. */
  hold(flight: Flight): void {
    if (this.#hasEnded) {
      // Nobody waited for it before the end: in this transaction, in the next one, or nowhere.
      flight.topic.expire(flight)
      this.#session.end(flight)
    } else if (this.#session.hold(flight)) this.#flights.push(flight)
    else {
      const { topic, entries } = flight
      this.#session.drop(topic.name, 'transaction-full', flight, entries.length)
      this.#session.end(flight)
    }
  }

  /** A send in it was rejected. */
  failed(error: string): void {
    this.#error = error
  }

  async end(work: () => Promise<void>, onDone: 'committed' | 'aborted'): Promise<void> {
    // The outcome of the first end is the outcome.
    if (this.#isEnding || this.#hasEnded) return work()
    this.#isEnding = true
    try {
      const result = await work()
      this.#finish(
        onDone === 'committed' ? recordPassed : (flight) => recordWithdrawn(flight, this.#error),
      )
      return result
    } catch (error) {
      this.#finish((flight) => flight.topic.expire(flight))
      throw error
    }
  }

  #finish(record: (flight: Flight) => void): void {
    this.#session.guard(() => {
      this.#hasEnded = true
      for (const flight of this.#flights) {
        record(flight)
        this.#session.release(flight)
        this.#session.end(flight)
      }
      this.#flights = []
    })
  }
}

export interface TransactionSender {
  send(record: ProducerRecord, open: OpenTransaction): ReturnType<Producer['send']>
  sendBatch(batch: ProducerBatch, open: OpenTransaction): ReturnType<Producer['sendBatch']>
}

export function auditedTransaction(
  session: Session,
  transaction: Transaction,
  sender: TransactionSender,
): Transaction {
  const open = new OpenTransaction(session)
  return overlay(transaction, {
    send: (record) => sender.send(record, open),
    sendBatch: (batch) => sender.sendBatch(batch, open),
    commit: () => open.end(() => transaction.commit(), 'committed'),
    abort: () => open.end(() => transaction.abort(), 'aborted'),
  })
}
