/** Where an instance may go: the places that differences name, and every place below. */
import type { Difference } from '../engine.ts'
import { nextUse } from './element.ts'
import type { Choice } from './instance.ts'
import type { AvroSchema, AvroType, Use } from './type.ts'

/** The choices that lead to a difference, and the type there; null: it is not in the writer's schema. */
export function choicesTo(schema: AvroSchema, { writerPath, args }: Difference): Place | null {
  if (writerPath === null) return null
  const keys = writerPath.split('/').slice(1)
  const choices: Choice[] = []
  let use: Use = schema.root
  for (let i = 0; i < keys.length; ) {
    const next = nextUse(use, keys, i)
    if (next === null) break
    const { kind } = use.type
    const key = kind === 'record' ? keys[i + 1] : keys[i]
    choices.push(kind === 'record' || kind === 'union' ? Number(key) : (key as string))
    use = next.use
    i += next.steps
  }
  const [symbol] = Array.isArray(args.symbols) ? (args.symbols as readonly string[]) : []
  if (use.type.kind === 'enum' && symbol !== undefined) choices.push(symbol)
  return { type: use.type, choices }
}

export interface Place {
  readonly type: AvroType
  readonly choices: readonly Choice[]
}

/** Every choice at and below a place, nearest first; each type is entered once. */
export function* choicesFrom(start: Place): Generator<readonly Choice[]> {
  yield start.choices
  const seen = new Set<AvroType>()
  const list: Place[] = [start]
  for (let i = 0; i < list.length; i++) {
    const { type, choices } = list[i] as Place
    if (seen.has(type)) continue
    seen.add(type)
    for (const [choice, use] of waysOf(type)) {
      const next = [...choices, choice]
      // A field is there anyway; what is in it may be chosen.
      if (type.kind !== 'record') yield next
      if (use !== null) list.push({ type: use.type, choices: next })
    }
  }
}

function waysOf(type: AvroType): readonly (readonly [Choice, Use | null])[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => [field.index, field.use])
    case 'union':
      return type.branches.map((branch, i) => [i, branch])
    case 'enum':
      return Array.from(type.symbols, (symbol) => [symbol, null])
    case 'array':
      return [['items', type.items]]
    case 'map':
      return [['values', type.values]]
    default:
      return []
  }
}
