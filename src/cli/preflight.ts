/** Asks the clusters whether the topics are there, before anything is written anywhere. */
import type { Kafka, RetryOptions } from 'kafkajs'
import { QuipuError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import { topicsOf } from '../collect/judge.ts'
import type { Cluster, KafkaConfig } from '../config/config.ts'
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
