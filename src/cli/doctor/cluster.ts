/** From what a cluster says to what is wrong with it. Pure. */
import { suggestion } from '../../base/nearest.ts'
import { plural } from '../../base/words.ts'
import { durationText } from '../../config/duration-text.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import { RECORD_BYTES_MAX } from '../../transport/transport.ts'
import { type CheckResult, fail, ok, warn } from './check.ts'
import type { ClusterFacts, GroupFacts, TopicFacts } from './cluster-facts.ts'

/** The auditor may be down for so long and still find what it missed. */
const AUDIT_KEPT_MS_MIN = 86_400_000

export function checkCluster(facts: ClusterFacts, pipelines: readonly Pipeline[]): CheckResult[] {
  const { cluster, brokers, problem, known, topics, groups, audit } = facts
  const name = `${cluster} (${brokers.join(', ')})`
  if (problem !== null) return [fail('brokers', name, problem.message, problem.todo)]
  return [
    ok('brokers', name, `answer, and show ${plural(known.length, 'topic')}`),
    ...topics.flatMap((topic) => checkTopic(topic, cluster, known, pipelines)),
    ...groups.map(checkGroup),
    ...(audit === null ? [] : checkAuditTopic(audit)),
  ]
}

function checkTopic(
  facts: TopicFacts,
  cluster: string,
  known: readonly string[],
  pipelines: readonly Pipeline[],
): CheckResult[] {
  const { topic, exists, partitions, read, settings } = facts
  if (!exists) {
    return [
      fail(
        ...([
          'topic',
          topic,
          `does not exist, or may not be described${suggestion(topic, known)}`,
        ] as const),
        'Correct its name, create it, or grant this client the right to describe it.',
      ),
    ]
  }
  const results: CheckResult[] = []
  if (read === null)
    results.push(ok('topic', topic, `${plural(partitions, 'partition')}, may be read`))
  else if (read.denied) {
    const message = `may not be read (${read.message})`
    const todo = 'Grant this client the right to read and describe it.'
    results.push(fail('topic', topic, message, todo))
  } else {
    const todo = 'Check that every partition has a leader.'
    results.push(fail('topic', topic, `cannot be read: ${read.message}`, todo))
  }
  if (!(settings instanceof Map)) {
    const message = `its settings may not be asked for (${(settings as { message: string }).message})`
    const todo =
      'Grant this client DescribeConfigs on it, or look yourself for LogAppendTime, retention and compaction.'
    return [...results, warn('topic-settings', topic, message, todo)]
  }
  const declared = pipelines.filter((p) =>
    p.hops.some(({ hop }) => hop.cluster === cluster && hop.topic === topic),
  )
  return [
    ...results,
    ...checkTime(topic, cluster, settings, declared),
    ...checkRetention(topic, settings, declared),
    ...checkCompaction(topic, settings),
  ]
}

/** Who gives messages their time: it matters where ids or windows are made of it. */
function checkTime(
  topic: string,
  cluster: string,
  settings: ReadonlyMap<string, string>,
  pipelines: readonly Pipeline[],
): CheckResult[] {
  const type = settings.get('message.timestamp.type')
  if (type === undefined) return []
  if (type !== 'LogAppendTime')
    return [ok('topic-time', topic, `${type}: its producers give the time`)]
  const edges = pipelines.flatMap((p) => p.edges)
  const isAt = (role: string) => (d: Pipeline['hops'][number]) =>
    d.hop.role === role && d.hop.topic === topic && d.hop.cluster === cluster
  const byTimestamp = edges
    .filter((e) => e.from.some(isAt('producer')))
    .some((e) => e.to.some((d) => isAt('topic')(d) && d.identity?.time.by === 'timestamp'))
  if (byTimestamp) {
    return [
      fail(
        'topic-time',
        topic,
        'takes times from its broker (LogAppendTime), which its producers do not know, and windows are made of them',
        'Take the time from the message (`time: { header: NAME }`), use the stamp, or set message.timestamp.type=CreateTime.',
      ),
    ]
  }
  return [ok('topic-time', topic, 'LogAppendTime; windows are not made of it')]
}

