/**
 * How bad messages, and all messages of their windows, spread over producers, hosts, clients and
 * partitions, as far as the books tell: no log is read here. Pure.
 *
 * Ids name the one that minted them by their tag, and agents count what passes by tag. So what each
 * instance minted in a window is known without asking it. Where ids are foreign, or of too many
 * instances, nobody knows.
 */
import { byText } from '../base/by-text.ts'
import type { OffsetRange } from '../base/intervals.ts'
import type { FoundId } from '../finding/finding.ts'
import type { StoredTally } from '../hop/evidence.ts'
import { type HopKey, hopKey } from '../hop/hop.ts'
import type { Minter, StoredMishap } from '../hop/mishap.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { hexOfWords, partsOfWords, withOrdinal, wordsOfHex } from '../message/id.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import type { Dimension, Spread } from './concentration.ts'

type Counted = Pick<StoredTally, 'key' | 'hop' | 'channel' | 'origin' | 'ranges' | 'tags'> &
  Pick<StoredTally, 'count' | 'placeless'> & { readonly params: { readonly element: string } }

export interface SpreadInput {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  readonly bad: BadMessages
  /** Of the windows of the bad messages, all of them. */
  readonly tallies: readonly Counted[]
  /** By tag. */
  readonly minters: ReadonlyMap<number, Minter>
  readonly mishaps: readonly Pick<StoredMishap, 'id' | 'partition' | 'hop'>[]
}

/** What is wrong, each message once however often it is there: outputs count as what they are made of. */
export interface BadMessages {
  /** 32 hex digits, of ordinal 0. */
  readonly ids: ReadonlySet<string>
  /** Those that have no name. */
  readonly unnamed: number
}

/** @param findings those that say that something is wrong with a message */
export function badMessagesOf(
  findings: readonly { readonly count: number; readonly ids: readonly FoundId[] }[],
): BadMessages {
  const ids = new Set<string>()
  let unnamed = 0
  for (const finding of findings) {
    let named = 0
    for (const { id, times } of finding.ids) {
      named += times
      ids.add(parentOf(id))
    }
    unnamed += Math.max(0, finding.count - named)
  }
  return { ids, unnamed }
}

export const parentOf = (id: string): string => hexOfWords(withOrdinal(wordsOfHex(id), 0))

/** Null: we did not mint it. */
export function tagOf(id: string): number | null {
  const { version, tag } = partsOfWords(wordsOfHex(id))
  return version === 7 ? tag : null
}

/** Values of one dimension that are held against each other; the rarest of more are put together. */
const VALUES_MAX = 1_000
/** Offsets of a window hold messages of others at both ends: so many times what was counted at most. */
const ROOM_MAX = 1.1

/** Of each dimension that the books tell; those without an answer are left out. */
export function spreadsOf(input: SpreadInput): Spread[] {
  const partitions = partitionSpread(input)
  return [...minterSpreads(input), ...(partitions === null ? [] : [partitions])]
}

export type MinterDimension = 'producer' | 'host' | 'client'
export const minterDimensions: readonly MinterDimension[] = ['producer', 'host', 'client']

/** `checkin on host-7 (1f2e3d4c)`; empty: not known. */
export function minterValue(minter: Minter | undefined, dimension: MinterDimension): string {
  if (minter === undefined) return ''
  const { service, host, client, instance } = minter
  if (dimension === 'host') return host
  if (dimension === 'client') return client
  const on = host === '' ? '' : ` on ${host}`
  return `${service}${on} (${instance.slice(0, 8)})`
}

function minterSpreads(input: SpreadInput): Spread[] {
  const { bad, minters } = input
  const all = mintedBefore(input)
  if (all === null) return []
  const badBy = new Map<number, number>()
  let foreign = bad.unnamed
  for (const id of bad.ids) {
    const tag = tagOf(id)
    if (tag === null) foreign++
    else badBy.set(tag, (badBy.get(tag) ?? 0) + 1)
  }
  return minterDimensions.flatMap((dimension) => {
    const table = new Table()
    let badUnknown = foreign
    for (const tag of new Set([...all.keys(), ...badBy.keys()])) {
      const value = minterValue(minters.get(tag), dimension)
      const n = badBy.get(tag) ?? 0
      if (value === '') badUnknown += n
      else table.add(value, n, all.get(tag) ?? 0)
    }
    return table.spreads(dimension, badUnknown, 'every message of its windows')
  })
}

/**
 * By tag, what passed the nearest place before the edge's end where every tally tells it: where the edge
 * begins, or further up. Null: nowhere.
 */
