/**
 * Schemas of every draft and values, held against another validator. The laws:
 * - What is found is wrong: the other one refuses the value, at that place and for such a reason.
 * - What the other one refuses is found, or is a name that nobody declared, which the fields tell; or the
 *   schema says something that is not known or never sure: see `hasUnknown`.
 *
 * `QUIPU_SCHEMA_RUNS=20000` tries more schemas of each kind, of other seeds.
 */
import type { ErrorObject } from 'ajv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeclaredFields, Found } from '../../../src/drift/declared/declared.ts'
import { declaredBySchema } from '../../../src/drift/declared/json-schema.ts'
import type { Schema } from '../../../src/drift/declared/schema-json.ts'
import { escapedName } from '../../../src/drift/field-path.ts'
import type { Value } from '../../../src/drift/read/reader.ts'
import {
  drafts,
  otherValidator,
  type SchemaOptions,
  schemas,
  values,
  valuesFor,
} from '../../support/schemas-and-values.ts'

const more = process.env.QUIPU_SCHEMA_RUNS
const runs = more === undefined ? { seed: 8, numRuns: 60 } : { numRuns: Number(more) }

interface Case {
  readonly value: unknown
  readonly found: readonly Found[]
  readonly errors: readonly ErrorObject[]
  readonly fields: DeclaredFields
}

interface Tally {
  refused: number
  accepted: number
  silent: number
}

function forCases(options: SchemaOptions, judge: (one: Case) => void): Tally {
  const tally = { refused: 0, accepted: 0, silent: 0 }
  const lists = fc.array(values, { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(schemas(options), lists, (schema, others) => {
      const validate = otherValidator(options.draft).compile(schema)
      const declared = declaredBySchema(schema as Schema, [])
      for (const value of valuesFor(schema, others)) {
        const isValid = validate(value)
        const found = declared.check(value as Value)
        const errors = validate.errors ?? []
        tally[isValid ? 'accepted' : 'refused']++
        if (!isValid && found?.length === 0) tally.silent++
        const text = JSON.stringify({ value, errors })
        expect(found, text).not.toBeNull()
        if (isValid) expect(found, text).toEqual([])
        judge({ value, found: found ?? [], errors, fields: declared.fields })
      }
    }),
    runs,
  )
  return tally
}

describe.each(drafts)('%s', (draft) => {
  test('whatever the other one refuses is found, in its place, and nothing else', () => {
    const tally = forCases({ draft }, ({ value, found, errors, fields }) => {
      const text = JSON.stringify({ value, errors })
      if (errors.length > 0 && found.length === 0) {
        expect(hasUndeclared(fields, value as Value), text).toBe(true)
      }
      const refused = errors.flatMap((error) => keysOf(error, fields, value))
      for (const { kind, path } of found) expect(refused, text).toContain(`${kind} ${path}`)
    })
    expect(tally.accepted).toBeGreaterThan(100)
    expect(tally.refused).toBeGreaterThan(100)
    expect(tally.silent).toBeLessThan(tally.refused / 5)
  })

  test('what is not known, or never sure, accuses nobody wherever it stands', () => {
    const tally = forCases({ draft, hasUnknown: true }, () => {})
    expect(tally.accepted).toBeGreaterThan(100)
    expect(tally.refused).toBeGreaterThan(100)
  })

  test('without alternatives, whatever the other one refuses is found in its place', () => {
    const tally = forCases({ draft, isPlain: true }, ({ value, found, errors, fields }) => {
      const told = new Set(found.map(({ kind, path }) => `${kind} ${path}`))
      for (const error of errors) {
        // A name that nobody declared is told by the fields.
        if (error.keyword === 'additionalProperties') continue
        const place = pathOf(error.instancePath, fields, value)
        // What is of another type is held against nothing else, nor is what it holds.
        const isOther = found.some(
          ({ kind, path }) => kind === 'type_changed' && `${place}/`.startsWith(`${path}/`),
        )
        const isTold = isOther || keysOf(error, fields, value).some((key) => told.has(key))
        expect(isTold, JSON.stringify({ value, error, found })).toBe(true)
      }
    })
    expect(tally.refused - tally.silent).toBeGreaterThan(100)
  })
})

/** `kind path` of what an error of the other one may be here. */
function keysOf(error: ErrorObject, fields: DeclaredFields, value: unknown): readonly string[] {
  const { keyword, params, instancePath } = error
  const here = pathOf(instancePath, fields, value)
  switch (keyword) {
    case 'required':
    case 'dependencies':
    case 'dependentRequired': {
      const part = String(params.missingProperty).replaceAll('~', '~0').replaceAll('/', '~1')
      return [`missing_field ${pathOf(`${instancePath}/${part}`, fields, value)}`]
    }
    case 'additionalProperties': {
      const part = String(params.additionalProperty).replaceAll('~', '~0').replaceAll('/', '~1')
      // Of another alternative.
      return [`out_of_bounds ${pathOf(`${instancePath}/${part}`, fields, value)}`]
    }
    case 'type':
      return [`type_changed ${here}`]
    case 'enum':
    case 'const':
      return [`unseen_value ${here}`, `type_changed ${here}`]
    default:
      return [`out_of_bounds ${here}`]
  }
}

/** A JSON pointer as a path of fields. */
function pathOf(pointer: string, fields: DeclaredFields, root: unknown): string {
  let [path, node, value] = ['', fields, root]
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(value)) {
      path += '/*'
      node = node?.items ?? null
      value = value[Number(name)]
      continue
    }
    const own = node?.fields?.get(name)
    const isEntry = node !== null && own === undefined && isMapAt(node)
    path += isEntry ? '/{}' : `/${escapedName(name)}`
    node = isEntry ? (node?.entries ?? null) : (own ?? null)
    value = Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : null
  }
  return path
}

function isMapAt(node: NonNullable<DeclaredFields>): boolean {
  return node.fields === null || node.entries !== undefined
}

/** Whether there is a name that nobody declared. */
function hasUndeclared(node: DeclaredFields, value: Value): boolean {
  if (node === null || typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some((item) => hasUndeclared(node.items ?? null, item))
  return Object.entries(value).some(([name, member]) => {
    const own = node.fields?.get(name)
    if (own !== undefined) return hasUndeclared(own, member)
    return node.entries === undefined || hasUndeclared(node.entries, member)
  })
}
