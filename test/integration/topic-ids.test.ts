/** The id of a real topic: the same as long as it is the same topic, and another one for one created anew. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { HighWatermarks } from '../../src/cli/high-watermarks.ts'
import { createNamed } from '../support/cases-cluster.ts'
import { createTopic, kafkaClient, sharedBrokers, withAdmin } from '../support/kafka.ts'

/** Looks, 100 ms apart. */
const LOOKS_MAX = 100

test('a topic that is deleted and created anew has another id', async () => {
  const topic = await createTopic({ partitions: 3 })
  const marks = new HighWatermarks(kafkaClient())
  const id = async (): Promise<string | null> => marks.idOf(topic).catch(() => null)
  const before = await id()
  expect(before).toMatch(/^[0-9a-f]{32}$/)
  expect(await id()).toBe(before)
  await withAdmin(async (admin) => {
    await admin.deleteTopics({ topics: [topic] })
    for (let i = 0; i < LOOKS_MAX && (await admin.listTopics()).includes(topic); i++)
      await sleep(100)
  })
  await createNamed(topic, sharedBrokers())
  let after = await id()
  for (let i = 0; i < LOOKS_MAX && after === null; i++) {
    await sleep(100)
    after = await id()
  }
  expect(after).toMatch(/^[0-9a-f]{32}$/)
  expect(after).not.toBe(before)
  await marks.close()
})
