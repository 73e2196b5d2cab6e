/**
 * An in-memory Kafka with the surface of kafkajs 2.2.4, for the demo, for tests, for game days.
 *
 * Real: partitions, groups and their rebalances, committed offsets, transactions (markers take an
 * offset, open ones hold readers back, aborted records stay hidden), headers as the wire makes them,
 * events in kafkajs's order, redelivery after an error, silent reset when an offset is out of range.
 *
 * Not there: time (nothing ever waits on a timer: retries, sessions and transactions do not expire by
 * themselves), brokers that fail, retention, quotas, ACLs. Errors have kafkajs's names and types but
 * are not instances of its classes.
 */
import type { ConsumerConfig, Kafka, ProducerConfig } from 'kafkajs'
import { memoryAdmin } from './memory-admin.ts'
import { MemoryBroker } from './memory-broker.ts'
import { memoryConsumer } from './memory-consumer.ts'
import { MemoryLogReader } from './memory-log-reader.ts'
import { silentLogger } from './memory-logger.ts'
import { memoryProducer } from './memory-producer.ts'

export interface MemoryKafkaOptions {
  /** ms since 1970; gives the timestamps of messages that bring none. */
  readonly clock?: () => number
}

export class MemoryKafka {
  readonly #broker: MemoryBroker

  constructor({ clock = Date.now }: MemoryKafkaOptions = {}) {
    this.#broker = new MemoryBroker(clock)
  }

  /**
   * A client. All clients of one MemoryKafka share its log.
   *
   * The cast: `Kafka` is a class, and its `on` overloads cannot be written down structurally; every
   * method of a client that is used here or in the agents is there, with kafkajs's arguments.
   */
  kafka(clientId = 'memory'): Kafka {
    const client = {
      producer: (config?: ProducerConfig) => memoryProducer(this.#broker, config),
      consumer: (config: ConsumerConfig) => memoryConsumer(this.#broker, config, clientId),
      admin: () => memoryAdmin(this.#broker),
      logger: silentLogger,
    }
    return client as unknown as Kafka
  }

  /** Looks into the logs as transport/log.ts says; in no group. */
  logReader(): MemoryLogReader {
    return new MemoryLogReader(this.#broker)
  }

  /**
   * Resolves when every running consumer has read all it may, no handler is running and no send is
   * under way. Records behind an open transaction or in a paused partition are not waited for; a
   * handler that always fails is waited for without end.
   */
  idle(): Promise<void> {
    return this.#broker.idle()
  }

  /** Compacts a topic: only the last record of each key stays; the offsets between are empty. */
  compact(topic: string): void {
    for (const partition of this.#broker.log.partitions(topic)) partition.compact()
  }

  /** Loses the records from `offset` on, as an unclean leader election does. */
  truncate(topic: string, partition: number, offset: number): void {
    this.#broker.log.partition(topic, partition).truncate(offset)
    this.#broker.log.changed()
  }

  /** Aborts the open transactions and fences their producers, as the broker does after a timeout. */
  expireTransactions(): void {
    this.#broker.expireTransactions()
  }
}
