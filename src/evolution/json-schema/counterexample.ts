/**
 * Looks for an instance that the writer's schema accepts and the reader's refuses, both as an independent
 * library reads them. What is found is a proof; to find none proves nothing.
 */
import type { Counterexample, Difference, SearchBudget } from '../engine.ts'
import { costOf } from './counterexample/cost.ts'
import { INSTANCE_DEPTH_MAX, Instances } from './counterexample/instances.ts'
import { isNearOf, nodesNear } from './counterexample/near.ts'
import { type Refuse, refuser, Undecided } from './counterexample/validator.ts'
import { isArray, isObject, type Json } from './json.ts'
import type { JsonSchema } from './model.ts'
import { cut } from './position.ts'

/** The library turns schemas into code: larger ones would take it too long. */
const SCHEMAS_MAX = 3_000
/** Characters of both schemas and all that they refer to. */
const LENGTH_MAX = 1_000_000
/** Steps of validators, all instances together, at worst. */
const STEPS_MAX = 100_000_000
/** Instances are drawn more than once; those that were tried are passed over. */
const DRAWS_PER_INSTANCE = 5
/** Characters; what has grown longer is for nobody to read. */
const TEXT_LENGTH_MAX = 4_000

export function findCounterexample(
  reader: JsonSchema,
  writer: JsonSchema,
  differences: readonly Difference[],
  budget: SearchBudget,
): Counterexample | null {
  const cost = costOf(reader.root, INSTANCE_DEPTH_MAX) + costOf(writer.root, INSTANCE_DEPTH_MAX)
  const tries = Math.min(budget.instancesMax, Math.floor(STEPS_MAX / cost))
  if (lengthOf(reader) + lengthOf(writer) > LENGTH_MAX) return null
  if (tries === 0 || reader.nodes.length + writer.nodes.length > SCHEMAS_MAX) return null
  const refusedByWriter = refuser(writer)
  const refusedByReader = refuser(reader)
  if (refusedByWriter === null || refusedByReader === null) return null
  const proves = (instance: Json) => proof(instance, refusedByWriter, refusedByReader)
  const isNear = isNearOf(
    nodesNear(reader, paths(differences, 'readerPath')),
    nodesNear(writer, paths(differences, 'writerPath')),
  )
  const tried = new Set<string>()
  let draws = tries * DRAWS_PER_INSTANCE
  for (const instance of new Instances(isNear).of(writer.root, reader.root, INSTANCE_DEPTH_MAX)) {
    if (draws-- <= 0 || tried.size >= tries) return null
    const text = JSON.stringify(instance)
    if (text.length > TEXT_LENGTH_MAX || tried.has(text)) continue
    tried.add(text)
    if (proves(instance) === null) continue
    const small = shrunk(instance, (one) => proves(one) !== null)
    return { text: cut(JSON.stringify(small)), refusal: cut(proves(small)!) }
  }
  return null
}

function lengthOf(schema: JsonSchema): number {
  let length = 0
  for (const { text } of schema.documents.values()) length += text.length
  return length
}

function paths(differences: readonly Difference[], key: 'readerPath' | 'writerPath') {
  return differences.map((one) => one[key]).filter((path) => path !== null)
}

/** The reader's refusal of what the writer accepts. */
function proof(instance: Json, byWriter: Refuse, byReader: Refuse): string | null {
  try {
    return byWriter(instance) === null ? byReader(instance) : null
  } catch (error) {
    // Unknown, or deeper than the stack: no proof either way.
    if (error instanceof Undecided || error instanceof RangeError) return null
    throw error
  }
}

/** Leaves out what is not needed, one property or item at a time. */
function shrunk(instance: Json, isStill: (smaller: Json) => boolean): Json {
  let small = instance
  for (let rounds = 0; rounds < 20; rounds++) {
    const next = smaller(small).find(isStill)
    if (next === undefined) return small
    small = next
  }
  return small
}

function smaller(value: Json): readonly Json[] {
  if (isArray(value)) {
    const shorter = value.map((_, i) => value.filter((_, j) => j !== i))
    const inside = value.flatMap((one, i) => smaller(one).map((s) => value.with(i, s)))
    return [...shorter, ...inside]
  }
  if (!isObject(value)) return []
  const entries = Object.entries(value)
  const fewer = entries.map((_, i) => Object.fromEntries(entries.filter((_, j) => j !== i)))
  const inside = entries.flatMap(([key, one]) => smaller(one).map((s) => ({ ...value, [key]: s })))
  return [...fewer, ...inside]
}
