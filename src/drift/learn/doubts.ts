/** What is not sure about a learned schema, as data. */
import { visible } from '../../base/visible.ts'
import { formatCount, messages, plural } from '../../base/words.ts'

export type Doubt =
  /** Always there, but seen too seldom to be required. */
  | { readonly kind: 'always_so_far'; readonly path: string; readonly count: number }
  /** Seen too seldom to say that it is never null, or never has a fraction. */
  | { readonly kind: 'few'; readonly path: string; readonly count: number }
  | { readonly kind: 'only_null'; readonly path: string; readonly count: number }
  | { readonly kind: 'mixed'; readonly path: string; readonly types: readonly string[] }
  /** Many texts have a format, and some have not. */
  | {
      readonly kind: 'format'
      readonly path: string
      readonly format: string
      readonly count: number
      readonly of: number
    }
  /** There was no room to look into all of it. */
  | { readonly kind: 'cut'; readonly path: string }

/** In words, for a person. */
export function doubtText(doubt: Doubt): string {
  const at = doubt.path === '' ? 'the message' : visible(doubt.path)
  switch (doubt.kind) {
    case 'always_so_far':
      return `${at}: not required; it stood in all of ${messages(doubt.count)}, which is too few to say`
    case 'few':
      return `${at}: seen ${plural(doubt.count, 'time')} only; it may be null`
    case 'only_null':
      return `${at}: was null ${plural(doubt.count, 'time')} and nothing else; its type is open`
    case 'mixed':
      return `${at}: of several types: ${doubt.types.join(', ')}`
    case 'format':
      return `${at}: ${formatCount(doubt.count)} of ${plural(doubt.of, 'text')} are ${doubt.format}; the others are not`
    case 'cut':
      return `${at}: too many fields; some were not looked at`
  }
}
