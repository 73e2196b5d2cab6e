/**
 * Which values of enums a finding takes away, and how often messages held them.
 *
 * Law: only where every text that came at the place was told apart is a value known not to have come.
 */
import type { ReportedFinding } from './report.ts'

/** Texts that came at one place of messages. */
export interface TextsSeen {
  readonly occurrences: number
  /** Of those that schemas name. */
  readonly symbols: ReadonlyMap<string, number>
}

export interface ValuesSeen {
  /** All texts that came there. */
  readonly occurrences: number
  /** Of those the ones that are taken away. */
  readonly count: number
  /** Not told apart: some of them may be. */
  readonly unknown: number
}

type Told = Pick<ReportedFinding, 'rule' | 'direction' | 'args'>

/** Texts that old data may hold and that the new schema does not read; null: it is about something else. */
export function removedValues({ rule, direction, args }: Told): readonly string[] | null {
  if (direction !== 'backward') return null
  if (rule === 'AVRO_MISSING_ENUM_SYMBOLS') return textsIn(args.symbols, args.count)
  if (rule !== 'JSON_ENUM_ARRAY_NARROWED') return null
  const texts = textsIn(args.missing, args.missingCount)
  const values = texts?.map(parsed) ?? []
  return values.length > 0 && values.every((one) => typeof one === 'string') ? values : null
}

/** @param paths of fields: what stands in their lists and maps is theirs too */
export function valuesSeen(
  values: readonly string[],
  paths: readonly string[],
  texts: ReadonlyMap<string, TextsSeen>,
): ValuesSeen {
  const seen = { occurrences: 0, count: 0, unknown: 0 }
  for (const [path, { occurrences, symbols }] of texts) {
    if (!paths.some((own) => isWithin(path, own))) continue
    let known = 0
    for (const count of symbols.values()) known += count
    seen.occurrences += occurrences
    seen.count += values.reduce((sum, value) => sum + (symbols.get(value) ?? 0), 0)
    seen.unknown += Math.max(0, occurrences - known)
  }
  return seen
}

function isWithin(path: string, own: string): boolean {
  return path.startsWith(own) && /^(?:\/(?:\*|\{\}))*$/.test(path.slice(own.length))
}

/** Null: not all of them are listed. */
function textsIn(list: unknown, count: unknown): readonly string[] | null {
  if (!Array.isArray(list) || list.length !== count) return null
  return list.every((one) => typeof one === 'string') ? list : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
