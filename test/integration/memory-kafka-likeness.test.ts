/** The in-memory Kafka tells the same story as a real broker does through kafkajs. */
import { expect, it } from 'vitest'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { createTopic, groupName, kafkaClient } from '../support/kafka.ts'
import { type Told, tell } from '../testbed-memory/scenario.ts'

it('is like a real broker in answers, headers, offsets, refusals and events', async () => {
  const topic = await createTopic({ prefix: 'likeness' })
  const group = groupName('likeness')
  const real = await tell(kafkaClient(), topic, group)

  const memory = new MemoryKafka()
  await memory
    .kafka()
    .admin()
    .createTopics({ topics: [{ topic, numPartitions: 1 }] })
  const imitated = await tell(memory.kafka(), topic, group)

  expect(imitated.answers).toEqual(real.answers)
  expect(imitated.received).toEqual(real.received)
  expect(imitated.ends).toEqual(real.ends)
  expect(imitated.refusals).toEqual(real.refusals)
  expect(imitated.events).toEqual(real.events)
  expect(imitated.batches.map(withoutDuration)).toEqual(real.batches.map(withoutDuration))
})

function withoutDuration(batch: Told['batches'][number]): unknown {
  return { ...(batch as object), duration: undefined }
}
