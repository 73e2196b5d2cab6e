/**
 * Two versions of a schema side by side: every pair of types that one reader would put together, each
 * once, with its paths. Unions are paired branch by branch, as a reader chooses: the same kind and
 * name first, else the first one that the value is promoted to.
 */
import { STEPS_MAX } from './limits.ts'
import { isPromoted, isSameType, writerFieldsOf } from './match.ts'
import { isPlain } from './name.ts'
import { join, type Trail } from './trail.ts'
import type { AvroSchema, AvroType, Field, RecordType, UnionType, Use } from './type.ts'

import { branchesFor } from './union-index.ts'

export interface Matched {
  readonly after: AvroType
  readonly before: AvroType
  readonly afterTrail: Trail | null
  readonly beforeTrail: Trail | null
}

/** Stops, without a word, after so many steps or pairs told: risks are hints. */
export function* matchedTypes(after: AvroSchema, before: AvroSchema): Generator<Matched> {
  const seen = new Set<number>()
  let steps = 0
  const list: Matched[] = [
    { after: after.root.type, before: before.root.type, afterTrail: null, beforeTrail: null },
  ]
  for (let next = list.pop(); next !== undefined; next = list.pop()) {
    const key = next.after.id * before.types.length + next.before.id
    // Plain types are told at every place: there is one of each in a schema.
    if (seen.has(key) && !isPlainType(next.after)) continue
    seen.add(key)
    const parts = partsOf(next)
    steps += 1 + parts.length
    if (steps > STEPS_MAX) return
    yield next
    list.push(...parts.reverse())
  }
}

const isPlainType = (type: AvroType): boolean => isPlain(type.kind)

/** Fields of two records that one takes its value from the other. */
export function* matchedFields(
  after: RecordType,
  before: RecordType,
): Generator<{ readonly after: Field; readonly before: Field }> {
  for (const field of after.fields) {
    const [from, ...more] = writerFieldsOf(field, before)
    if (from !== undefined && more.length === 0) yield { after: field, before: from }
  }
}

function partsOf(pair: Matched): Matched[] {
  const { after, before } = pair
  if (after.kind === 'union' || before.kind === 'union') return branches(pair)
  if (after.kind === 'array' && before.kind === 'array') {
    return [part(pair, after.items, before.items, ['items'], ['items'])]
  }
  if (after.kind === 'map' && before.kind === 'map') {
    return [part(pair, after.values, before.values, ['values'], ['values'])]
  }
  if (after.kind !== 'record' || before.kind !== 'record') return []
  return Array.from(matchedFields(after, before), ({ after: a, before: b }) =>
    part(pair, a.use, b.use, ['fields', a.index, 'type'], ['fields', b.index, 'type']),
  )
}

function branches(pair: Matched): Matched[] {
  const { after, before } = pair
  if (before.kind !== 'union') {
    const index = branchFor(after as UnionType, before)
    if (index === null) return []
    const use = (after as UnionType).branches[index] as Use
    return [part(pair, use, { type: before, site: use.site }, [index], [])]
  }
  return before.branches.flatMap((branch, i) => {
    if (after.kind !== 'union') {
      return isSameType(after, branch.type) || isPromoted(after.kind, branch.type.kind)
        ? [part(pair, { type: after, site: branch.site }, branch, [], [i])]
        : []
    }
    const index = branchFor(after, branch.type)
    if (index === null) return []
    return [part(pair, after.branches[index] as Use, branch, [index], [i])]
  })
}

/** The branch that a reader takes; null: none. */
function branchFor(union: UnionType, writer: AvroType): number | null {
  const may = branchesFor(union, writer)
  const same = may.find((i) => isSameType((union.branches[i] as Use).type, writer))
  return same ?? may[0] ?? null
}

function part(
  pair: Matched,
  after: Use,
  before: Use,
  afterKeys: readonly (string | number)[],
  beforeKeys: readonly (string | number)[],
): Matched {
  return {
    ...{ after: after.type, before: before.type },
    afterTrail: join(pair.afterTrail, afterKeys),
    beforeTrail: join(pair.beforeTrail, beforeKeys),
  }
}

/** Every field of a schema, once, with the path of it. */
export function* everyField(
  schema: AvroSchema,
): Generator<{ readonly field: Field; readonly record: RecordType; readonly trail: Trail | null }> {
  const seen = new Set<AvroType>()
  const list: { readonly type: AvroType; readonly trail: Trail | null }[] = [
    { type: schema.root.type, trail: null },
  ]
  for (let next = list.pop(); next !== undefined; next = list.pop()) {
    const { type, trail } = next
    if (seen.has(type)) continue
    seen.add(type)
    const below = (use: Use, ...keys: (string | number)[]): void => {
      list.push({ type: use.type, trail: join(trail, keys) })
    }
    if (type.kind === 'array') below(type.items, 'items')
    if (type.kind === 'map') below(type.values, 'values')
    if (type.kind === 'union') {
      for (const [i, branch] of [...type.branches.entries()].reverse()) below(branch, i)
    }
    if (type.kind !== 'record') continue
    for (const field of type.fields) {
      yield { field, record: type, trail: join(trail, ['fields', field.index]) }
    }
    for (const field of type.fields.toReversed()) below(field.use, 'fields', field.index, 'type')
  }
}
