/**
 * Rule 22 - a type that a field never had, where nobody promised any. Pure.
 *
 * It is new only if no hop of its topic had it before: producers that always differed are no news. And it is
 * told only of a hop that has seen enough of the field in the same way: of the same kind of messages, held
 * against the same, as many of them looked at. After a day it is what is usual.
 *
 * Null is no type here: rule 18 has it. With or without a fraction a number is a number.
 */
import { byText } from '../../base/by-text.ts'
import { ENTRIES, ITEMS } from '../field-path.ts'
import type { Field, JsonType } from '../shape.ts'
import { SETTLE_MS } from './jump-limits.ts'
import { isWithin, type Seen, type Told, variantKey } from './sighting.ts'

/** Messages that had the field, and windows they lie in, before a type may be called new. */
const MESSAGES_MIN = 200
const WINDOWS_MIN = 10
/** Fields of one topic that are watched: those seen most often. */
const PATHS_MAX = 400

type Type = Exclude<JsonType, 'null' | 'integer'>

export interface Telling {
  readonly one: Seen
  readonly told: Told
}

/** A field at one hop, among messages that may be compared. */
interface History {
  messages: number
  windows: number
  /** Start of the last of them. */
  last: number
  readonly types: Set<Type>
}

/** A type where it first came, and by history what was usual there until then. */
interface News {
  readonly since: number
  readonly usual: Map<string, Pick<Told, 'args'>>
}

interface Held {
  readonly one: Seen
  readonly field: Field
  readonly key: string
}

/** @param seen of one topic, all hops, in order of time, without messages that are accused as a whole */
export function judgeNewTypes(seen: readonly Seen[]): Telling[] {
  const paths = watchedOf(seen)
  const histories = new Map<string, Map<string, History>>()
  const news = new Map<string, News>()
  const found: Telling[] = []
  for (const together of windowsOf(seen)) {
    const held = together.flatMap((one) => heldOf(one, paths))
    for (const each of held) {
      const history = histories.get(each.key)?.get(each.field.path)
      found.push(...tell(each, history, news))
    }
    // What came in one window is new at all hops of it.
    for (const one of together) forget(one, histories)
    for (const each of held) learn(each, histories)
  }
  return found
}

function tell({ one, field, key }: Held, history: History | undefined, news: Map<string, News>) {
  const found: Telling[] = []
  for (const type of typesOf(field)) {
    const name = `${type} ${field.path}`
    let first = news.get(name)
    if (first === undefined) {
      first = { since: one.window, usual: new Map() }
      news.set(name, first)
    }
    if (first.since === one.window && history !== undefined && isEnough(history)) {
      const before = [...history.types].sort(byText)
      first.usual.set(key, { args: { before, messages: history.messages } })
    }
    const usual = first.usual.get(key)
    if (usual === undefined || one.window - first.since >= SETTLE_MS) continue
    if (isPromised(one, field)) continue
    const args = { ...usual.args, ...(isAmong(field.path) ? { least: true } : {}) }
    const base = { code: 'new_type', path: field.path, kind: type } as const
    const told = { ...base, count: countOf(field, type), ids: idsOf(field, type), came: [type] }
    found.push({ one, told: { ...told, args } })
  }
  return found
}

/** Of a type that is promised, or within one that is not the promised one, rule 8 speaks. */
function isPromised({ shape, variant }: Seen, { declared, path }: Field): boolean {
  if (declared) return shape.declared !== '' || variant.schema !== ''
  return variant.oddities.some((odd) => odd.kind === 'type_changed' && isWithin(path, odd.path))
}

const isEnough = ({ messages, windows }: History): boolean =>
  messages >= MESSAGES_MIN && windows >= WINDOWS_MIN

/** A field that was not kept may have had any type: what is known of it begins anew. */
function forget(one: Seen, histories: Map<string, Map<string, History>>): void {
  if (one.variant.moreFields === 0) return
  const kept = new Set(one.variant.fields.map(({ path }) => path))
  const own = histories.get(keyOf(one))
  for (const path of own?.keys() ?? []) if (!kept.has(path)) own?.delete(path)
}

function learn({ one, field, key }: Held, histories: Map<string, Map<string, History>>): void {
  const messages = field.present - field.nulls
  if (messages <= 0) return
  const own = histories.get(key) ?? new Map<string, History>()
  histories.set(key, own)
  const none: History = { messages: 0, windows: 0, last: -Infinity, types: new Set() }
  const history = own.get(field.path) ?? none
  own.set(field.path, history)
  history.messages += messages
  if (history.last !== one.window) history.windows++
  history.last = one.window
  for (const type of typesOf(field)) history.types.add(type)
}

function typesOf({ types }: Field): ReadonlySet<Type> {
  const own = new Set<Type>()
  for (const [type, count] of Object.entries(types) as [JsonType, number][]) {
    if (count > 0 && type !== 'null') own.add(type === 'integer' ? 'number' : type)
  }
  return own
}

/** In a list it may be several times in one message: so many messages at least. */
function countOf({ path, types, present, nulls }: Field, type: Type): number {
  const { null: _, ...values } = types
  let [own, others] = [0, 0]
  for (const [name, count] of Object.entries(values)) {
    if (name === type || (type === 'number' && name === 'integer')) own += count
    else others += count
  }
  return isAmong(path) ? Math.max(1, present - nulls - others) : own
}

const isAmong = (path: string): boolean =>
  path.split('/').some((part) => part === ITEMS || part === ENTRIES)

/** Ids are kept of messages that have the field, whatever its type: sure only where there is no other. */
function idsOf({ types, ids, nulls }: Field, type: Type): readonly string[] {
  const isOnly = typesOf({ types } as Field).size === 1 && nulls === 0
  return isOnly && typesOf({ types } as Field).has(type) ? ids : []
}

const keyOf = ({ at, shape, variant }: Seen): string =>
  [at, shape.oneIn, shape.declared, variantKey(variant)].join('\u0000')

function heldOf(one: Seen, paths: ReadonlySet<string>): Held[] {
  const key = keyOf(one)
  return one.variant.fields
    .filter(({ path, present }) => present > 0 && paths.has(path))
    .map((field) => ({ one, field, key }))
}

/** A field that is new in each message is none of them. */
function watchedOf(seen: readonly Seen[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const { variant } of seen)
    for (const { path } of variant.fields) counts.set(path, (counts.get(path) ?? 0) + 1)
  const often = [...counts].filter(([, count]) => count > WINDOWS_MIN)
  const sorted = often.sort(([a, n], [b, m]) => m - n || byText(a, b))
  return new Set(sorted.slice(0, PATHS_MAX).map(([path]) => path))
}

/** Those of one start together. */
function windowsOf(seen: readonly Seen[]): Seen[][] {
  const windows: Seen[][] = []
  for (const one of seen) {
    const last = windows.at(-1)
    if (last?.[0]?.window === one.window) last.push(one)
    else windows.push([one])
  }
  return windows
}
