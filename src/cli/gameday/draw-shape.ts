/** Draws a pipeline of 3 to 8 hops: fan-in, fan-out, routing, filters, dead letters, retry loops, sinks. */
import {
  type DrawnEdge,
  type DrawnHop,
  type GroupHop,
  isGroup,
  isProducer,
  isTopic,
  type TopicHop,
} from './day.ts'
import type { Dice } from './random.ts'

export interface Shape {
  readonly hops: readonly DrawnHop[]
  readonly edges: readonly DrawnEdge[]
}

const HOPS_MIN = 3
const HOPS_MAX = 8
const PRODUCERS = ['shop', 'web', 'till'] as const
const FILTER = 'cancelled'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Group = Mutable<GroupHop>

export function drawShape(dice: Dice): Shape {
  const budget = dice.whole(HOPS_MIN, HOPS_MAX)
  const hops: DrawnHop[] = []
  let count = 0
  const topicOf = (isDeadLetter = false): TopicHop => {
    const name = `t${++count}`
    return { kind: 'topic', name, topic: name, partitions: dice.whole(1, 3), isDeadLetter }
  }
  const groupOn = (topic: string): Group => {
    const name = `g${++count}`
    return {
      ...{ kind: 'group', name, service: `${name}-service`, topic, group: `${name}-group` },
      ...{ isBatch: dice.odds(0.3), outputs: [], deadLetter: null, again: null, filter: null },
      sink: null,
    }
  }

  const first = topicOf()
  const producers = Math.min(budget - 2, dice.odds(0.6) ? 1 : dice.whole(2, 3))
  for (const service of PRODUCERS.slice(0, producers))
    hops.push({ kind: 'producer', name: service, service, topic: first.topic })
  let last = groupOn(first.topic)
  hops.push(first, last)

  const output = (group: Group, topic: TopicHop): void => {
    group.outputs = [...group.outputs, topic.topic]
    hops.push(topic)
  }
  for (let tries = 0; hops.length < budget && tries < 20; tries++) {
    const left = budget - hops.length
    const groups = hops.filter(isGroup) as Group[]
    const senders = groups.filter((g) => g.outputs.length > 0)
    const sender = senders.length > 0 ? dice.pick(senders) : null
    switch (dice.pick(['stage', 'stage', 'sink', 'fan-out', 'route', 'dead', 'again'] as const)) {
      case 'stage': {
        if (left < 2 || last.sink !== null) break
        const topic = topicOf()
        output(last, topic)
        last = groupOn(topic.topic)
        hops.push(last)
        break
      }
      case 'sink': {
        const end = groups.find((g) => g.outputs.length === 0 && g.sink === null)
        if (end === undefined || end.again !== null) break
        end.sink = `${end.name}-store`
        hops.push({ kind: 'sink', name: end.sink, service: end.service, sink: end.sink })
        break
      }
      case 'fan-out':
        hops.push(groupOn(dice.pick(groups.filter((g) => g.again === null)).topic))
        break
      case 'route':
        if (sender !== null && sender.outputs.length < 2) output(sender, topicOf())
        break
      case 'dead': {
        if (sender === null || sender.deadLetter !== null) break
        const topic = topicOf(true)
        sender.deadLetter = topic.topic
        hops.push(topic)
        break
      }
      case 'again': {
        // A loop back into a topic that two groups read would feed the other one too.
        const readers = groups.filter((g) => g.topic === sender?.topic)
        const hasLoop = groups.some((g) => g.again !== null)
        if (left < 2 || sender === null || hasLoop || readers.length > 1) break
        const topic = topicOf()
        const back = groupOn(topic.topic)
        back.outputs = [sender.topic]
        back.isBatch = false
        sender.again = topic.topic
        hops.push(topic, back)
        break
      }
    }
  }
  for (const group of hops.filter(isGroup) as Group[])
    if (group.outputs.length + (group.sink === null ? 0 : 1) > 0 && dice.odds(0.4))
      group.filter = FILTER
  return { hops, edges: edgesOf(hops, dice) }
}

/** Every hop is told from those before it: one edge into each topic, one into each group, one out of each. */
function edgesOf(hops: readonly DrawnHop[], dice: Dice): DrawnEdge[] {
  const nameOf = (topic: string): string =>
    hops.find((hop) => isTopic(hop) && hop.topic === topic)?.name ?? topic
  const edges: DrawnEdge[] = []
  const add = (from: readonly string[], to: readonly string[], filter: string | null): void => {
    // A message in a retry loop does not keep its value: it counts how often it went round.
    const hasLoop = hops.some((hop) => isGroup(hop) && hop.again !== null)
    edges.push({
      name: `${from.join(' + ')} → ${to.join(' + ')}`,
      from,
      to,
      filter: filter === null ? [] : [filter],
      preserve: !hasLoop && dice.odds(0.15),
    })
  }
  const groups = hops.filter(isGroup)
  const source = hops.find(isTopic)?.topic ?? ''
  // What a loop brings back stands beside what feeds that topic in the first place.
  const loops = groups.filter((g) => groups.some((other) => other.again === g.topic))
  const backInto = (topics: readonly string[]): GroupHop[] =>
    loops.filter((g) => topics.some((topic) => g.outputs.includes(topic)))
  const names = (list: readonly DrawnHop[]): string[] => list.map((hop) => hop.name)
  add(names([...hops.filter(isProducer), ...backInto([source])]), [nameOf(source)], null)
  for (const group of groups) {
    add([nameOf(group.topic)], [group.name], null)
    const topics = [...group.outputs, group.deadLetter, group.again].filter((t) => t !== null)
    if (group.sink !== null) add([group.name], [group.sink], group.filter)
    else if (topics.length > 0 && !loops.includes(group))
      add(names([group, ...backInto(topics)]), topics.map(nameOf), group.filter)
  }
  return edges
}
