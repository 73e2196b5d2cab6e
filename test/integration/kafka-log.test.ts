import { kafkaLogReader } from '../../src/transport/kafka-log.ts'
import { createTopic, kafkaClient, sharedBrokers } from '../support/kafka.ts'
import { describeLogReader } from '../transport/log-suite.ts'

describeLogReader('Kafka', async () => ({
  kafka: kafkaClient(),
  topic: (partitions) => createTopic({ partitions }),
  reader: () => kafkaLogReader({ kafka: kafkaClient(), brokers: sharedBrokers() }),
}))
