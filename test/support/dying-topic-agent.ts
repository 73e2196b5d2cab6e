/**
 * A topic agent to be killed: at a point of a flush that holds counts, or from outside. Run as a
 * process of its own; it says how far it has read, when it has sent counts, and when it has failed.
 */
import { Kafka, logLevel, type Producer, type ProducerRecord, type Transaction } from 'kafkajs'
import { topicAgent } from '../../agents/topic.ts'
import { PLAIN } from '../../src/hop/plan.ts'
import { resumeFrom } from '../agents/topic/trail.ts'

export type DyingPoint =
  | 'before the frames'
  | 'between two frames'
  | 'before the offsets'
  | 'before the commit'
  | 'after the commit'

export interface DyingAgentPlan {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly auditTopic: string
  readonly groupId: string
  readonly flushMs: number
  /** Null: it lives until it is killed. */
  readonly point: DyingPoint | null
}

/** More than any frame that says little. */
const FULL_BYTES = 500_000
/** 25 tallies of each window, so that a few thousand messages fill two frames. */
const headers = [['a'], ['b'], ['c'], ['d']]
const preserve = headers.map((names) => ({ value: false, key: false, headers: names }))
const MUCH = { ...PLAIN, preserve, oneIn: [2, 4, 8, 16] }

const plan: DyingAgentPlan = JSON.parse(process.argv[2] as string)
const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

function at(point: DyingPoint): void {
  if (plan.point === point) process.kill(process.pid, 'SIGKILL')
}

/** Dies in the first cut of several frames. */
function watched(transaction: Transaction): Transaction {
  let isFull = false
  let hasFrames = false
  let hasCounts = false
  return {
    ...transaction,
    send: async (record: ProducerRecord) => {
      const value = record.messages[0]?.value
      isFull ||= value instanceof Buffer && value.length > FULL_BYTES
      hasFrames = true
      if (isFull) at('before the frames')
      const answer = await transaction.send(record)
      if (isFull) at('between two frames')
      return answer
    },
    sendOffsets: async (offsets) => {
      if (isFull) at('before the offsets')
      hasCounts = true
      await transaction.sendOffsets(offsets)
    },
    commit: async () => {
      if (isFull) at('before the commit')
      await transaction.commit()
      if (isFull) at('after the commit')
      if (hasFrames && hasCounts) say('sent')
    },
  }
}

const kafka = new Kafka({ brokers: [...plan.brokers], logLevel: logLevel.NOTHING })
const dying = {
  admin: () => kafka.admin(),
  consumer: (config: Parameters<Kafka['consumer']>[0]) => kafka.consumer(config),
  producer: (config: Parameters<Kafka['producer']>[0]): Producer => {
    const producer = kafka.producer(config)
    const transaction = async (): Promise<Transaction> => watched(await producer.transaction())
    return { ...producer, transaction }
  },
} as unknown as Kafka

const agent = await topicAgent({
  kafka: dying,
  topics: [plan.topic],
  groupId: plan.groupId,
  audit: { kafka: dying, topic: plan.auditTopic },
  resume: resumeFrom(kafka, plan.auditTopic),
  flushMs: plan.flushMs,
  planOf: () => MUCH,
  onTrouble: (text) => say(`trouble: ${text}`),
})
say('started')
setInterval(async () => {
  if (agent.failure() !== null) return say(`failed: ${agent.failure()?.message}`)
  const positions = (await agent.lag()).map(({ position }) => position)
  say(`read ${positions.reduce((sum, position) => sum + position, 0)}`)
}, 100)
