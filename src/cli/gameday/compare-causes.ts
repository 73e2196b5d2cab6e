/** Puts the causes that were said beside those that were injected: right, or `unknown`, never a wrong one. */
import { byText } from '../../base/by-text.ts'
import type { Cause, CauseCode } from '../../finding/cause.ts'
import type { FindingCode } from '../../finding/finding.ts'
import { CauseTruth } from './cause-truth.ts'
import type { GameDay } from './day.ts'
import type { Played } from './played.ts'

/** What was said, by what is true. Messages; `unknown` is true of what no agent could see. */
export interface CauseCell {
  /** Codes with ` or ` between, where several faults may have done it. */
  readonly is: string
  readonly said: CauseCode
  readonly count: number
}

export interface CauseComparison {
  /** By what is true, then by what was said. */
  readonly matrix: readonly CauseCell[]
  readonly right: number
  readonly unknown: number
  readonly wrong: number
}

type Wrong = (edge: string, window: number, expected: string, found: string) => void

const MISSING: ReadonlySet<FindingCode> = new Set([
  'lost',
  'filtered_undeclared',
  'unacknowledged',
  'minted_not_here',
])
const EXTRA: ReadonlySet<FindingCode> = new Set(['duplicated', 'extra'])

/** Laws: adding is commutative and associative, and adding nothing changes nothing. */
class Matrix {
  readonly #cells = new Map<string, { is: string; said: CauseCode; count: number }>()

  add(is: string, said: CauseCode, count: number): void {
    const key = `${is} ${said}`
    const cell = this.#cells.get(key)
    if (cell === undefined) this.#cells.set(key, { is, said, count })
    else cell.count += count
  }

  cells(): readonly CauseCell[] {
    return [...this.#cells.values()].sort((a, b) => byText(a.is, b.is) || byText(a.said, b.said))
  }
}

export function compareCauses(day: GameDay, played: Played, wrong: Wrong): CauseComparison {
  const truth = new CauseTruth({ day, ...played })
  const matrix = new Matrix()
  const sums = { right: 0, unknown: 0, wrong: 0 }
  for (const { edge: name, window, causes } of played.why) {
    const edge = day.edges.find((e) => e.name === name)
    if (edge === undefined) continue
    for (const cause of causes) {
      const isMissing = MISSING.has(cause.finding)
      if (!isMissing && !EXTRA.has(cause.finding)) continue
      const word = contradictionIn(cause, day.oneIn)
      if (word !== null) wrong(name, window, word, wordsOf(cause))
      for (const { id, times } of cause.ids) {
        const is = isMissing ? truth.missing(edge, id) : truth.extra(edge, id)
        const text = [...is].sort(byText).join(' or ') || 'unknown'
        matrix.add(text, cause.code, times)
        if (cause.code === 'unknown') sums.unknown += times
        else if (is.has(cause.code)) sums.right += times
        else {
          sums.wrong += times
          wrong(name, window, `${text} of ${id}`, wordsOf(cause))
        }
      }
    }
  }
  return { matrix: matrix.cells(), ...sums }
}

/** What a cause says of itself does not go together. */
function contradictionIn({ code, certainty, lacking, proof }: Cause, oneIn: number): string | null {
  const isUnknown = code === 'unknown'
  if (isUnknown !== (certainty === 'unknown')) return 'a cause that is not known to be called so'
  if (isUnknown && lacking.length === 0) return 'what was lacking'
  if (certainty !== 'proven') return null
  if (lacking.length > 0) return 'nothing lacking where it is proven'
  if (proof.length === 0) return 'a proof'
  return oneIn > 1 ? 'nothing proven of a sample' : null
}

const wordsOf = ({ code, certainty, rule, finding }: Cause): string =>
  `${code} (${certainty}, ${rule}, of ${finding})`

/** Of several days together. */
export function addCauses(all: readonly CauseComparison[]): CauseComparison {
  const matrix = new Matrix()
  const sums = { right: 0, unknown: 0, wrong: 0 }
  for (const one of all) {
    for (const { is, said, count } of one.matrix) matrix.add(is, said, count)
    sums.right += one.right
    sums.unknown += one.unknown
    sums.wrong += one.wrong
  }
  return { matrix: matrix.cells(), ...sums }
}
