import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { kafkaLogReader } from '../../src/transport/kafka-log.ts'
import { createTopic, kafkaClient, sharedBrokers } from '../support/kafka.ts'
import { describeLogReader } from '../transport/log-suite.ts'

describeLogReader('Kafka', async () => ({
  kafka: kafkaClient(),
  topic: (partitions) => createTopic({ partitions }),
  reader: () => kafkaLogReader({ kafka: kafkaClient(), brokers: sharedBrokers() }),
}))

test('partitions that are read at once share a connection, and none is left behind', async () => {
  const sockets = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  const topic = await createTopic({ partitions: 6 })
  const before = sockets()
  const reader = kafkaLogReader({ kafka: kafkaClient() })
  await Promise.all([0, 1, 2, 3, 4, 5].map((partition) => reader.read(topic, partition, 0, 1)))
  expect(sockets() - before).toBe(2)
  await reader.close()
  for (let look = 0; sockets() > before && look < 100; look++) await sleep(50)
  expect(sockets()).toBe(before)
})
