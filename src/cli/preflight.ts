/** Asks the clusters whether the topics are there, before anything is written anywhere. */
import type { Kafka, RetryOptions } from 'kafkajs'
import { messageOf, QuipuError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import { topicsOf } from '../collect/judge.ts'
import type { Cluster, KafkaConfig } from '../config/config.ts'
import { type HopRef, hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { topicNames } from '../transport/kafka.ts'

/** In all about 3 s where brokers refuse: one that restarts is back, a typo is told soon. */
const PROBE_RETRY: RetryOptions = { initialRetryTime: 200, retries: 4 }

/** @throws QuipuError CONNECTION no broker answers; NOT_FOUND a topic is missing */
export async function findTopics(
  pipelines: readonly Pipeline[],
  { clusters }: KafkaConfig,
  open: (cluster: Cluster, retry: RetryOptions) => Kafka,
): Promise<void> {
  for (const [cluster, declared] of Object.entries(clusters)) {
    const { brokers } = declared
    const there = await topicNames({ kafka: open(declared, PROBE_RETRY), brokers })
    const missing = topicsOf(pipelines)
      .filter((hop) => hop.cluster === cluster)
      .map((hop) => hop.topic)
      .filter((topic) => !there.includes(topic))
    const [first] = missing
    if (first === undefined) continue
    const at = `at ${brokers.join(', ')}`
    const message =
      missing.length === 1
        ? `the topic ${first} does not exist ${at}${suggestion(first, there)}`
        : `these topics do not exist ${at}: ${missing.join(', ')}`
    throw new QuipuError('NOT_FOUND', message, {
      hint: 'Correct the name, create the topic, or grant this client the right to describe it.',
    })
  }
}

/** Kafka's number for topics among the resources that are configured. */
export const TOPIC_RESOURCE = 2

/**
 * Where the broker gives messages their time, the producer does not know it: an id or a window made of
 * it is another one there, and every message would be lost in one and unexpected in the other.
 * @throws QuipuError CONFIG such an edge is declared
 */
export async function checkTimes(
  pipelines: readonly Pipeline[],
  { clusters }: KafkaConfig,
  open: (cluster: Cluster, retry: RetryOptions) => Kafka,
  talk: (line: string) => void,
): Promise<void> {
  for (const [cluster, declared] of Object.entries(clusters)) {
    const topics = producedByTimestamp(pipelines).filter((hop) => hop.cluster === cluster)
    if (topics.length === 0) continue
    const admin = open(declared, PROBE_RETRY).admin()
    let appended: readonly string[] = []
    try {
      await admin.connect()
      const configNames = ['message.timestamp.type']
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: topics.map(({ topic }) => ({ type: TOPIC_RESOURCE, name: topic, configNames })),
      })
      appended = resources
        .filter((r) => r.configEntries.some((c) => c.configValue === 'LogAppendTime'))
        .map((r) => r.resourceName)
    } catch (error) {
      talk(`whether brokers give messages their time could not be asked: ${messageOf(error)}`)
    } finally {
      await admin.disconnect().catch(() => {})
    }
    const [first] = appended
    if (first === undefined) continue
    throw new QuipuError(
      'CONFIG',
      `the topic ${first} takes times from its broker (LogAppendTime), which its producers do not know`,
      {
        hint: 'Take the time from the message (`time: { header: NAME }`), use the stamp, or set message.timestamp.type=CreateTime.',
      },
    )
  }
}

/** Topics on which a producer's id or window is made of the record's timestamp. */
function producedByTimestamp(pipelines: readonly Pipeline[]): HopRef[] {
  const found = pipelines
    .flatMap((p) => p.edges)
    .filter((edge) => edge.from.some((d) => d.hop.role === 'producer'))
    .flatMap((edge) => edge.to)
    .filter((d) => d.hop.role === 'topic' && d.identity?.time.by === 'timestamp')
  return [...new Map(found.map(({ hop }) => [hopKey(hop), hop])).values()]
}
