/** The logs that a reading command may ask: where brokers are named, by flag or file, and answer at once. */
import { QuipuError } from '../base/errors.ts'
import type { Cluster } from '../config/config.ts'
import { type OwnSockets, ownSockets } from '../transport/kafka/own-sockets.ts'
import type { LogReader } from '../transport/log.ts'

export interface ClusterFlags {
  readonly config?: string
  readonly brokers?: readonly string[]
}

export interface OpenLogs {
  /** By name; those that are not here are told in `why`. */
  readonly readers: ReadonlyMap<string, LogReader>
  /** Why logs cannot be read, in words. */
  readonly why: readonly string[]
  /** The same in short, by cluster. */
  readonly lacking: ReadonlyMap<string, string>
  close(): Promise<void>
}

/** ms: a cluster that does not answer in this time is not waited for. */
const ANSWER_MS = 3_000

/**
 * @param topics by cluster, one that must be there
 * @throws QuipuError CONFIG: a file that was named has mistakes
 */
export async function openLogs(
  flags: ClusterFlags,
  topics: ReadonlyMap<string, string>,
): Promise<OpenLogs> {
  const clusters = await clustersOf(flags)
  const readers = new Map<string, LogReader>()
  const sockets = ownSockets()
  const why: string[] = []
  const lacking = new Map<string, string>()
  await Promise.all(
    [...topics].map(async ([name, topic]) => {
      const cluster = clusters?.[name]
      if (cluster === undefined) {
        const of = name === 'default' ? '' : ` of cluster ${name}`
        why.push(`no log${of}: no brokers are named (--brokers HOST:PORT, or --config FILE)`)
        lacking.set(name, 'no brokers are named')
        return
      }
      const opened = await answering(cluster, topic, sockets)
      if (typeof opened !== 'string') {
        readers.set(name, opened)
        return
      }
      why.push(opened)
      lacking.set(name, opened.replace(/^no log: /, ''))
    }),
  )
  const close = async (): Promise<void> => {
    await Promise.all([...readers.values()].map((r) => r.close().catch(() => undefined)))
    sockets.destroy()
  }
  return { readers, why, lacking, close }
}

async function clustersOf({
  config,
  brokers,
}: ClusterFlags): Promise<Readonly<Record<string, Cluster>> | null> {
  const { findConfig } = await import('../config/find.ts')
  const { loadConfig } = await import('../config/load.ts')
  const found = findConfig(config, process.env, process.cwd())
  const declared = found === null ? null : loadConfig(found, process.env, process.cwd()).kafka
  if (brokers === undefined) return declared?.clusters ?? null
  const [first, ...others] = Object.keys(declared?.clusters ?? { default: null })
  if (first === undefined || others.length > 0) {
    throw new QuipuError('CONFIG', '--brokers: the file declares several clusters', {
      hint: 'Set the brokers of each cluster in the file; environment variables work there.',
    })
  }
  const known = declared?.clusters[first] ?? { ssl: false, sasl: null }
  return { [first]: { ...known, brokers } }
}

/** A reader, or why there is none. */
async function answering(
  cluster: Cluster,
  topic: string,
  { socketFactory }: OwnSockets,
): Promise<LogReader | string> {
  const { Kafka, logLevel } = await import('kafkajs')
  const { kafkaLogReader } = await import('../transport/kafka-log.ts')
  const { connectionOf } = await import('./connection.ts')
  const { brokers } = cluster
  const kafka = new Kafka({
    clientId: 'quipu',
    logLevel: logLevel.NOTHING,
    ...connectionOf(cluster),
    ...{ socketFactory, retry: { retries: 1 } },
  })
  const reader = kafkaLogReader({ kafka, brokers })
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<string>((done) => {
    timer = setTimeout(done, ANSWER_MS, `no log: ${brokers.join(', ')} did not answer in 3 s`)
  })
  const asked = reader.partitions(topic).then(
    () => reader,
    (error: unknown) => `no log: ${error instanceof Error ? error.message : String(error)}`,
  )
  const answer = await Promise.race([asked, silence])
  clearTimeout(timer)
  if (typeof answer === 'string') void reader.close().catch(() => undefined)
  return answer
}
