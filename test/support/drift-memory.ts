/** An audited pipeline over an in-memory Kafka, in simulated time, with what its messages looked like. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import { AuditEngine } from '../../src/cli/audit-engine.ts'
import { driftOf } from '../../src/cli/drift-reader.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { Drift } from '../../src/drift/judge.ts'
import { tallyPlans } from '../../src/hop/plan.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { MemoryTransport } from '../../src/transport/memory.ts'
import { plainNames } from './drift-declared.ts'
import type { Ground } from './drift-pipeline.ts'

export const WINDOW_MS = 60_000
export const EPOCH: number = Date.UTC(2026, 0, 1)

export interface MemoryGround extends Ground {
  /** What the auditor says in the end. */
  end(): Promise<Drift>
}

/** @param file the text of the pipeline file. @param path where it would lie */
export async function memoryGround(file: string, path: string): Promise<MemoryGround> {
  const parsed = parseConfig(file, path, {})
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  const { pipelines } = parsed.config
  let now = EPOCH
  const clock = (): number => now
  const broker = new MemoryKafka({ clock })
  const transport = new MemoryTransport()
  const store = await openSqliteStore(':memory:')
  const admin = broker.kafka().admin()
  await admin.createTopics({
    topics: ['flights', 'enriched'].map((topic) => ({ topic, numPartitions: 2 })),
  })
  const engine = await AuditEngine.start({
    ...{ pipelines, store, clock, timer: false, flushMs: WINDOW_MS },
    ...{ reader: transport.reader(), sender: () => transport.sender() },
    kafkas: new Map([['default', broker.kafka('auditor')]]),
  })
  const turn = async (): Promise<void> => {
    await flushAll()
    await engine.turn(0)
  }
  return {
    ...plainNames,
    pod: (service, version, below = (kafka) => kafka): Kafka =>
      audited(below(broker.kafka()), {
        ...{ service, version, clock, timer: false, windowMs: WINDOW_MS, flushMs: WINDOW_MS },
        ...{ planOf: tallyPlans(pipelines), audit: { sender: transport.sender() } },
      }),
    begin: (window) => {
      now = EPOCH + window * WINDOW_MS + 1_000
    },
    until: async (isDone) => {
      await broker.idle()
      if (!isDone()) throw new Error('not everything was handled')
      await turn()
    },
    rest: async (looked) => {
      for (let i = 0; i < 200 && (await lookedInto(store)) < looked; i++) {
        await sleep(20)
        await turn()
      }
    },
    end: async () => {
      now += 10 * WINDOW_MS
      await turn()
      await engine.close()
      const [drift] = await driftOf(store, { audited: pipelines, now })
      await store.close()
      if (drift === undefined) throw new Error('nothing was looked at')
      return drift
    },
  }
}

/** Messages, at all hops together. */
export async function lookedInto(store: Store): Promise<number> {
  return (await store.shapes()).reduce((n, { shape }) => n + shape.looked, 0)
}