function mintedBefore({ pipeline, edge, tallies }: SpreadInput): Map<number, number> | null {
  const seen = new Set<EdgeDeclaration>()
  let level: readonly EdgeDeclaration[] = [edge]
  while (level.length > 0) {
    const before = level.flatMap((e) => e.from.map(({ hop }) => hop))
    const keys = new Set(
      before.map((hop) => (hop.role === 'consumer' ? topicKeyOf(hop) : hopKey(hop))),
    )
    const minted = mintedAt(keys, tallies)
    if (minted !== null) return minted
    for (const e of level) seen.add(e)
    level = pipeline.edges.filter(
      (e) => !seen.has(e) && e.to.some(({ hop }) => keys.has(hopKey(hop))),
    )
  }
  return null
}

function mintedAt(
  keys: ReadonlySet<HopKey>,
  tallies: readonly Counted[],
): Map<number, number> | null {
  const there = tallies.filter(
    (t) => keys.has(t.key) && t.channel === 'passed' && t.params.element === 'id',
  )
  const told = new Set(there.filter((t) => t.tags !== null).map((t) => t.key))
  if (there.length === 0 || there.some((t) => t.tags === null) || told.size < keys.size) return null
  const sum = new Map<number, number>()
  for (const { tags } of there)
    for (const { tag, count } of tags ?? []) sum.set(tag, (sum.get(tag) ?? 0) + count)
  return sum
}

/**
 * By partition, where a mishap says in which one a bad message was, and the offsets of the windows hold
 * little else than their messages.
 */
function partitionSpread({ edge, bad, tallies, mishaps }: SpreadInput): Spread | null {
  const topics = new Set(topicsBefore(edge))
  const places = new Map<string, number>()
  for (const { id, partition, hop } of mishaps) {
    if (id === '' || partition < 0 || !topics.has(topicKeyOf(hop))) continue
    if (bad.ids.has(parentOf(id))) places.set(parentOf(id), partition)
  }
  if (places.size === 0) return null
  const widths = widthsOf(topics, tallies)
  if (widths === null) return null
  const table = new Table()
  for (const [partition, width] of widths) table.add(String(partition), 0, width)
  for (const partition of places.values()) table.add(String(partition), 1, 0)
  const badUnknown = bad.unnamed + bad.ids.size - places.size
  const [spread] = table.spreads('partition', badUnknown, 'the offsets of its windows')
  return spread === undefined ? null : { ...spread, isPicked: true }
}

/** Topics in whose partitions the messages lay: those the edge begins in, else those it leads to. */
function topicsBefore({ from, to }: EdgeDeclaration): HopKey[] {
  const of = (list: EdgeDeclaration['from']): HopKey[] =>
    list.flatMap(({ hop }) => (hop.topic === '' ? [] : [topicKeyOf(hop)]))
  const before = of(from)
  return before.length > 0 ? before : of(to)
}

/** Offsets by partition; null: nobody tells, or they hold too much else. */
function widthsOf(
  topics: ReadonlySet<HopKey>,
  tallies: readonly Counted[],
): Map<number, number> | null {
  const of = (role: 'topic' | 'producer'): readonly Counted[] =>
    tallies.filter(
      (t) =>
        t.hop.role === role &&
        topics.has(topicKeyOf(t.hop)) &&
        t.channel === 'passed' &&
        t.params.element === 'id',
    )
  const read = of('topic')
  const told = read.length > 0 ? read : of('producer')
  const count = told.reduce((sum, t) => sum + t.count - t.placeless, 0)
  const widths = new Map<number, number>()
  for (const { partition, low, high } of told.flatMap((t): readonly OffsetRange[] => t.ranges))
    widths.set(partition, (widths.get(partition) ?? 0) + high - low + 1)
  const room = [...widths.values()].reduce((sum, n) => sum + n, 0)
  return count === 0 || room > count * ROOM_MAX ? null : widths
}

/** Counts of one dimension, by value. */
export class Table {
  readonly #rows = new Map<string, { bad: number; all: number }>()

  add(value: string, bad: number, all: number): void {
    const row = this.#rows.get(value)
    if (row === undefined) this.#rows.set(value, { bad, all })
    else {
      row.bad += bad
      row.all += all
    }
  }

  /** One, or none where nothing is known of any bad message. */
  spreads(dimension: Dimension, badUnknown: number, counted: string): Spread[] {
    // A bad message is a message: where only a part was counted, or something else, it is added.
    const rows = [...this.#rows]
      .map(([value, { bad, all }]) => ({ value, bad, all: Math.max(bad, all) }))
      .sort((a, b) => b.all - a.all || byText(a.value, b.value))
    if (rows.every(({ bad }) => bad === 0)) return []
    const rest = rows.slice(VALUES_MAX)
    const others = {
      value: `${rest.length} others`,
      bad: rest.reduce((sum, { bad }) => sum + bad, 0),
      all: rest.reduce((sum, { all }) => sum + all, 0),
    }
    const values = rest.length === 0 ? rows : [...rows.slice(0, VALUES_MAX), others]
    return [{ dimension, values, badUnknown, counted }]
  }
}
