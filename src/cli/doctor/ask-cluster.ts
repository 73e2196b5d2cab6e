/** Asks a cluster for facts; every question is bounded, and changes nothing. */
import type { Admin, Kafka } from 'kafkajs'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { topicNames } from '../../transport/kafka.ts'
import { within } from './check.ts'
import type { ClusterFacts, GroupFacts, Refusal, TopicFacts } from './cluster-facts.ts'
import { TopicReads } from './topic-reads.ts'

export interface Asked {
  readonly cluster: string
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  readonly groups: readonly { readonly group: string; readonly topic: string }[]
  /** null: it is at another cluster */
  readonly auditTopic: string | null
}

/** ms for the first answer: with TLS, a login, and a broker or two that are down. */
const REACH_MS = 8_000
/** ms for one answer. */
const ANSWER_MS = 5_000
/** ms for all of them; what is left then is told as not answered. */
const CLUSTER_MS = 30_000
/** Kafka's number for topics among the resources that are configured. */
const TOPIC_RESOURCE = 2

export async function askCluster(kafka: Kafka, asked: Asked): Promise<ClusterFacts> {
  const { cluster, brokers } = asked
  const nothing = { cluster, brokers, known: [], topics: [], groups: [], audit: null }
  try {
    const known = await within(REACH_MS, topicNames({ kafka, brokers }))
    return { ...nothing, problem: null, known, ...(await factsOf(kafka, asked, known)) }
  } catch (error) {
    if (error instanceof QuipuError && error.hint !== undefined) {
      return { ...nothing, problem: { message: error.message, todo: error.hint } }
    }
    const message = `no Kafka broker answers at ${brokers.join(', ')}: ${messageOf(error)}`
    const todo = 'Check that the brokers run, host and port, and whether they want ssl or sasl.'
    return { ...nothing, problem: { message, todo } }
  }
}

async function factsOf(
  kafka: Kafka,
  { topics, groups, auditTopic }: Asked,
  known: readonly string[],
): Promise<Pick<ClusterFacts, 'topics' | 'groups' | 'audit'>> {
  const admin = kafka.admin({ retry: { retries: 1 } })
  const reads = new TopicReads(kafka)
  const until = Date.now() + CLUSTER_MS
  // One after the other: a doctor is no load test.
  const answer = async <T>(work: () => Promise<T>): Promise<T | Refusal> => {
    try {
      const ms = Math.min(ANSWER_MS, until - Date.now())
      if (ms <= 0) throw new Error(`not asked: ${CLUSTER_MS / 1_000} s were over`)
      return await within(ms, work())
    } catch (error) {
      return refusalOf(error)
    }
  }
  const topicFacts = async (topic: string): Promise<TopicFacts> => {
    const exists = known.includes(topic)
    if (!exists) return { topic, exists, partitions: 0, settings: new Map(), read: null }
    const read = await answer(() => reads.partitionsOf(topic))
    const settings = await answer(() => settingsOf(admin, topic))
    return typeof read === 'number'
      ? { topic, exists, partitions: read, settings, read: null }
      : { topic, exists, partitions: 0, settings, read }
  }
  try {
    await within(ANSWER_MS, admin.connect())
    const found: TopicFacts[] = []
    for (const topic of topics) found.push(await topicFacts(topic))
    const members: GroupFacts[] = []
    for (const { group, topic } of groups) {
      const committed = await answer(() => hasCommitted(admin, group, topic))
      members.push({ group, topic, committed })
    }
    const audit = auditTopic === null ? null : await topicFacts(auditTopic)
    return { topics: found, groups: members, audit }
  } finally {
    void reads.close().catch(() => undefined)
    void admin.disconnect().catch(() => undefined)
  }
}

async function settingsOf(admin: Admin, topic: string): Promise<ReadonlyMap<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC_RESOURCE, name: topic }],
  })
  const entries = resources[0]?.configEntries ?? []
  return new Map(entries.map(({ configName, configValue }) => [configName, configValue]))
}

async function hasCommitted(admin: Admin, groupId: string, topic: string): Promise<boolean> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
  return found?.partitions.some(({ offset }) => Number(offset) >= 0) ?? false
}

/** kafkajs wraps what the broker said in what it did itself. */
function refusalOf(error: unknown): Refusal {
  let at: unknown = error
  for (let depth = 0; depth < 10 && typeof at === 'object' && at !== null; depth++) {
    const { type, cause } = at as { readonly type?: unknown; readonly cause?: unknown }
    if (String(type).endsWith('AUTHORIZATION_FAILED')) {
      return { denied: true, message: String(type) }
    }
    at = cause
  }
  return { denied: false, message: messageOf(error) }
}
