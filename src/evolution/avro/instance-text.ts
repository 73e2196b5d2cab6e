/** An instance for people: Avro's JSON encoding, in which a branch of a union is named. */
import type { Instance } from './instance.ts'
import { plainValue } from './plain-value.ts'
import { isNamed } from './type.ts'

export function jsonOfInstance(instance: Instance): unknown {
  if ('symbol' in instance) return instance.symbol
  if ('fields' in instance) {
    const { fields } = instance.type
    return Object.fromEntries(
      instance.fields.map((value, i) => [fields[i]?.name, jsonOfInstance(value)]),
    )
  }
  if ('branch' in instance) {
    const { branch } = instance
    if (branch.type.kind === 'null') return null
    const name = isNamed(branch.type) ? branch.type.name : branch.type.kind
    return { [name]: jsonOfInstance(branch) }
  }
  if ('one' in instance) {
    const one = instance.one === null ? null : jsonOfInstance(instance.one)
    if (instance.type.kind === 'array') return instance.one === null ? [] : [one]
    return instance.one === null ? {} : { key: one }
  }
  // A character for each byte.
  if (instance.type.kind === 'fixed') return '\u0001'.repeat(instance.type.size)
  return instance.type.kind === 'bytes' ? 'a' : plainValue(instance.type.kind)
}
