/**
 * Scripts that a person reads and runs. Names come from other people: in a shell they stand between single
 * quotes, in JavaScript as JSON, in comments without what would end the line.
 */
import { visible, visibleJson } from '../src/base/visible.ts'
import type { EdgeReplay, ReplayRange } from '../src/diagnose/replay.ts'
import { adviceOf } from './replay-list.ts'

type Brokers = Readonly<Record<string, readonly string[]>>

/** Shows the records. kcat cannot write headers of any bytes, such as `quipu`: it would make other messages of them. */
export function kcatScript(edges: readonly EdgeReplay[], brokers: Brokers): string {
  const lines = [
    '#!/bin/sh',
    '# Prints the lost records with their headers, one JSON object a line; nothing is sent.',
    '# kcat cannot send headers that are no text, so the messages would lose their ids: use --produce, or',
    '# the script of --format kafkajs.',
    'set -eu',
  ]
  for (const edge of edges) {
    if (edge.ranges.length === 0) continue
    lines.push('', `# ${inComment(edge.pipeline)}: ${inComment(adviceOf(edge) ?? '')}`)
    for (const range of edge.ranges) lines.push(kcatLine(range, brokers))
  }
  return `${lines.join('\n')}\n`
}

function kcatLine({ cluster, topic, partition, low, high }: ReplayRange, brokers: Brokers): string {
  const at = (brokers[cluster] ?? []).join(',')
  const count = high - low + 1
  return `kcat -C -b ${inShell(at)} -t ${inShell(topic)} -p ${partition} -o ${low} -c ${count} -e -J`
}

export function inShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

const inComment = (text: string): string => visible(text)

const inScript = (value: unknown): string => visibleJson(JSON.stringify(value, null, 2))

/** Sets groups back, and copies records; without `--yes` it says what it would do. */
export function kafkajsScript(edges: readonly EdgeReplay[], brokers: Brokers): string {
  const steps = edges.flatMap(({ edge, pipeline, repair, ranges }) => {
    const bare = ranges.map(({ cluster, topic, partition, low, high, ids }) => ({
      ...{ cluster, topic, partition, low, high, ids },
    }))
    const isScripted = repair.by === 'seek' || repair.by === 'produce'
    return ranges.length > 0 && isScripted ? [{ pipeline, edge, repair, ranges: bare }] : []
  })
  const rest = edges.filter(({ repair }) => repair.by === 'producer' || repair.by === 'hand')
  const comments = rest.flatMap((edge) => adviceOf(edge) ?? [])
  return `${[
    ...HEAD,
    ...comments.map((text) => `// Not done here: ${inComment(text)}`),
    '',
    `const brokers = ${inScript(brokers)}`,
    `const steps = ${inScript(steps)}`,
    BODY,
  ].join('\n')}`
}

const HEAD = [
  '// Repairs lost messages. Run: npm install kafkajs, then node replay.mjs, then node replay.mjs --yes',
  '// Secured clusters: add ssl and sasl where Kafka is made. Groups that go back must be stopped.',
]

const BODY = `
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

const yes = process.argv.includes('--yes')
const kafkas = new Map(
  Object.entries(brokers).map(([name, at]) => [
    name,
    new Kafka({ clientId: 'replay', brokers: at, logLevel: logLevel.ERROR }),
  ]),
)

for (const { edge, repair, ranges } of steps) {
  console.log(edge)
  if (repair.by === 'seek') await goBack(repair, ranges)
  else await copy(repair, ranges)
}

// From the first lost offset of each partition: what else was handled from there on is done twice. Never
// forward: what lies between would be skipped.
async function goBack({ cluster, group }, ranges) {
  const admin = kafkas.get(cluster).admin()
  await admin.connect()
  for (const topic of new Set(ranges.map((range) => range.topic))) {
    const [known] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
    const at = new Map(known.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    const firsts = new Map()
    for (const { topic: own, partition, low } of ranges)
      if (own === topic) firsts.set(partition, Math.min(low, firsts.get(partition) ?? low))
    const isBefore = ([partition, offset]) => (at.get(partition) ?? -1) >= 0 && at.get(partition) <= offset
    for (const [partition] of [...firsts].filter(isBefore))
      console.log('left, the group is not past it', { group, topic, partition, offset: at.get(partition) })
    const partitions = [...firsts]
      .filter((first) => !isBefore(first))
      .map(([partition, offset]) => ({ partition, offset: String(offset) }))
    if (partitions.length === 0) continue
    console.log(yes ? 'set back' : 'would set back', { group, topic, partitions })
    if (yes) await admin.setOffsets({ groupId: group, topic, partitions })
  }
  await admin.disconnect()
}

// Each record with its key, value, time and headers; one that is another message by now is left.
async function copy({ cluster, topic: to }, ranges) {
  const producer = kafkas.get(cluster).producer()
  await producer.connect()
  for (const range of ranges) {
    for (const message of await read(range)) {
      const id = message.headers.quipu?.toString('hex')
      const isMeant = range.ids[Number(message.offset) - range.low] === id
      console.log(!isMeant ? 'left, another message' : yes ? 'sent' : 'would send', { to, id })
      const { key, value, headers, timestamp } = message
      if (yes && isMeant) await producer.send({ topic: to, messages: [{ key, value, headers, timestamp }] })
    }
  }
  await producer.disconnect()
}

async function read({ cluster, topic, partition, low, high }) {
  const groupId = 'replay-' + randomUUID()
  const consumer = kafkas.get(cluster).consumer({ groupId })
  const found = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const done = new Promise((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          if (batch.partition !== partition) return
          for (const message of batch.messages) {
            const offset = Number(message.offset)
            if (offset >= low && offset <= high) found.push(message)
          }
          if (Number(batch.lastOffset()) >= high) resolve()
        },
      })
      .catch(reject)
  })
  consumer.seek({ topic, partition, offset: String(low) })
  await done
  await consumer.disconnect()
  const admin = kafkas.get(cluster).admin()
  await admin.connect()
  await admin.deleteGroups([groupId]).catch(() => {})
  await admin.disconnect()
  return found
}
`
