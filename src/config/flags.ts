/**
 * The shortcut: a pipeline from `--topics` and `--groups`, without a file.
 *
 * Topics are named in the order in which messages travel. A group is `GROUP[:TOPIC[:NEXT]]`: it reads
 * TOPIC (left out: the first topic) and passes messages on to NEXT (left out: the topic after TOPIC in
 * the list, if no other group reads TOPIC; `-`: to none). A topic that no group feeds gets an edge
 * `producers → TOPIC` without declared hops: whoever is heard to send to it counts.
 *
 * Two groups on one topic, and a topic after it: then only one of them is likely to pass messages
 * on, and guessing would accuse the other of losing all of them. So that must be said.
 */
import { QuipuError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import { consumerHop, producerHop, topicHop } from '../hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import { DEFAULT_CLUSTER } from './config.ts'
import { edgeName, type PipelineParams } from './pipelines.ts'

export interface PipelineFlags extends PipelineParams {
  readonly topics: readonly string[]
  /** `GROUP[:TOPIC[:NEXT]]` */
  readonly groups?: readonly string[]
  /** `SERVICE[:TOPIC]`: services that must be heard to send to the topic (default: the first). */
  readonly services?: readonly string[]
}

/** The name of an edge into a topic that no declared hop feeds. */
const ANY_PRODUCER = 'producers'
/** In place of NEXT: the group passes nothing on. */
const NOWHERE = '-'

interface Reader {
  readonly group: string
  readonly topic: string
  /** undefined: not said */
  readonly next: string | undefined
}

export function pipelineOfFlags(flags: PipelineFlags): Pipeline {
  const { topics, groups = [], services = [], windowMs, latenessMs, seed, thresholdsMs } = flags
  for (const topic of topics) {
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic)) {
      throw misuse('--topics', `\`${topic}\` is not the name of a topic`)
    }
  }
  const [first] = topics
  if (first === undefined) throw misuse('--topics', 'expected one topic or more')
  unique('--topics', topics)
  unique('--groups', groups)
  unique('--services', services)

  const readers = groups.map((text) => readerOf(text, topics))
  const senders = services.map((text) => senderOf(text, topics))
  const names = namesOf(topics, readers, senders)
  const at = (name: string, hop: HopDeclaration['hop']): HopDeclaration => ({
    name,
    hop,
    deadLetter: false,
    oneIn: 1,
    membership: null,
  })
  const topicAt = new Map(topics.map((t) => [t, at(t, topicHop(DEFAULT_CLUSTER, t))]))
  const readerAt = new Map(
    readers.map((r) => [
      r,
      at(names(r.group, r.topic), consumerHop(DEFAULT_CLUSTER, r.topic, r.group)),
    ]),
  )
  const senderAt = new Map(
    senders.map((s) => [
      s,
      at(names(s.service, s.topic), producerHop(DEFAULT_CLUSTER, s.topic, s.service)),
    ]),
  )

  const edges: EdgeDeclaration[] = []
  const add = (from: readonly HopDeclaration[], to: HopDeclaration): void => {
    const fromNames = from.length === 0 ? [ANY_PRODUCER] : from.map((d) => d.name)
    edges.push({ name: edgeName(fromNames, [to.name]), from, to: [to], filter: [], preserve: null })
  }
  for (const [i, topic] of topics.entries()) {
    const feeding = readers.filter((r) => nextOf(r, readers, topics) === topic)
    add(
      [
        ...senders.filter((s) => s.topic === topic).map((s) => senderAt.get(s) as HopDeclaration),
        ...feeding.map((r) => readerAt.get(r) as HopDeclaration),
      ],
      topicAt.get(topics[i] as string) as HopDeclaration,
    )
    for (const reader of readers.filter((r) => r.topic === topic)) {
      add([topicAt.get(topic) as HopDeclaration], readerAt.get(reader) as HopDeclaration)
    }
  }
  const hops = [...senderAt.values(), ...topicAt.values(), ...readerAt.values()]
  return { name: first, owner: {}, windowMs, latenessMs, seed, thresholdsMs, hops, edges }
}

function readerOf(text: string, topics: readonly string[]): Reader {
  const [group = '', topic = topics[0] as string, next, ...more] = text.split(':')
  if (group === '' || more.length > 0 || topic === '' || next === '') {
    throw misuse('--groups', `expected GROUP[:TOPIC[:NEXT]], got \`${text}\``)
  }
  for (const named of next === undefined || next === NOWHERE ? [topic] : [topic, next]) {
    if (topics.includes(named)) continue
    throw misuse(
      '--groups',
      `\`${text}\` names a topic that --topics does not: \`${named}\`${suggestion(named, topics)}`,
    )
  }
  // A topic may be called `-` as well.
  if (next === topic && next !== NOWHERE)
    throw misuse('--groups', `\`${text}\` would pass on to the topic that it reads`)
  return { group, topic, next }
}

function senderOf(text: string, topics: readonly string[]): { service: string; topic: string } {
  const [service = '', topic = topics[0] as string, ...more] = text.split(':')
  if (service === '' || more.length > 0) {
    throw misuse('--services', `expected SERVICE[:TOPIC], got \`${text}\``)
  }
  if (!topics.includes(topic)) {
    throw misuse(
      '--services',
      `\`${text}\` names a topic that --topics does not: \`${topic}\`${suggestion(topic, topics)}`,
    )
  }
  return { service, topic }
}

/** Where a reader passes messages on to, or null. */
function nextOf(
  reader: Reader,
  readers: readonly Reader[],
  topics: readonly string[],
): string | null {
  if (reader.next !== undefined) return reader.next === NOWHERE ? null : reader.next
  const after = topics[topics.indexOf(reader.topic) + 1]
  if (after === undefined) return null
  const others = readers.filter((r) => r !== reader && r.topic === reader.topic)
  if (others.length === 0) return after
  // Another one says that it does: then this one does not.
  if (others.some((r) => r.next === after)) return null
  const undecided = others.filter((r) => r.next === undefined)
  if (undecided.length === 0) return after
  const both = [reader, ...undecided].map((r) => r.group)
  throw misuse(
    '--groups',
    `several groups read \`${reader.topic}\`: ${both.join(', ')}. Which of them passes messages on to \`${after}\`?`,
    `Say it: --groups ${reader.group}:${reader.topic}:${after},… ; or \`-\` in place of the topic where none does.`,
  )
}

/** A name is its group or service; with the topic where that alone is not unique. */
function namesOf(
  topics: readonly string[],
  readers: readonly Reader[],
  senders: readonly { service: string }[],
): (name: string, topic: string) => string {
  const all = [...topics, ...readers.map((r) => r.group), ...senders.map((s) => s.service)]
  const seen = (name: string): number => all.filter((n) => n === name).length
  return (name, topic) => (seen(name) > 1 ? `${name}@${topic}` : name)
}

function unique(flag: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw misuse(flag, `\`${twice}\` is there twice`)
}

function misuse(flag: string, message: string, hint?: string): QuipuError {
  return new QuipuError('CONFIG', `${flag}: ${message}`, {
    hint: hint ?? 'Try `quipu audit --help`, or write a quipu.yaml for anything larger.',
  })
}
