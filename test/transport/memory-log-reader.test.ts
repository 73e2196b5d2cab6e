import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { describeLogReader } from './log-suite.ts'

describeLogReader('the broker in memory', async () => {
  const memory = new MemoryKafka()
  const kafka = memory.kafka()
  let topics = 0
  return {
    kafka,
    topic: async (partitions) => {
      const topic = `topic-${topics++}`
      await kafka.admin().createTopics({ topics: [{ topic, numPartitions: partitions }] })
      return topic
    },
    reader: () => memory.logReader(),
  }
})
