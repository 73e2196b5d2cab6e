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
  /** By family: gone for good; none of it arrived. */
  readonly lost: Multiset
  /** By family: missing here, while another of the family is not. */
  readonly copiesRemoved: Multiset
  /** By id: more here than there. */
  readonly extra: Multiset
  /** Families with a message at `from`. */
  readonly fromFamilies: Multiset
  /** Ids at both ends, with other contents. */
  readonly altered: ReadonlySet<string>
}

/** Passings by hop and window, so that a day is sorted once. */
export class Books {
  readonly windows: ReadonlySet<number>
  readonly #truth: Truth
  readonly #windowMs: number
  readonly #passed = new Map<string, Passing[]>()
  readonly #dropped = new Map<string, Dropping[]>()

  constructor(truth: Truth, windowMs: number) {
    this.#truth = truth
    this.#windowMs = windowMs
    const windows = new Set<number>()
    for (const [hop, list] of truth.passed)
      for (const passing of list) {
        windows.add(this.windowOf(passing.id))
        this.#sortIn(this.#passed, hop, passing)
      }
    for (const [hop, list] of truth.dropped)
      for (const dropping of list) this.#sortIn(this.#dropped, hop, dropping)
    this.windows = windows
  }

  windowOf(id: string): number {
    return Math.floor(bornAt(id) / this.#windowMs) * this.#windowMs
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
    const lost = new Map<string, number>()
    const copiesRemoved = new Map<string, number>()
    for (const [family, n] of missing) {
      const gone = arrivedFamilies.has(family) ? 0 : 1
      if (gone > 0) lost.set(family, gone)
      if (n > gone) copiesRemoved.set(family, n - gone)
    }
    const altered = edge.preserve ? alteredOf(from, to) : new Set<string>()
    return { from, to, filtered, discarded, lost, copiesRemoved, extra, fromFamilies, altered }
  }

  get truth(): Truth {
    return this.#truth
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

/** Ids of which something arrived that was not sent so. */
function alteredOf(from: readonly Passing[], to: readonly Passing[]): ReadonlySet<string> {
  const sent = new Map<string, Set<string>>()
  for (const { id, value } of from) sent.set(id, (sent.get(id) ?? new Set()).add(value))
  return new Set(
    to.filter(({ id, value }) => sent.get(id)?.has(value) === false).map(({ id }) => id),
  )
}

export function count(names: Iterable<string>): Map<string, number> {
  const out = new Map<string, number>()
  for (const name of names) out.set(name, (out.get(name) ?? 0) + 1)
  return out
}

export const total = (set: Multiset): number => [...set.values()].reduce((a, b) => a + b, 0)
