/**
 * Instances as the store holds them, and which of them are still asked.
 *
 * Pods come and go by the thousand a day, and the judge asks several times a minute. One that was last
 * heard long before a window began says nothing of it: what it sent, sealed, missed or took with it is of
 * births up to its last frame, a few heartbeats and two clocks later. So it is not read for later windows;
 * but the one heard last at each hop is, however long ago: that an agent has ever reported is evidence.
 */
import { endOf, gaps, type Intervals } from '../base/intervals.ts'
import { type InstanceState, type Reach, silenceMs } from '../hop/evidence.ts'
import type { FrameSpan, Seal } from '../hop/frame.ts'
import { type HopKey, hopOfKey } from '../hop/hop.ts'
import { DEFAULT_BOUNDS } from '../message/window.ts'
import type { Statements } from './statements.ts'

/** ms: longer than this none is taken to speak, whatever it says of its heartbeat. */
const SPEAKS_MS_MAX = 86_400_000

/** ms: three heartbeats, the window that holds the end of them, its own clock, and that of births. */
function speaksUntil({ last_heard_at, flush_ms, window_ms }: HeardRow): number {
  return last_heard_at + silenceMs({ flushMs: flush_ms }) + window_ms + 2 * DEFAULT_BOUNDS.skewMs
}

/** Ids of those that can say anything of windows that start from `since` (ms) on. */
export function speakersSince(sql: Statements, since: number): readonly number[] {
  const speakers = sql
    .all<HeardRow>(
      'SELECT id, last_heard_at, flush_ms, window_ms FROM instances WHERE last_heard_at >= ?',
      since - SPEAKS_MS_MAX,
    )
    .filter((row) => speaksUntil(row) >= since)
    .map(({ id }) => id)
  const chosen = new Set(speakers)
  const heard = new Set(speakers.flatMap((id) => hopsOf(sql, id)))
  for (const { id: hop } of sql.all<{ id: number }>('SELECT id FROM hops')) {
    if (heard.has(hop)) continue
    const last = lastSpeakerOf(sql, hop)
    if (last !== undefined) chosen.add(last)
  }
  return [...chosen]
}

/** The instance that was heard last at a hop; of several the one whose name comes last. */
function lastSpeakerOf(sql: Statements, hop: number): number | undefined {
  return sql.get<{ id: number }>(
    'SELECT id FROM instance_hops JOIN instances ON id = instance_hops.instance WHERE hop = ? ' +
      'ORDER BY last_heard_at DESC, instances.instance DESC LIMIT 1',
    hop,
  )?.id
}

function hopsOf(sql: Statements, instance: number): number[] {
  return sql
    .all<{ hop: number }>('SELECT hop FROM instance_hops WHERE instance = ?', instance)
    .map(({ hop }) => hop)
}

/** By name. */
export function readInstances(sql: Statements, ids: readonly number[]): InstanceState[] {
  return ids.map((id) => readInstance(sql, id)).sort((a, b) => (a.instance < b.instance ? -1 : 1))
}

function readInstance(sql: Statements, id: number): InstanceState {
  const row = sql.get<InstanceRow>('SELECT * FROM instances WHERE id = ?', id) as InstanceRow
  const seen = JSON.parse(row.seen) as Intervals
  const missing = sql.all<FrameSpan>(
    'SELECT number, from_window AS "from", to_window AS "to" FROM missing_frames ' +
      'WHERE instance = ? ORDER BY number',
    id,
  )
  return {
    instance: row.instance,
    service: row.service,
    firstSentAt: row.first_sent_at,
    lastSentAt: row.last_sent_at,
    lastHeardAt: row.last_heard_at,
    minDelayMs: row.min_delay_ms,
    flushMs: row.flush_ms,
    windowMs: row.window_ms,
    seen,
    goodbye: row.goodbye,
    missing,
    unknownUntil: unknownUntil(row, seen, missing),
    seals: sql.all<SealRow>(SEALS, id).map(sealOf),
    hops: sql
      .all<{ key: HopKey }>(
        'SELECT key FROM instance_hops JOIN hops ON hops.id = hop WHERE instance = ? ORDER BY key',
        id,
      )
      .map(({ key }) => key),
    reach: sql.all<Reach>(
      'SELECT key, partition, until AS "to" FROM reach JOIN hops ON hops.id = hop ' +
        'WHERE instance = ? ORDER BY key, partition',
      id,
    ),
  }
}

const SEALS =
  'SELECT key, number, sealed_until, open FROM seals JOIN hops ON hops.id = hop ' +
  'WHERE instance = ? ORDER BY key'

interface HeardRow {
  readonly id: number
  readonly last_heard_at: number
  readonly flush_ms: number
  readonly window_ms: number
}

interface InstanceRow extends HeardRow {
  readonly instance: string
  readonly service: string
  readonly first_sent_at: number
  readonly last_sent_at: number
  readonly min_delay_ms: number
  readonly goodbye: number | null
  readonly closed_at: string
  readonly seen: string
}

interface SealRow {
  readonly key: HopKey
  readonly number: number
  readonly sealed_until: number
  readonly open: string
}

function sealOf(row: SealRow): Seal & { readonly number: number } {
  return {
    hop: hopOfKey(row.key),
    sealedUntil: row.sealed_until,
    open: JSON.parse(row.open) as number[],
    number: row.number,
  }
}

/** The last moment at which a frame can have been cut that neither came nor was announced; 0: none is missing. */
function unknownUntil(row: InstanceRow, seen: Intervals, missing: readonly FrameSpan[]): number {
  const closedAt = new Map(JSON.parse(row.closed_at) as [number, number][])
  return gaps(seen, 0, endOf(seen) ?? 0).reduce((last, [from, to]) => {
    const announced = missing.filter(({ number }) => from <= number && number < to).length
    return announced === to - from ? last : Math.max(last, closedAt.get(to) ?? row.last_sent_at)
  }, 0)
}
