/** The drafts, and where they differ in what a keyword means. */
import { get, isObject, type Json } from './json.ts'

export type Draft = '4' | '6' | '7' | '2019-09' | '2020-12'

/** Draft 7 unless `$schema` names another one, as the registry has it. */
export const DRAFT_DEFAULT: Draft = '7'

const drafts: readonly (readonly [name: string, draft: Draft])[] = [
  ['json-schema.org/draft-04/schema', '4'],
  ['json-schema.org/draft-06/schema', '6'],
  ['json-schema.org/draft-07/schema', '7'],
  ['json-schema.org/draft/2019-09/schema', '2019-09'],
  ['json-schema.org/draft/2020-12/schema', '2020-12'],
]

/** null: `$schema` is missing, or names what nobody knows. */
export function draftOf(root: Json): Draft | null {
  const uri = isObject(root) ? get(root, '$schema') : undefined
  return typeof uri === 'string' ? draftOfUri(uri) : null
}

/** By the URI of a meta-schema, with or without an empty fragment. */
export function draftOfUri(uri: string): Draft | null {
  const name = uri.replace(/^https?:\/\//, '').replace(/#$/, '')
  return drafts.find(([known]) => known === name)?.[1] ?? null
}

export function isModern(draft: Draft): boolean {
  return draft === '2019-09' || draft === '2020-12'
}

export function idKeyword(draft: Draft): '$id' | 'id' {
  return draft === '4' ? 'id' : '$id'
}
