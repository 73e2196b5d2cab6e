/** What is true of one edge and window at one moment: the two ends as multisets, one taken from the other. */
import type { DrawnEdge } from './day.ts'
import { bornAt, type Dropping, familyOf, type Passing, type Truth } from './truth.ts'

/** By id, how many. */
export type Multiset = ReadonlyMap<string, number>

export interface EdgeTruth {
  readonly from: readonly Passing[]
  readonly to: readonly Passing[]
  /** Dropped for a reason that the edge declares. */
  readonly filtered: readonly Dropping[]
  /** Ids dropped for other reasons. */
  readonly discarded: ReadonlySet<string>
  /** By family: so many are missing; copies of what arrived, or the message itself. */
  readonly missing: Multiset
  /** By family, of those that are missing: so many may be called lost at most, and at least. */
  readonly lostMost: Multiset
  readonly lostLeast: Multiset
  /** By id: more here than there. */
  readonly extra: Multiset
  /** Families with a message at `from`. */
  readonly fromFamilies: Multiset
  /** By id: arrived with other contents; so many may be called altered at most, and at least. */
  readonly alteredMost: Multiset
  readonly alteredLeast: Multiset
}

/** Passings by hop and window, so that a day is sorted once. */
export class Books {
  readonly windows: ReadonlySet<number>
  readonly #edges: readonly DrawnEdge[]
  readonly #loops = new Map<string, ReadonlySet<string>>()
  readonly #windowMs: number
  readonly #passed = new Map<string, Passing[]>()
  readonly #dropped = new Map<string, Dropping[]>()
  readonly #unplaced = new Set<string>()

  constructor(edges: readonly DrawnEdge[], truth: Truth, windowMs: number) {
    this.#edges = edges
    this.#windowMs = windowMs
    const windows = new Set<number>()
    for (const [hop, list] of truth.passed)
      for (const passing of list) {
        windows.add(this.windowOf(passing.id))
        this.#sortIn(this.#passed, hop, passing)
      }
    for (const [hop, list] of truth.dropped)
      for (const dropping of list) this.#sortIn(this.#dropped, hop, dropping)
    for (const [hop, ids] of truth.unplaced)
      for (const id of ids) this.#unplaced.add(`${hop} ${this.windowOf(id)}`)
    this.windows = windows
  }

  windowOf(id: string): number {
    return Math.floor(bornAt(id) / this.#windowMs) * this.#windowMs
  }

  /** Whether messages of the window were sent to the topic of this hop and no offset was told. */
  isUnplaced(hop: string, window: number): boolean {
    return this.#unplaced.has(`${hop} ${window}`)
  }

  passed(hop: string, window: number): readonly Passing[] {
    return this.#passed.get(`${hop} ${window}`) ?? []
  }

  /**
   * @param until what happened later is not true yet
   * @param arrivedBy the same for what arrives, where it may be known later
   */
  edge(edge: DrawnEdge, window: number, until: number, arrivedBy: number = until): EdgeTruth {
    const before = (limit: number) => (passing: Passing) => passing.at <= limit
    const all = (hops: readonly string[]): Passing[] =>
      hops.flatMap((hop) => this.passed(hop, window))
    const from = all(edge.from).filter(before(until))
    const to = all(edge.to).filter(before(arrivedBy))
    const droppings = edge.from
      .flatMap((hop) => this.#dropped.get(`${hop} ${window}`) ?? [])
      .filter(before(until))
    const filtered = droppings.filter(({ reason }) => edge.filter.includes(reason))
    const discarded = new Set(
      droppings.filter(({ reason }) => !edge.filter.includes(reason)).map(({ id }) => id),
    )
    const arrived = [...to, ...filtered]
    const { missing, extra } = differ(from, arrived)
    const fromFamilies = count(from.map(({ id }) => familyOf(id)))
    const arrivedFamilies = count(arrived.map(({ id }) => familyOf(id)))
    // What waits in a loop has not arrived yet: it will come by here again.
    const loops = this.#loopsOf(edge)
    const forGood = edge.to.filter((hop) => !loops.has(hop))
    const arrivedForGood = count(
      [...all(forGood).filter(before(arrivedBy)), ...filtered].map(({ id }) => familyOf(id)),
    )
    const lostMost = new Map<string, number>()
    const lostLeast = new Map<string, number>()
    for (const [family, n] of missing) {
      const most = forGood.length === 0 ? n : arrivedForGood.has(family) ? 0 : 1
      if (most > 0) lostMost.set(family, most)
      if (most > 0 && !arrivedFamilies.has(family)) lostLeast.set(family, 1)
    }
    const altered = edge.preserve ? alteredOf(from, to) : NONE_ALTERED
    return {
      ...{ from, to, filtered, discarded, missing, lostMost, lostLeast, extra },
      ...{ fromFamilies, alteredMost: altered.most, alteredLeast: altered.least },
    }
  }

  /** Those of its `to` hops from which a message can come back to it. */
  #loopsOf(edge: DrawnEdge): ReadonlySet<string> {
    const known = this.#loops.get(edge.name)
    if (known !== undefined) return known
    const leadsBack = (hop: string, seen: Set<string>): boolean =>
      this.#edges
        .filter((next) => next.from.includes(hop))
        .flatMap(({ to }) => to)
        .some((next) => {
          if (edge.from.includes(next)) return true
          if (seen.has(next)) return false
          return leadsBack(next, seen.add(next))
        })
    const loops = new Set(edge.to.filter((hop) => leadsBack(hop, new Set([hop]))))
    this.#loops.set(edge.name, loops)
    return loops
  }

  #sortIn<T extends Passing>(map: Map<string, T[]>, hop: string, passing: T): void {
    const key = `${hop} ${this.windowOf(passing.id)}`
    const list = map.get(key)
    if (list === undefined) map.set(key, [passing])
    else list.push(passing)
  }
}

