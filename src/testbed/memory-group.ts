/** Consumer groups: members, generations, committed offsets. */
import type { MemoryLog } from './memory-log.ts'

export type Assignment = Record<string, number[]>

export interface Joined {
  readonly generation: number
  readonly leaderId: string
  readonly assignment: Assignment
}

interface Member {
  readonly topics: readonly string[]
  readonly wake: () => void
  /** Set while the member waits for the others to join again. */
  joined: ((joined: Joined) => void) | null
}

export class MemoryGroup {
  readonly id: string
  readonly #log: MemoryLog
  readonly #members = new Map<string, Member>()
  readonly #committed = new Map<string, Map<number, { offset: number; metadata: string | null }>>()
  #generation = 0
  /** Partitions per topic as they were when they were shared out. */
  #sharedOut = ''
  #shapeVersion = -1
  #preparing = false

  constructor(id: string, log: MemoryLog) {
    this.id = id
    this.#log = log
  }

  get members(): readonly string[] {
    return [...this.#members.keys()]
  }

  get committed(): ReadonlyMap<
    string,
    ReadonlyMap<number, { readonly offset: number; readonly metadata: string | null }>
  > {
    return this.#committed
  }

  /**
   * Joins, or joins again. Resolves when every member has: so nobody gets a partition while its
   * former owner is still at work on it. (Kafka gives up on a member after the rebalance timeout;
   * there is no time here.)
   */
  join(memberId: string, topics: readonly string[], wake: () => void): Promise<Joined> {
    return new Promise((resolve) => {
      this.#members.set(memberId, { topics, wake, joined: resolve })
      this.#rebalance()
    })
  }

  leave(memberId: string): void {
    if (!this.#members.delete(memberId)) return
    if (this.#members.size > 0) this.#rebalance()
  }

  /** Whether a member of this generation has to join again. */
  isStale(generation: number): boolean {
    if (this.#preparing || generation !== this.#generation) return true
    if (this.#shapeVersion === this.#log.shapeVersion) return false
    if (this.#sharedOut !== this.#shape()) return true
    this.#shapeVersion = this.#log.shapeVersion
    return false
  }

  commit(topic: string, partition: number, offset: number, metadata: string | null = null): void {
    const partitions = this.#committed.get(topic) ?? new Map()
    this.#committed.set(topic, partitions.set(partition, { offset, metadata }))
  }

  forget(topic: string, partition: number): void {
    this.#committed.get(topic)?.delete(partition)
  }

  #rebalance(): void {
    this.#preparing = true
    const members = [...this.#members.values()]
    if (members.some((member) => member.joined === null)) {
      for (const member of members) if (member.joined === null) member.wake()
      return
    }
    this.#preparing = false
    this.#generation++
    this.#sharedOut = this.#shape()
    this.#shapeVersion = this.#log.shapeVersion
    const assignments = this.#shareOut()
    const leaderId = this.members[0] as string
    for (const [id, member] of this.#members) {
      const assignment = assignments.get(id) as Assignment
      member.joined?.({ generation: this.#generation, leaderId, assignment })
      member.joined = null
    }
  }

  /** Round robin over the members in the order of their ids, as kafkajs's default assigner. */
  #shareOut(): Map<string, Assignment> {
    const ids = [...this.#members.keys()].sort()
    const assignments = new Map<string, Assignment>(ids.map((id) => [id, {}]))
    let turn = 0
    for (const topic of this.#topics()) {
      const subscribed = ids.filter((id) => this.#members.get(id)?.topics.includes(topic))
      for (const { partition } of this.#log.partitions(topic)) {
        const assignment = assignments.get(subscribed[turn++ % subscribed.length] as string)
        if (assignment === undefined) continue
        assignment[topic] = [...(assignment[topic] ?? []), partition]
      }
    }
    return assignments
  }

  #topics(): string[] {
    const all = new Set([...this.#members.values()].flatMap((member) => member.topics))
    return [...all].filter((topic) => this.#log.has(topic))
  }

  #shape(): string {
    return this.#topics()
      .map((topic) => `${topic}:${this.#log.partitions(topic).length}`)
      .join()
  }
}