/** A message that is deleted before its window is judged cannot be looked up any more. */
function checkRetention(
  topic: string,
  settings: ReadonlyMap<string, string>,
  pipelines: readonly Pipeline[],
): CheckResult[] {
  const kept = Number(settings.get('retention.ms') ?? Number.NaN)
  const needed = Math.max(0, ...pipelines.map((p) => p.windowMs + p.latenessMs))
  if (!(settings.get('cleanup.policy') ?? 'delete').includes('delete')) return []
  if (Number.isNaN(kept)) return []
  // -1: for ever
  if (kept < 0) return [ok('topic-retention', topic, 'keeps messages for ever')]
  const message = `keeps messages for ${durationText(kept)}; a window is judged ${durationText(needed)} after it begins`
  if (kept >= needed) return [ok('topic-retention', topic, message)]
  const todo = `Set retention.ms to ${needed} or more, or lower \`lateness\`.`
  return [fail('topic-retention', topic, message, todo)]
}

function checkCompaction(topic: string, settings: ReadonlyMap<string, string>): CheckResult[] {
  if (!settings.get('cleanup.policy')?.includes('compact')) return []
  const message =
    'is compacted: older messages of a key vanish, so an id that is missing may have been there'
  return [
    warn(
      'topic-compaction',
      topic,
      message,
      'Expect `undetermined: compacted`, or audit another topic.',
    ),
  ]
}

function checkGroup({ group, topic, committed }: GroupFacts): CheckResult {
  const subject = `${group} of ${topic}`
  if (committed === true) return ok('group', subject, 'has committed offsets')
  if (committed === false) {
    const message =
      'has committed nothing: it never ran, runs under another name, or does not commit'
    return warn('group', subject, message, 'Check the name in `group`; else start the consumer.')
  }
  // Where the right is missing, kafkajs mostly says that it found no coordinator.
  const message = `cannot be asked for: ${committed.message}`
  const todo = 'Grant this client the right to describe the group, or see the log of the brokers.'
  return fail('group', subject, message, todo)
}

function checkAuditTopic(facts: TopicFacts): CheckResult[] {
  const { topic, exists, read, settings } = facts
  if (!exists) {
    const todo =
      'Nothing, if `quipu audit` may create topics; else create it with cleanup.policy=delete.'
    return [warn('audit-topic', topic, 'is not there yet', todo)]
  }
  if (read !== null) {
    const todo = 'Grant this client the rights to read, write and describe it.'
    return [fail('audit-topic', topic, `cannot be read: ${read.message}`, todo)]
  }
  const results = [ok('audit-topic', topic, 'may be read')]
  if (!(settings instanceof Map)) return results
  if (settings.get('cleanup.policy')?.includes('compact')) {
    results.push(
      fail(
        'audit-topic-settings',
        topic,
        'is compacted: frames will be lost',
        'Set cleanup.policy=delete on it.',
      ),
    )
  }
  const bytes = Number(settings.get('max.message.bytes') ?? RECORD_BYTES_MAX)
  if (bytes < RECORD_BYTES_MAX) {
    const todo = `Set max.message.bytes=${2 * RECORD_BYTES_MAX} on it.`
    results.push(
      fail('audit-topic-settings', topic, `refuses frames of more than ${bytes} bytes`, todo),
    )
  }
  const kept = Number(settings.get('retention.ms') ?? -1)
  if (kept >= 0 && kept < AUDIT_KEPT_MS_MIN) {
    const message = `keeps frames for ${durationText(kept)}: what an auditor misses for longer is lost`
    results.push(warn('audit-topic-settings', topic, message, 'Set retention.ms to a day or more.'))
  }
  return results
}
