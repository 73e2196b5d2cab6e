/** Paths of fields, as `Field.path` in shape.ts, and the order in which fields are kept. */
import { byText } from '../base/by-text.ts'
import type { Field } from './shape.ts'

export const ITEMS = '*'
export const ENTRIES = '{}'

/** A name as a part of a path. */
export function escapedName(name: string): string {
  if (name === ITEMS) return '~2'
  if (name === ENTRIES) return '~3'
  const isPlain = !name.includes('~') && !name.includes('/')
  return isPlain ? name : name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** What is around it. */
export function aroundOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

/** Whether it is an item of a list, rather than a part of an object. */
export function isItem(path: string): boolean {
  return path.endsWith('/*')
}

type Ordered = Pick<Field, 'declared' | 'path'>

/** Declared before undeclared, shallow before deep, then by code unit: what is around comes before. */
export function compareFields(a: Ordered, b: Ordered): number {
  if (a.declared !== b.declared) return a.declared ? -1 : 1
  return depthOf(a.path) - depthOf(b.path) || byText(a.path, b.path)
}

export function depthOf(path: string): number {
  let depth = 0
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth++
  return depth
}
