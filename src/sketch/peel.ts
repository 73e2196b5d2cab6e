/**
 * Peeling: from a table, usually a difference, back to the ids in it, each with multiplicity and sign.
 * What is said of ids holds for ids with digests as well.
 *
 * A cell is *pure* when one id alone is left in it, however often. Its count c then divides out: with
 * c⁻¹ modulo p, limb = sum · c⁻¹. Taking that id out of its other cells may make those pure in turn.
 * Base and ladder are peeled together: a ladder cell is thinner, and its id also opens base cells.
 *
 * Laws:
 * - `complete` means that nothing is left: the ids then sum up to the table, exactly.
 * - Every id of a sound table that is returned was really in it; only with probability 2^-64 per cell
 *   looked at does a mixture pass both checks.
 * - The work is bounded for any content whatever: at most as many peels as cells.
 * - The table itself keeps its value.
 */
import { CHECK_A, CHECK_B, HASH_WORDS, LADDER_CELL, NO_CELL } from './hash.ts'
import { hexOfWords } from './hex.ts'
import { inverse, multiply, reduce } from './modular.ts'
import { CELLS, PRIME } from './shape.ts'
import type { Table } from './table.ts'

export interface Named {
  /** Nothing is left: `ids` are all. Else they are true samples. */
  readonly complete: boolean
  /** In the order of their hex digits. */
  readonly ids: ReadonlyArray<PeeledId>
  /** The exact sum of all multiplicities, peeled or not: in a difference, missing − extra. */
  readonly net: number
}

export interface PeeledId {
  /** 32 lowercase hexadecimal digits; eight more, the digest, where it is part of the element. */
  readonly hex: string
  /** Never 0; in a difference + is missing, − is extra. */
  readonly times: number
}

interface Found {
  times: number
  peels: number
}

/** A residue r of 0..4 may stand for r + p as well, which still is a uint32. */
const AMBIGUOUS: number = 2 ** 32 - PRIME

export function peelTable(table: Table): Named {
  const rest = table.clone()
  rest.reduce()
  const found = new Map<string, Found>()
  const candidate = new Candidate(rest)

  // A sound peel empties its cell for good, so a sound table never needs more peels than it has cells;
  // a false one, or a table that no set of ids can give, could refill cells for ever.
  let peelsLeft = CELLS
  const queue = Uint16Array.from({ length: CELLS }, (_, cell) => cell)
  const queued = new Uint8Array(CELLS).fill(1)
  let head = 0
  let waiting = CELLS
  while (waiting > 0) {
    const cell = queue[head]!
    head = head + 1 === CELLS ? 0 : head + 1
    waiting--
    queued[cell] = 0
    if (!candidate.readPure(cell)) continue
    if (peelsLeft === 0) break
    peelsLeft--

    const { limbs, times, places } = candidate
    note(found, hexOfWords(limbs), times)
    rest.add(limbs[0]!, limbs[1]!, limbs[2]!, limbs[3]!, -times, limbs[4])
    const cells = places[LADDER_CELL] === NO_CELL ? LADDER_CELL : LADDER_CELL + 1
    for (let i = 0; i < cells; i++) {
      const touched = places[i]!
      if (queued[touched] === 1) continue
      queued[touched] = 1
      queue[(head + waiting) % CELLS] = touched
      waiting++
    }
  }

  const complete = rest.isEmpty()
  return { complete, ids: idsOf(found, complete), net: table.count }
}

/** Repeated peels of one id are netted: a false peel that was taken back leaves nothing. */
function note(found: Map<string, Found>, hex: string, times: number): void {
  const before = found.get(hex)
  if (before === undefined) {
    found.set(hex, { times, peels: 1 })
  } else {
    before.times += times
    before.peels++
  }
}

/**
 * A sound peel takes all copies of its id at once. So where something is left over, an id that was
 * peeled twice proves nothing and is not named; where nothing is, the sum speaks for itself.
 */
function idsOf(found: Map<string, Found>, complete: boolean): PeeledId[] {
  const ids: PeeledId[] = []
  for (const [hex, { times, peels }] of found) {
    if (times !== 0 && (complete || peels === 1)) ids.push({ hex, times })
  }
  return ids.sort((a, b) => (a.hex < b.hex ? -1 : 1))
}

/** The id that a cell would hold if it were pure, and whether it is. */
class Candidate {
  times = 0
  readonly limbs: Float64Array
  readonly places: Uint32Array = new Uint32Array(HASH_WORDS)
  private readonly table: Table

  constructor(table: Table) {
    this.table = table
    this.limbs = new Float64Array(table.limbs)
  }

  /** Whether one id alone is in the cell; then the fields describe it. */
  readPure(cell: number): boolean {
    const { sums, cellWords } = this.table
    const { limbs } = this
    const at = cell * cellWords
    const times = sums[at]!
    const factor = reduce(times)
    if (factor === 0) return false
    const divisor = inverse(factor)
    for (let i = 0; i < limbs.length; i++) {
      limbs[i] = multiply(divisor, reduce(sums[at + 1 + i]!))
    }
    const checkA = multiply(divisor, reduce(sums[at + cellWords - 2]!))
    const checkB = multiply(divisor, reduce(sums[at + cellWords - 1]!))
    this.times = times
    return this.tryLimbs(cell, checkA, checkB, 0)
  }

  /** Limb by limb both readings of an ambiguous residue: at most 16 in all, or 32. */
  private tryLimbs(cell: number, checkA: number, checkB: number, limb: number): boolean {
    if (limb === this.limbs.length) return this.fits(cell, checkA, checkB)
    if (this.tryLimbs(cell, checkA, checkB, limb + 1)) return true
    const residue = this.limbs[limb]!
    if (residue >= AMBIGUOUS) return false
    this.limbs[limb] = residue + PRIME
    if (this.tryLimbs(cell, checkA, checkB, limb + 1)) return true
    this.limbs[limb] = residue
    return false
  }

  private fits(cell: number, checkA: number, checkB: number): boolean {
    const { limbs, places } = this
    this.table.locate(limbs[0]!, limbs[1]!, limbs[2]!, limbs[3]!, limbs[4] ?? 0, places)
    if (places[CHECK_A]! % PRIME !== checkA || places[CHECK_B]! % PRIME !== checkB) return false
    return (
      places[0] === cell ||
      places[1] === cell ||
      places[2] === cell ||
      places[3] === cell ||
      (places[LADDER_CELL] === cell && cell !== NO_CELL)
    )
  }
}
