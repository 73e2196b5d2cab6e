/** What is known of each agent instance: which frames came, which are missing, how far it sealed. */
import { type Intervals, includes, union } from '../base/intervals.ts'
import type { Frame, Seal } from '../hop/frame.ts'
import type { Statements } from './statements.ts'

interface Row {
  readonly id: number
  readonly head: number
  readonly service: string
  readonly client: string
  readonly host: string
  readonly flush_ms: number
  readonly window_ms: number
  readonly first_sent_at: number
  readonly last_sent_at: number
  readonly last_heard_at: number
  readonly min_delay_ms: number
  readonly goodbye: number | null
  readonly closed_at: string
  readonly seen: string
}

/** One instance during a batch. */
class InstanceFold {
  readonly id: number
  readonly #sql: Statements
  /** Highest frame number taken; service, client, host and intervals are the ones it names. */
  #head: number
  #service: string
  #client: string
  #host: string
  #flushMs: number
  #windowMs: number
  #firstSentAt: number
  #lastSentAt: number
  #lastHeardAt: number
  #minDelayMs: number
  #goodbye: number | null
  /** When the first frame of each interval of `seen` was sent. */
  #closedAt: ReadonlyMap<number, number>
  #seen: Intervals
  /** Numbers in `missing_frames`. */
  readonly #missing: Set<number>
  readonly #hops: Set<number>
  readonly #seals = new Map<number, { number: number; seal: Seal }>()
  /** By hop, then partition. */
  readonly #reach = new Map<number, Map<number, number>>()

