/** Findings in short: what they are called, where their offsets are, how to get the rest of their ids. */
import { formatCount } from '../src/base/words.ts'
import type { FindingCode } from '../src/finding/finding.ts'
import type { FindingSummary } from '../src/objective/findings.ts'
import { rangeWords } from './words.ts'

const words: Partial<Readonly<Record<FindingCode, string>>> = {
  duplicated: 'doubled',
  withdrawn_delivered: 'aborted yet delivered',
  filtered_undeclared: 'filtered without a promise',
  repetition_unknown: 'perhaps done twice',
  identity_not_carried: 'without the id they came with',
  integrity_unknown: 'not known to be unaltered',
  minted_not_here: 'sent and not here',
  undecodable: 'that cannot be named',
  hole: 'in a hole of the evidence',
  undetermined_extra: 'undetermined, too many',
}

/** `doubled`, `landed though failed` */
export const codeWords = (code: FindingCode): string => words[code] ?? code.replace(/_/g, ' ')

/** Those that say what happened, before those that say what is not known. */
const TITLE_MAX = 2

/** `412 lost, 58 doubled`: the first of them, of the gravest kind that there is. */
export function titleOf(findings: readonly FindingSummary[]): string {
  const grave = (['error', 'warning', 'info'] as const)
    .map((severity) => findings.filter((f) => f.severity === severity))
    .find((list) => list.length > 0)
  if (grave === undefined) return 'Evidence is missing'
  const parts = grave
    .slice(0, TITLE_MAX)
    .map(({ code, count, evidence }) =>
      count === 0
        ? codeWords(code)
        : `${evidence === 'exact' || evidence === 'committed' ? '' : 'about '}${formatCount(count)} ${codeWords(code)}`,
    )
  const more = grave.length - parts.length
  const text = `${parts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** In words, each of those that the finding knows. */
export function rangesOf({ args }: FindingSummary): string | null {
  const texts: string[] = []
  for (const arg of Object.values(args)) {
    if (!Array.isArray(arg)) continue
    for (const item of arg) if (typeof item !== 'string') texts.push(rangeWords(item))
  }
  return texts.length === 0 ? null : texts.join(', ')
}

/** Of a shell: what is inside of it is not read. */
const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`

/** The command that lists all ids of a finding. */
export const lossesCommand = (edge: string, code: FindingCode): string =>
  `quipu losses --edge ${quoted(edge)} --kind ${code}`