/**
 * One end less the other. Where a message is missing and another of its family came instead, it has
 * arrived. Missing by family, extra by id.
 */
function differ(
  from: readonly Passing[],
  arrived: readonly Passing[],
): { readonly missing: Multiset; readonly extra: Multiset } {
  const net = new Map<string, number>()
  for (const { id } of from) net.set(id, (net.get(id) ?? 0) + 1)
  for (const { id } of arrived) net.set(id, (net.get(id) ?? 0) - 1)
  const missing = new Map<string, number>()
  for (const [id, n] of net)
    if (n > 0) missing.set(familyOf(id), (missing.get(familyOf(id)) ?? 0) + n)
  const extra = new Map<string, number>()
  for (const [id, n] of net) {
    if (n >= 0) continue
    const lacking = missing.get(familyOf(id)) ?? 0
    const instead = Math.min(-n, lacking)
    if (instead > 0) missing.set(familyOf(id), lacking - instead)
    if (-n > instead) extra.set(id, -n - instead)
  }
  for (const [family, n] of missing) if (n === 0) missing.delete(family)
  return { missing, extra }
}

const NONE_ALTERED = { most: new Map<string, number>(), least: new Map<string, number>() }

/** A copy that was altered, beside the message that was not, may be called the one or the other. */
function alteredOf(
  from: readonly Passing[],
  to: readonly Passing[],
): { readonly most: Multiset; readonly least: Multiset } {
  const sent = count(from.map(({ id }) => id))
  const came = count(to.map(({ id }) => id))
  const contents = (list: readonly Passing[]): Multiset =>
    count(list.map(({ id, value }) => `${id} ${value}`))
  const before = contents(from)
  const most = new Map<string, number>()
  const least = new Map<string, number>()
  const same = new Map<string, number>()
  for (const [content, n] of contents(to)) {
    const id = content.slice(0, content.indexOf(' '))
    const kept = Math.min(n, before.get(content) ?? 0)
    same.set(id, (same.get(id) ?? 0) + kept)
    if (n > kept) most.set(id, (most.get(id) ?? 0) + n - kept)
  }
  for (const [id, n] of came) {
    const altered = Math.min(n, sent.get(id) ?? 0) - (same.get(id) ?? 0)
    if (altered > 0) least.set(id, altered)
  }
  return { most, least }
}

export function count(names: Iterable<string>): Map<string, number> {
  const out = new Map<string, number>()
  for (const name of names) out.set(name, (out.get(name) ?? 0) + 1)
  return out
}

export const total = (set: Multiset): number => [...set.values()].reduce((a, b) => a + b, 0)
