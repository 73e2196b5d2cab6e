/** Goes through everything; what cannot be asked is a result as well, never the end. */
import { existsSync } from 'node:fs'
import type { Kafka } from 'kafkajs'
import type { Environment } from '../../base/environment.ts'
import { messageOf } from '../../base/errors.ts'
import { topicsOf } from '../../collect/judge.ts'
import type { Cluster, Config } from '../../config/config.ts'
import { ASKED_MS, summarizeHops } from '../../objective/hop-coverage.ts'
import { openSqliteStore } from '../../store/sqlite.ts'
import { connectionOf } from '../connection.ts'
import { type Asked, askCluster } from './ask-cluster.ts'
import { type CheckResult, fail, ok, within } from './check.ts'
import { checkCluster } from './cluster.ts'
import { checkEvidence } from './evidence.ts'
import { checkFile } from './file.ts'
import { checkMachine, type Machine, machineHere } from './machine.ts'
import { checkStore, type StoreFacts, storeFacts } from './store.ts'

export interface DoctorOptions {
  readonly config?: string
  readonly store: string
  /** Whether the routes of alerts are tried; left out: they are. */
  readonly alerts?: boolean
  readonly env: Environment
  readonly cwd: string
}

/** ms that a part may take; those of a cluster are bounded one by one. */
const PART_MS = 15_000
const CLUSTER_MS = 60_000

export async function examine({
  config: flag,
  store,
  alerts = true,
  env,
  cwd,
}: DoctorOptions): Promise<CheckResult[]> {
  const part = async (
    id: string,
    subject: string,
    ms: number,
    work: () => Promise<readonly CheckResult[]>,
  ): Promise<readonly CheckResult[]> => {
    try {
      return await within(ms, work())
    } catch (error) {
      return [fail(id, subject, messageOf(error), 'Correct this, and run `quipu doctor` again.')]
    }
  }
  let machine: Machine | null = null
  const results = [
    ...(await part('node', process.versions.node, PART_MS, async () => {
      machine = await machineHere()
      return checkMachine(machine)
    })),
  ]
  const { driver = null, client = null } = (machine as Machine | null) ?? {}
  const file = checkFile(flag, env, cwd)
  results.push(...file.results)
  let facts: StoreFacts | null = null
  results.push(
    ...(await part('store', store, PART_MS, async () => {
      facts = await storeFacts(store)
      return checkStore(facts)
    })),
  )
  const { config } = file
  if (config === null) return results
  const { pipelines } = config
  if (pipelines.some((p) => p.hops.some(({ shape }) => shape !== undefined)))
    results.push(
      ...(await part('schemas', 'schemas', PART_MS, async () => {
        // Libraries that read schemas are loaded only where there are some.
        const { checkSchemas } = await import('./schemas.ts')
        return checkSchemas(pipelines, env)
      })),
    )
  const { alerting } = config
  if (alerts && alerting !== undefined && alerting.routes.length > 0)
    results.push(
      ...(await part('alert-route', 'alerting.routes', PART_MS, async () => {
        const { checkAlerts } = await import('./alerts.ts')
        return checkAlerts(alerting, env)
      })),
    )
  if (client === null) {
    const asked = await Promise.all(
      clustersOf(config).map(([of, cluster]) =>
        part('brokers', of.cluster, CLUSTER_MS, async () =>
          checkCluster(await askCluster(await open(cluster), of), config.pipelines),
        ),
      ),
    )
    results.push(...asked.flat())
    if (asked.length === 0) {
      const todo = 'Add `kafka: { brokers: [HOST:PORT] }` to the file.'
      results.push(fail('brokers', 'kafka', 'the file names no brokers', todo))
    }
  }
  const isStore = ((facts as StoreFacts | null)?.strange ?? null) === null && existsSync(store)
  if (isStore && driver === null) {
    results.push(...(await part('agents', store, PART_MS, () => evidenceOf(store, config))))
  } else if (driver === null) {
    results.push(ok('agents', store, 'nothing is known of agents before the first `quipu audit`'))
  }
  return results
}

async function evidenceOf(path: string, config: Config): Promise<readonly CheckResult[]> {
  const store = await openSqliteStore(path, { readOnly: true })
  try {
    const now = Date.now()
    const since = now - ASKED_MS
    const { pipelines } = config
    const [verdicts, coverage, instances, gaps] = await Promise.all([
      store.verdicts({ since }),
      store.coverage(),
      store.instances(since),
      store.gaps(),
    ])
    const hops = summarizeHops({ pipelines, verdicts, coverage, instances, gaps, now, since })
    return checkEvidence({ pipelines, hops, instances, verdicts })
  } finally {
    await store.close()
  }
}

function clustersOf({ kafka, pipelines }: Config): readonly (readonly [Asked, Cluster])[] {
  const topics = topicsOf(pipelines)
  const groups = pipelines.flatMap((p) => p.hops).filter(({ hop }) => hop.role === 'consumer')
  return Object.entries(kafka?.clusters ?? {}).map(([name, cluster]) => {
    const members = groups.filter(({ hop }) => hop.cluster === name)
    return [
      {
        cluster: name,
        brokers: cluster.brokers,
        topics: topics.filter((t) => t.cluster === name).map((t) => t.topic),
        groups: members.map(({ hop }) => ({ group: hop.group, topic: hop.topic })),
        auditTopic: kafka?.audit.cluster === name ? kafka.audit.topic : null,
      },
      cluster,
    ]
  })
}

async function open(cluster: Cluster): Promise<Kafka> {
  const { Kafka, logLevel } = await import('kafkajs')
  return new Kafka({
    ...{ clientId: 'quipu-doctor', logLevel: logLevel.NOTHING },
    ...connectionOf(cluster),
    retry: { initialRetryTime: 200, retries: 3 },
  })
}
