/**
 * A value that the writer writes and the reader cannot read, by the word of a library that has nothing
 * to do with the engine. None found proves nothing: the budget may be too small, and the library reads
 * some pairs that a registry refuses (an alias of another namespace).
 */
import type { Counterexample, Difference, SearchBudget } from '../engine.ts'
import { choicesFrom, choicesTo, type Place } from './choices.ts'
import { type Choice, heightsOf, smallestInstance } from './instance.ts'
import { jsonOfInstance } from './instance-text.ts'
import { libraryType, refusalOf, singleOf, withoutOwnNames } from './library.ts'
import { COUNTEREXAMPLE_LENGTH_MAX, REFUSAL_LENGTH_MAX, SEARCH_TYPES_MAX } from './limits.ts'
import type { AvroSchema } from './type.ts'

export function avroCounterexample(
  reader: AvroSchema,
  writer: AvroSchema,
  differences: readonly Difference[],
  { instancesMax }: SearchBudget,
): Counterexample | null {
  if (Math.max(reader.types.length, writer.types.length) > SEARCH_TYPES_MAX) return null
  const type = libraryType(reader)
  if (type === null) return null
  const heights = heightsOf(writer.types)
  let tried = 0
  for (const choices of candidates(writer, differences)) {
    if (tried++ >= instancesMax) return null
    const instance = smallestInstance(writer, heights, choices)
    if (instance === null) continue
    try {
      const refusal = refusalOf(type, singleOf(instance))
      if (refusal === null) continue
      const text = cut(JSON.stringify(jsonOfInstance(instance)), COUNTEREXAMPLE_LENGTH_MAX)
      return { text, refusal: cut(withoutOwnNames(refusal), REFUSAL_LENGTH_MAX) }
    } catch {
      // The library does not take this value's schema; another one perhaps.
    }
  }
  return null
}

/** Where the differences are, then below them, then everywhere; each once. */
function* candidates(
  writer: AvroSchema,
  differences: readonly Difference[],
): Generator<readonly Choice[]> {
  const seen = new Set<string>()
  const isNew = (choices: readonly Choice[]): boolean => {
    const key = choices.join('/')
    return seen.has(key) ? false : seen.add(key).has(key)
  }
  const places = differences.map((d) => choicesTo(writer, d)).filter((p): p is Place => p !== null)
  for (const { choices } of places) if (isNew(choices)) yield choices
  for (const place of [...places, { type: writer.root.type, choices: [] }]) {
    for (const choices of choicesFrom(place)) if (isNew(choices)) yield choices
  }
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`
}