  constructor(sql: Statements, row: Row) {
    this.#sql = sql
    this.id = row.id
    this.#head = row.head
    this.#service = row.service
    this.#client = row.client
    this.#host = row.host
    this.#flushMs = row.flush_ms
    this.#windowMs = row.window_ms
    this.#firstSentAt = row.first_sent_at
    this.#lastSentAt = row.last_sent_at
    this.#lastHeardAt = row.last_heard_at
    this.#minDelayMs = row.min_delay_ms
    this.#goodbye = row.goodbye
    this.#closedAt = new Map(JSON.parse(row.closed_at) as [number, number][])
    this.#seen = JSON.parse(row.seen) as Intervals
    this.#missing = new Set(
      sql
        .all<{ number: number }>('SELECT number FROM missing_frames WHERE instance = ?', row.id)
        .map(({ number }) => number),
    )
    this.#hops = new Set(
      sql
        .all<{ hop: number }>('SELECT hop FROM instance_hops WHERE instance = ?', row.id)
        .map(({ hop }) => hop),
    )
  }

  has(number: number): boolean {
    return includes(this.#seen, number)
  }

  take(frame: Frame, now: number): void {
    const { number, sentAt } = frame
    this.#seen = union(this.#seen, number, number + 1)
    const closedAt = new Map<number, number>()
    for (const [start] of this.#seen) {
      const at = start === number ? sentAt : this.#closedAt.get(start)
      if (at !== undefined) closedAt.set(start, at)
    }
    this.#closedAt = closedAt
    this.#firstSentAt = Math.min(this.#firstSentAt, sentAt)
    this.#lastSentAt = Math.max(this.#lastSentAt, sentAt)
    this.#lastHeardAt = Math.max(this.#lastHeardAt, now)
    this.#minDelayMs = Math.min(this.#minDelayMs, now - sentAt)
    if (frame.goodbye) this.#goodbye = Math.max(this.#goodbye ?? 0, number)
    if (number >= this.#head) {
      this.#head = number
      this.#service = frame.service
      this.#client = frame.client
      this.#host = frame.host
      this.#flushMs = frame.flushMs
      this.#windowMs = frame.windowMs
    }
    if (this.#missing.delete(number)) {
      this.#sql.run('DELETE FROM missing_frames WHERE instance = ? AND number = ?', this.id, number)
    }
    for (const span of frame.recent) {
      if (span.number >= number || this.#missing.has(span.number) || this.has(span.number)) continue
      this.#missing.add(span.number)
      this.#sql.run(
        'INSERT INTO missing_frames (instance, number, from_window, to_window) VALUES (?, ?, ?, ?)',
        this.id,
        span.number,
        span.from,
        span.to,
      )
    }
  }

  mention(hop: number): void {
    if (this.#hops.has(hop)) return
    this.#hops.add(hop)
    this.#sql.run('INSERT INTO instance_hops (instance, hop) VALUES (?, ?)', this.id, hop)
  }

  seal(hop: number, number: number, seal: Seal): void {
    const before = this.#seals.get(hop)
    if (before === undefined || number >= before.number) this.#seals.set(hop, { number, seal })
  }

  /** @param to one past an offset that it covered */
  reach(hop: number, partition: number, to: number): void {
    let partitions = this.#reach.get(hop)
    if (partitions === undefined) {
      partitions = new Map()
      this.#reach.set(hop, partitions)
    }
    if (to > (partitions.get(partition) ?? 0)) partitions.set(partition, to)
  }

  write(): void {
    this.#sql.run(
      'UPDATE instances SET head = ?, service = ?, client = ?, host = ?, flush_ms = ?, ' +
        'window_ms = ?, first_sent_at = ?, last_sent_at = ?, last_heard_at = ?, ' +
        'min_delay_ms = ?, goodbye = ?, closed_at = ?, seen = ? WHERE id = ?',
      this.#head,
      this.#service,
      this.#client,
      this.#host,
      this.#flushMs,
      this.#windowMs,
      this.#firstSentAt,
      this.#lastSentAt,
      this.#lastHeardAt,
      this.#minDelayMs,
      this.#goodbye,
      JSON.stringify([...this.#closedAt]),
      JSON.stringify(this.#seen),
      this.id,
    )
    for (const [hop, { number, seal }] of this.#seals) {
      this.#sql.run(
        'INSERT INTO seals (instance, hop, number, sealed_until, open) VALUES (?, ?, ?, ?, ?) ' +
          'ON CONFLICT DO UPDATE SET number = excluded.number, ' +
          'sealed_until = excluded.sealed_until, open = excluded.open ' +
          'WHERE excluded.number > number',
        this.id,
        hop,
        number,
        seal.sealedUntil,
        JSON.stringify(seal.open),
      )
    }
    for (const [hop, partitions] of this.#reach) {
      for (const [partition, until] of partitions) {
        this.#sql.run(
          'INSERT INTO reach (instance, hop, partition, until) VALUES (?, ?, ?, ?) ' +
            'ON CONFLICT DO UPDATE SET until = excluded.until WHERE excluded.until > until',
          this.id,
          hop,
          partition,
          until,
        )
      }
    }
  }
}

export class InstancesFold {
  readonly #sql: Statements
  readonly #instances = new Map<string, InstanceFold>()

  constructor(sql: Statements) {
    this.#sql = sql
  }

  /** Whether the frame was taken already. */
  has({ instance, number }: Frame): boolean {
    return this.#find(instance)?.has(number) ?? false
  }

  take(frame: Frame, now: number): InstanceFold {
    const fold = this.#find(frame.instance) ?? this.#make(frame, now)
    fold.take(frame, now)
    return fold
  }

  write(): void {
    for (const fold of this.#instances.values()) fold.write()
  }

  #find(instance: string): InstanceFold | undefined {
    const known = this.#instances.get(instance)
    if (known !== undefined) return known
    const row = this.#sql.get<Row>('SELECT * FROM instances WHERE instance = ?', instance)
    return row === undefined ? undefined : this.#keep(instance, row)
  }

  #make(frame: Frame, now: number): InstanceFold {
    const { instance, number, service, client, host, flushMs, windowMs, sentAt } = frame
    const { lastInsertRowid } = this.#sql.run(
      'INSERT INTO instances (instance, head, service, client, host, flush_ms, window_ms, ' +
        'first_sent_at, last_sent_at, last_heard_at, min_delay_ms, goodbye, seen) ' +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '[]')",
      instance,
      number,
      service,
      client,
      host,
      flushMs,
      windowMs,
      sentAt,
      sentAt,
      now,
      now - sentAt,
    )
    return this.#keep(instance, {
      id: Number(lastInsertRowid),
      head: number,
      service,
      client,
      host,
      flush_ms: flushMs,
      window_ms: windowMs,
      first_sent_at: sentAt,
      last_sent_at: sentAt,
      last_heard_at: now,
      min_delay_ms: now - sentAt,
      goodbye: null,
      closed_at: '[]',
      seen: '[]',
    })
  }

  #keep(instance: string, row: Row): InstanceFold {
    const fold = new InstanceFold(this.#sql, row)
    this.#instances.set(instance, fold)
    return fold
  }
}
