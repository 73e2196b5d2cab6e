/** A producer that stamps what it sends and counts what became of it. */
import type { Producer, ProducerBatch, ProducerRecord, RecordMetadata, Transaction } from 'kafkajs'
import { dispatch, type Sending } from './dispatch.ts'
import type { Lifetime } from './lifetime.ts'
import { overlay } from './overlay.ts'
import type { PartitionMemory } from './partitioner.ts'
import type { Session } from './session.ts'
import { markOne } from './spans.ts'
import { dispatchSplit, PartitionDirectory } from './split.ts'
import { tellStamped } from './stamped.ts'
import { type Call, prepareBatch, prepareSend, type SendArgs } from './stamping.ts'
import { auditedTransaction, type OpenTransaction } from './transaction.ts'

export function auditedProducer(
  lifetime: Lifetime,
  producer: Producer,
  memory: PartitionMemory | null,
): Producer {
  const { unacknowledged = 'report', splitSends = false, onStamped } = lifetime.options
  const directory = splitSends && memory !== null ? new PartitionDirectory(lifetime.kafka) : null

  const sendCall = (sending: Sending, call: Call): Promise<RecordMetadata[]> =>
    directory !== null && memory !== null
      ? dispatchSplit(sending, call, memory, directory)
      : dispatch(sending, call)

  const through = (
    session: Session,
    invoke: Sending['invoke'],
    call: Call | null | undefined,
    args: SendArgs,
    transaction: OpenTransaction | null,
  ): Promise<RecordMetadata[]> => {
    if (call === null || call === undefined) return invoke(args)
    markOne(call)
    if (onStamped !== undefined)
      session.guard(() => tellStamped(session, onStamped, call.flights, args))
    const sending = { session, invoke, transaction, resends: unacknowledged === 'resend' }
    return sendCall(sending, call)
  }

  const send = (
    session: Session,
    target: Producer | Transaction,
    record: ProducerRecord,
    open: OpenTransaction | null,
  ): Promise<RecordMetadata[]> => {
    const call = session.guard(() => prepareSend(session, record))
    return through(session, (args) => target.send(args as ProducerRecord), call, record, open)
  }
  const sendBatch = (
    session: Session,
    target: Producer | Transaction,
    batch: ProducerBatch,
    open: OpenTransaction | null,
  ): Promise<RecordMetadata[]> => {
    const call = session.guard(() => prepareBatch(session, batch))
    return through(session, (args) => target.sendBatch(args as ProducerBatch), call, batch, open)
  }

  const audited: Producer = overlay(producer, {
    async connect() {
      const hadJoined = lifetime.has(audited)
      lifetime.join(audited)
      try {
        return await producer.connect()
      } catch (error) {
        if (!hadJoined) void lifetime.leave(audited)
        throw error
      }
    },
    async disconnect() {
      try {
        return await producer.disconnect()
      } finally {
        await directory?.close()
        await lifetime.leave(audited)
      }
    },
    async send(record) {
      const session = lifetime.session(audited)
      return session === null ? producer.send(record) : send(session, producer, record, null)
    },
    async sendBatch(batch) {
      const session = lifetime.session(audited)
      return session === null
        ? producer.sendBatch(batch)
        : sendBatch(session, producer, batch, null)
    },
    async transaction() {
      const transaction = await producer.transaction()
      const session = lifetime.session(audited)
      if (session === null) return transaction
      const sender = {
        send: (record: ProducerRecord, open: OpenTransaction) =>
          send(session, transaction, record, open),
        sendBatch: (batch: ProducerBatch, open: OpenTransaction) =>
          sendBatch(session, transaction, batch, open),
      }
      return session.guard(() => auditedTransaction(session, transaction, sender)) ?? transaction
    },
  })
  return audited
}
