/** What a broker tells of its topics and who reads them; bounded in time and number. */
import type { Admin, Kafka } from 'kafkajs'
import { AUDIT_TOPIC } from '../../base/audit-topic.ts'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { topicNames } from '../../transport/kafka.ts'

export interface Found {
  /** Without those of Kafka and of this product; by name. */
  readonly topics: readonly string[]
  /** What each group has committed to, or is reading; by name. */
  readonly readers: readonly { readonly group: string; readonly topics: readonly string[] }[]
}

/** Each is asked for its offsets. */
const GROUPS_MAX = 200
/** ms for all of them */
const GROUPS_MS = 15_000

/** @throws QuipuError if no broker answers, in bounded time */
export async function lookAround(kafka: Kafka, brokers: readonly string[]): Promise<Found> {
  const all = await topicNames({ kafka, brokers })
  const topics = all.filter((t) => !t.startsWith('_') && t !== AUDIT_TOPIC).sort()
  const admin = kafka.admin()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const message = `the groups at ${brokers.join(', ')} were not told within ${GROUPS_MS / 1_000} s`
    timer = setTimeout(() => reject(new Error(message)), GROUPS_MS)
  })
  try {
    const readers = await Promise.race([readersOf(admin, new Set(topics)), late])
    return { topics, readers }
  } catch (cause) {
    throw new QuipuError('CONNECTION', `cannot ask for consumer groups: ${messageOf(cause)}`, {
      hint: 'Name topics and groups yourself: --topics a,b --groups g:a',
      cause,
    })
  } finally {
    clearTimeout(timer)
    void admin.disconnect().catch(() => undefined)
  }
}

async function readersOf(admin: Admin, topics: ReadonlySet<string>): Promise<Found['readers']> {
  await admin.connect()
  const { groups } = await admin.listGroups()
  const names = groups
    .map(({ groupId }) => groupId)
    // Those of auditors read beside everybody else; and a colon is how groups and topics are parted.
    .filter((group) => !group.startsWith('quipu') && !group.includes(':'))
    .sort()
    .slice(0, GROUPS_MAX)
  const readers: { group: string; topics: readonly string[] }[] = []
  for (const group of names) {
    const offsets = await admin.fetchOffsets({ groupId: group })
    const committed = offsets
      .filter(({ topic, partitions }) => topics.has(topic) && partitions.some(isCommitted))
      .map(({ topic }) => topic)
    if (committed.length > 0) readers.push({ group, topics: committed.sort() })
  }
  return readers
}

const isCommitted = ({ offset }: { readonly offset: string }): boolean => Number(offset) >= 0
