/** A group that stands still while a real broker deletes its log: foretold, and come true. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { AuditEngine } from '../../src/cli/audit-engine.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { kafkaReader, kafkaSender } from '../../src/transport/kafka.ts'
import {
  makeScene,
  messagesOf,
  patientClient,
  type Scene,
  sendAll,
} from '../support/cases-producer.ts'
import { topicName, withAdmin } from '../support/kafka.ts'
import { quipu } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-forecast-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MINUTE = 60_000
const ROUNDS = 6
/** Messages a round: written, and deleted from the start. */
const WRITTEN = 50
const DELETED = 20
const COMMITTED = 150

function deleteBefore({ topic }: Scene, offset: number): Promise<void> {
  return withAdmin(async (admin) => {
    // It deletes in topics only that it has asked for before.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({
      topic,
      partitions: [{ partition: 0, offset: String(offset) }],
    })
  })
}

const commit = ({ group, topic }: Scene, offset: number): Promise<unknown> =>
  withAdmin((admin) =>
    admin.setOffsets({
      groupId: group,
      topic,
      partitions: [{ partition: 0, offset: String(offset) }],
    }),
  )

interface Printed {
  readonly exitCode: number
  readonly groups: readonly {
    readonly lag: number
    readonly lossInMs: number | null
    readonly why: string | null
    readonly willLose: { readonly low: number; readonly high: number } | null
  }[]
}

/** Of what the auditor polled once a minute while `round` went on, the last one now. */
async function forecastAfter(scene: Scene, round: (n: number) => Promise<void>): Promise<Printed> {
  const path = join(folder, `${topicName('store')}.db`)
  const store = await openSqliteStore(path)
  const transport = { kafka: patientClient(), topic: scene.auditTopic }
  let now = Date.now() - ROUNDS * MINUTE
  const engine = await AuditEngine.start({
    pipelines: [scene.pipeline],
    store,
    reader: kafkaReader(transport),
    sender: () => kafkaSender(transport),
    kafkas: new Map([['default', patientClient()]]),
    name: scene.auditTopic,
    flushMs: 200,
    clock: () => now,
  })
  try {
    for (let n = 1; n <= ROUNDS; n++) {
      await round(n)
      now += MINUTE
      await engine.turn(100)
    }
  } finally {
    await engine.close()
    await store.close()
  }
  const { code, stdout } = await quipu(['forecast', '--store', path, '--json', '--within', '1h'])
  const printed = JSON.parse(stdout) as Printed
  expect(code).toBe(printed.exitCode)
  return printed
}

it.concurrent('the start comes nearer by 20 a minute, and the group stands', async () => {
  const scene = await makeScene({ partitions: 1 })
  await sendAll(patientClient(), scene.topic, messagesOf(300))
  await commit(scene, COMMITTED)
  const { exitCode, groups } = await forecastAfter(scene, async (n) => {
    await sendAll(patientClient(), scene.topic, messagesOf(WRITTEN))
    await deleteBefore(scene, n * DELETED)
  })
  const written = 300 + ROUNDS * WRITTEN
  const room = COMMITTED - ROUNDS * DELETED
  const [group] = groups
  expect([exitCode, groups.length, group?.why, group?.lag]).toEqual([
    1,
    1,
    null,
    written - COMMITTED,
  ])
  // The command is asked a moment after the last poll.
  expect(group?.lossInMs).toBeLessThanOrEqual((room / DELETED) * MINUTE)
  expect(group?.lossInMs).toBeGreaterThan(0)
  // In an hour 60 times as many as in a minute, of what is there: less one jump, and one more, of five seen.
  expect(group?.willLose?.low).toBeLessThan(60 * DELETED)
  expect(group?.willLose?.high).toBeGreaterThan(60 * DELETED)
  expect(group?.willLose?.high).toBeLessThan(2 * 60 * DELETED)

  // Time goes on as it went: what was foretold is so.
  const later = await forecastAfter(scene, (n) => deleteBefore(scene, (ROUNDS + n) * DELETED))
  expect([later.exitCode, later.groups[0]?.lossInMs]).toEqual([1, 0])
})

it.concurrent('a group at the end of a log that is deleted behind it loses nothing', async () => {
  const scene = await makeScene({ partitions: 1 })
  await sendAll(patientClient(), scene.topic, messagesOf(300))
  await commit(scene, 300)
  const { exitCode, groups } = await forecastAfter(scene, (n) => deleteBefore(scene, n * 50))
  expect([exitCode, groups[0]?.lossInMs, groups[0]?.why]).toEqual([0, null, null])
})

it.concurrent('of a group that has committed nothing nothing is foretold', async () => {
  const scene = await makeScene({ partitions: 1 })
  await sendAll(patientClient(), scene.topic, messagesOf(300))
  const { exitCode, groups } = await forecastAfter(scene, (n) => deleteBefore(scene, n * DELETED))
  expect([exitCode, groups[0]?.why]).toEqual([3, 'it has committed nothing'])
})
