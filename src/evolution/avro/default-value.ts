/** Whether a default is a value of its type, as readers that must use it see it. */
import { isObject, member } from './json.ts'
import type { AvroType } from './type.ts'

/** `later`: of a union, whose first branch it does not fit; only some readers take it. */
export type DefaultFit = 'fits' | 'later' | 'no'

export function defaultFit(type: AvroType, value: unknown): DefaultFit {
  const check = checker()
  if (type.kind !== 'union') return check(type, value) ? 'fits' : 'no'
  const index = type.branches.findIndex((branch) => check(branch.type, value))
  return index === -1 ? 'no' : index === 0 ? 'fits' : 'later'
}

/** The branch of a union that a default is of; −1: none. */
export function defaultBranch(branches: readonly AvroType[], value: unknown): number {
  const check = checker()
  return branches.findIndex((branch) => check(branch, value))
}

type Check = (type: AvroType, value: unknown) => boolean

/** Remembers what it looked at: unions within unions would otherwise be tried again and again. */
function checker(): Check {
  const known = new Map<unknown, Map<number, boolean>>()
  const check: Check = (type, value) => {
    if (typeof value !== 'object' || value === null) return isValue(type, value, check)
    const ofValue = known.get(value) ?? new Map<number, boolean>()
    known.set(value, ofValue)
    const before = ofValue.get(type.id)
    if (before !== undefined) return before
    const result = isValue(type, value, check)
    ofValue.set(type.id, result)
    return result
  }
  return check
}

const INT_MAX = 2 ** 31
const LONG_MAX = 2 ** 63
/** Numbers that JSON has no words for. */
const SPECIAL_NUMBERS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

function isValue(type: AvroType, value: unknown, check: Check): boolean {
  switch (type.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return isWhole(value) && value >= -INT_MAX && value < INT_MAX
    case 'long':
      // The largest long is not a number of JavaScript; its neighbour is let pass.
      return isWhole(value) && value >= -LONG_MAX && value <= LONG_MAX
    case 'float':
    case 'double':
      return typeof value === 'number' || SPECIAL_NUMBERS.has(value)
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return isBytes(value)
    case 'fixed':
      return isBytes(value) && value.length === type.size
    case 'enum':
      return typeof value === 'string' && type.symbols.has(value)
    case 'array':
      return Array.isArray(value) && value.every((item) => check(type.items.type, item))
    case 'map':
      return isObject(value) && Object.values(value).every((item) => check(type.values.type, item))
    case 'union':
      return type.branches.some((branch) => check(branch.type, value))
    case 'record':
      return (
        isObject(value) &&
        type.fields.every((field) => {
          const given = member(value, field.name)
          return given === undefined ? field.default !== undefined : check(field.use.type, given)
        })
      )
  }
}

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value)

/** One character a byte. */
const isBytes = (value: unknown): value is string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every byte is a character here
  typeof value === 'string' && /^[\u0000-\u00ff]*$/.test(value)
