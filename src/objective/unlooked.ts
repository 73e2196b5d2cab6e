/**
 * Messages that nobody looked at, though somebody should have.
 *
 * Where every message is looked at that is a subtraction. Of a sample it cannot be told window by window:
 * one message in 64 of 50 is often none at all. So windows are put together until 14 messages of the
 * sample are to be expected, and if so few of them came that chance would do it less than once in a
 * million times, what is missing was not looked at (Chernoff's bound of a Poisson variable).
 *
 * Limit: less than half of such a block, some 450 messages at one in 64, may have passed unseen and goes
 * unnoticed. Where the whole period holds no block, and nobody looked at any message, nobody looked.
 */

/** What was there in one stretch, and what was looked at; null: not known, or not to be looked at. */
export type Row = {
  /** One message in so many stands for the others. */
  readonly oneIn: number
  /** Messages; what was looked at is scaled to all. */
  readonly all: number
  readonly looked: number
} | null

/** In the sample: below e^-14 lies the chance that none of them comes. */
const BLOCK_MIN = 14
const UNLIKELY = Math.log(1e6)

/** For each stretch the messages that nobody looked at. @param rows ascending in time */
export function unlookedOf(rows: readonly Row[]): number[] {
  const out = rows.map((row) => (row?.oneIn === 1 ? missing(row) : 0))
  for (const block of blocksOf(rows)) {
    const [all, looked, mean] = [sum(block, allOf), sum(block, lookedOf), sum(block, meanOf)]
    const isKnown = mean >= BLOCK_MIN || looked === 0
    if (!isKnown || (looked > 0 && !isTooFew((looked * mean) / all, mean))) continue
    // As many as are missing in all, where they are missing.
    const most = sum(block, ([, row]) => missing(row))
    for (const [at, row] of block) out[at] = (missing(row) * (all - looked)) / most
  }
  return out
}

type Known = Exclude<Row, null>
type Entry = readonly [at: number, row: Known]

const allOf = ([, { all }]: Entry): number => all
const lookedOf = ([, { looked }]: Entry): number => looked
const meanOf = ([, { all, oneIn }]: Entry): number => all / oneIn
const missing = ({ all, looked }: Known): number => Math.max(0, all - looked)
const sum = (block: readonly Entry[], of: (entry: Entry) => number): number =>
  block.reduce((n, entry) => n + of(entry), 0)

/** Neighbours of which a sample was taken; the last ones go with the block before them. */
function blocksOf(rows: readonly Row[]): Entry[][] {
  const blocks: Entry[][] = []
  let [block, mean]: [Entry[], number] = [[], 0]
  for (const [at, row] of rows.entries()) {
    if (row === null || row.oneIn === 1 || row.all === 0) continue
    block.push([at, row])
    mean += row.all / row.oneIn
    if (mean < BLOCK_MIN) continue
    blocks.push(block)
    block = []
    mean = 0
  }
  const last = blocks.pop() ?? []
  const rest = [...last, ...block]
  return rest.length === 0 ? blocks : [...blocks, rest]
}

function isTooFew(seen: number, mean: number): boolean {
  if (seen >= mean) return false
  const share = seen / mean
  return mean * (1 - share + share * Math.log(share)) > UNLIKELY
}
