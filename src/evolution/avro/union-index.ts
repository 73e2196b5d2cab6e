/**
 * The branches of a union by what they read, so that a union of a thousand events is not gone through
 * for each event of another one.
 */
import { isPromoted, keysOfReader, keysOfWriter } from './match.ts'
import { type AvroType, plainKinds, type UnionType } from './type.ts'

type Index = ReadonlyMap<string, readonly number[]>

const indexes = new WeakMap<UnionType, Index>()

/** Indexes of branches that may read what a type writes, in their order; it is no union itself. */
export function branchesFor(union: UnionType, writer: AvroType): readonly number[] {
  const index = indexOf(union)
  const found = new Set<number>()
  for (const key of keysOfWriter(writer)) for (const i of index.get(key) ?? []) found.add(i)
  for (const kind of plainKinds) {
    if (isPromoted(kind, writer.kind)) for (const i of index.get(kind) ?? []) found.add(i)
  }
  return [...found].sort((a, b) => a - b)
}

function indexOf(union: UnionType): Index {
  const known = indexes.get(union)
  if (known !== undefined) return known
  const index = new Map<string, number[]>()
  for (const [i, { type }] of union.branches.entries()) {
    for (const key of keysOfReader(type)) {
      const list = index.get(key)
      if (list === undefined) index.set(key, [i])
      else list.push(i)
    }
  }
  indexes.set(union, index)
  return index
}
