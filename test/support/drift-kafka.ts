/** Pipelines of flights on brokers, and one auditor that looks on at all of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { audited } from '../../agents/kafkajs.ts'
import { driftOf } from '../../src/cli/drift-reader.ts'
import { withStore } from '../../src/cli/store-reader.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { Drift } from '../../src/drift/judge.ts'
import { windowStartOf } from '../../src/message/window.ts'
import type { Store } from '../../src/store/store.ts'
import { ensureAuditTopic } from '../../src/transport/kafka.ts'
import { withFile } from './books.ts'
import { type DeclaredPipeline, declareFlights, type Names } from './drift-declared.ts'
import { type Ground, WINDOWS } from './drift-pipeline.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers, topicName } from './kafka.ts'
import { startAuditor } from './quipu.ts'

const WINDOW_MS = 1_000
const LATENESS_MS = 2_000
const FLUSH_MS = 300
/** Looks, 200 ms apart. */
const LOOKS_MAX = 300

/** Topics and groups of their own. */
export async function brokerNames(name: string): Promise<Names> {
  const [flights, enriched] = await Promise.all([
    createTopic({ prefix: 'flights', partitions: 2 }),
    createTopic({ prefix: 'enriched', partitions: 2 }),
  ])
  const groups = { enrich: groupName('enrich'), store: groupName('store') }
  return { name, topics: { flights, enriched }, groups }
}

export interface Stage {
  readonly store: string
  readonly epochMs: number
  readonly windowMs: number
  ground(names: Names): Ground
  /** Ends the auditor; what it says of each pipeline. */
  end(): Promise<(names: Names) => Drift>
}

export async function openStage(
  folder: string,
  registry: string,
  pipelines: readonly DeclaredPipeline[],
): Promise<Stage> {
  const brokers = sharedBrokers()
  const auditTopic = topicName('quipu.tallies')
  const kafka = `kafka: { brokers: ["${brokers.join('", "')}"], audit: { topic: ${auditTopic} } }`
  const head = `window: ${WINDOW_MS}ms\nlateness: ${LATENESS_MS}ms\n${kafka}`
  const { text, path } = declareFlights({ folder, registry, head, pipelines })
  await ensureAuditTopic({ brokers, topic: auditTopic })
  const store = `${path}.db`
  const auditor = await startAuditor(['--config', path, '--store', store])
  // Born a moment ago, window after window, so that no test has to wait for a window to pass.
  const epochMs = windowStartOf(Date.now(), WINDOW_MS) - WINDOWS * WINDOW_MS
  const until = async (isDone: () => boolean | Promise<boolean>): Promise<void> => {
    for (let look = 0; !(await isDone()) && look < LOOKS_MAX; look++) await sleep(200)
  }
  const ground = ({ topics, groups }: Names): Ground => {
    const own = new Set(Object.values(topics))
    const lookedInto = async (open: Store): Promise<number> =>
      (await open.shapes()).reduce(
        (n, { hop, shape }) => n + (own.has(hop.topic) ? shape.looked : 0),
        0,
      )
    let window = 0
    const clock = (): number => epochMs + (window + 0.5) * WINDOW_MS
    return {
      ...{ topics, groups, until },
      pod: (service, version, below = (client) => client) => {
        const audit = { topic: auditTopic }
        const options = { service, version, audit, flushMs: FLUSH_MS, clock }
        return withFile({ file: path, store, auditTopic }, () =>
          audited(below(kafkaClient()), options),
        )
      },
      begin: (next) => {
        window = next
      },
      rest: async (looked) => {
        // The schemas come with the first window, and topic agents tell what they saw every 5 s only.
        if (window === 0 || window === WINDOWS - 1)
          await until(async () => (await withStore(store, lookedInto)) >= looked)
      },
    }
  }
  return {
    ...{ store, epochMs, ground, windowMs: WINDOW_MS },
    end: async () => {
      auditor.child.kill('SIGTERM')
      await auditor.ended
      const parsed = parseConfig(text, path, {})
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
      const { pipelines: declared } = parsed.config
      const drifts = await withStore(store, (open) =>
        driftOf(open, { audited: declared, now: Date.now() }),
      )
      return ({ name }) => {
        const drift = drifts[declared.findIndex((pipeline) => pipeline.name === name)]
        if (drift === undefined) throw new Error(`nothing was looked at: ${auditor.stderr()}`)
        return drift
      }
    },
  }
}
