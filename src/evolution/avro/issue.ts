/** What stands in the way at one pair of types, before it has a path. */
import type { Difference } from '../engine.ts'
import { NAME_LENGTH_MAX, NAMES_MAX } from './limits.ts'

export interface Issue {
  readonly rule: string
  readonly message: string
  readonly args: Difference['args']
  /** Below the pair, in each schema; null: it is not there. */
  readonly reader: readonly (string | number)[] | null
  readonly writer: readonly (string | number)[] | null
  /** Below the pair as the registry counts, which follows both at once. */
  readonly registry: readonly (string | number)[]
}

/** `A, B, C and 12 more` */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_IN_TEXT_MAX).map(cut)
  const more = names.length - shown.length
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`
}

const NAMES_IN_TEXT_MAX = 5

export const bounded = (names: readonly string[]): readonly string[] =>
  names.slice(0, NAMES_MAX).map(cut)

/** Aliases of fields are not held to the rules of names. */
const cut = (name: string): string =>
  name.length <= NAME_LENGTH_MAX ? name : `${name.slice(0, NAME_LENGTH_MAX - 1)}…`
