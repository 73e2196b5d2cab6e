/** JSON Schemas of each draft with the keywords that it knows, and values, some of them made to fit. */
import { Ajv } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import draft4 from 'ajv-draft-04'
import formats from 'ajv-formats'
import fc from 'fast-check'

export const drafts = ['draft-04', 'draft-06', 'draft-07', '2019-09', '2020-12'] as const
export type Draft = (typeof drafts)[number]

type Json = Readonly<Record<string, unknown>>

const options = {
  strict: false,
  logger: false,
  validateSchema: false,
  allErrors: true,
  ownProperties: true,
} as const

/** The validator that this one is held against. */
export function otherValidator(draft: Draft): Ajv {
  const Class = { '2019-09': Ajv2019, '2020-12': Ajv2020 }[draft as string]
  const ajv = draft === 'draft-04' ? new draft4.default(options) : new (Class ?? Ajv)(options)
  formats.default(ajv as Ajv)
  return ajv as Ajv
}

export function schemaUri(draft: Draft): string {
  const isNumbered = draft.startsWith('draft')
  return isNumbered
    ? `http://json-schema.org/${draft}/schema#`
    : `https://json-schema.org/draft/${draft}/schema`
}

const names = fc.constantFrom('a', 'b', '*', '{}', 'c/d', 'e~', 'constructor')

const texts = fc.constantFrom(
  ...['', 'x', 'xy', 'xyz', '🛫', 'y🛬', '2026-02-28', '2026-02-30', '2026-02-28T10:00:00Z'],
  ...['10:00:00Z', '10:61:00Z', '127.0.0.1', '127.0.0.256', '::1', '1::2::3', 'a@b.example', 'a@'],
  ...['https://b.example/x', '//b', 'P1DT2H', 'P', 'quipu.example', '-a', 'a b\u00A0'],
  '0b8f1f6e-6d3b-4f6d-9a53-5f7f9d1f2f10',
)
const numbers = fc.constantFrom(-1, 0, 1, 1.5, 2, 3, 4, 1e15)
const scalars = fc.oneof(fc.constantFrom(null, true, false), numbers, texts)

export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

const knownFormats = [
  ...['date', 'time', 'date-time', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uuid', 'duration'],
]

export interface SchemaOptions {
  readonly draft: Draft
  /** Only keywords that say something of one place by themselves. */
  readonly isPlain?: boolean
  /** Also what the judged validator does not know, or is never sure of. */
  readonly hasUnknown?: boolean
}

/** With definitions that hold themselves. */
export function schemas({ draft, isPlain, hasUnknown }: SchemaOptions): fc.Arbitrary<Json> {
  const at = drafts.indexOf(draft)
  const since = <T>(first: Draft, keywords: T): T | object =>
    at >= drafts.indexOf(first) ? keywords : {}
  const until = <T>(last: Draft, keywords: T): T | object =>
    at <= drafts.indexOf(last) ? keywords : {}
  const definitions = draft.startsWith('draft') ? 'definitions' : '$defs'
  const refs = fc.constantFrom(
    ...['one', 'node', 'list'].map((name) => ({ $ref: `#/${definitions}/${name}` })),
    { $ref: '#called' },
  )
  const of = (hasRefs: boolean): fc.Arbitrary<unknown> =>
    fc.letrec((tie) => {
      const inner = tie('schema')
      const several = fc.array(inner, { minLength: 1, maxLength: 3 })
      const keywords: Record<string, fc.Arbitrary<unknown>> = {
        ...scalarKeywords(draft),
        ...since('draft-06', { const: scalars }),
        ...containerKeywords(inner, at),
        ...(isPlain
          ? {}
          : {
              ...{ anyOf: several, oneOf: several, not: inner },
              ...since('draft-06', { contains: inner, propertyNames: nameSchemas }),
              ...since('draft-07', { if: inner, ...Object.fromEntries([['then', inner]]) }),
              ...since('draft-07', { else: inner }),
              ...since('2019-09', { minContains: fc.nat(2), maxContains: fc.nat(2) }),
            }),
        allOf: several,
        ...until('draft-07', { dependencies: fc.dictionary(names, inner, { maxKeys: 1 }) }),
        ...since('2019-09', { dependentSchemas: fc.dictionary(names, inner, { maxKeys: 1 }) }),
        ...(hasUnknown
          ? {
              pattern: fc.constantFrom('(?=x)x', '^(x)y?\\1$'),
              format: fc.constantFrom(...knownFormats, 'json-pointer', 'regex'),
              ...since('2019-09', {
                unevaluatedProperties: inner,
                unevaluatedItems: fc.constantFrom(false, { type: 'string' }),
              }),
            }
          : {}),
      }
      const leaves = fc.constantFrom<unknown>({}, ...(at === 0 ? [{ not: {} }] : [true, false]))
      const own = fewOf(keywords)
      // Nothing counts beside a reference up to draft 7, whatever the other one makes of it.
      return {
        schema: fc.oneof(
          { maxDepth: 2, withCrossShrink: true },
          { arbitrary: leaves, weight: 1 },
          { arbitrary: own, weight: 6 },
          ...(hasRefs ? [{ arbitrary: refs, weight: 1 }] : []),
        ),
      }
    }).schema as fc.Arbitrary<unknown>
  const called = ['id', '$id', '$id', '$anchor', '$anchor'][at] as string
  const name = called === '$anchor' ? 'called' : '#called'
  return fc.tuple(of(true), of(false), fewOf(scalarKeywords(draft))).map(([first, one, two]) => ({
    $schema: schemaUri(draft),
    allOf: [first],
    [definitions]: {
      one,
      node: {
        type: 'object',
        properties: { a: { $ref: `#/${definitions}/node` }, b: { $ref: `#/${definitions}/one` } },
      },
      list: { items: { $ref: `#/${definitions}/list` }, minItems: 1 },
      called: { ...two, [called]: name },
    },
  }))
}

const count = fc.nat(3)
const nameSchemas = fc.constantFrom({ maxLength: 1 }, { enum: ['a', 'b'] }, { pattern: '^[a-z]' })
const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']
const type = fc.constantFrom(...types)

function scalarKeywords(draft: Draft): Record<string, fc.Arbitrary<unknown>> {
  const open = draft === 'draft-04' ? fc.boolean() : count
  return {
    type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
    enum: fc.uniqueArray(values, { minLength: 1, maxLength: 3, selector: JSON.stringify }),
    minimum: count,
    maximum: count,
    exclusiveMinimum: open,
    exclusiveMaximum: open,
    multipleOf: fc.constantFrom(1, 2, 0.5),
    minLength: count,
    maxLength: count,
    pattern: fc.constantFrom('^x', 'y$', 'z', '^.$', '\\s$', '^\\uD83D\\uDEEB', '^[^\\s@]+$'),
    minItems: count,
    maxItems: count,
    uniqueItems: fc.boolean(),
    required: fc.uniqueArray(names, { minLength: 1, maxLength: 2 }),
    minProperties: count,
    maxProperties: count,
  }
}

function containerKeywords(
  inner: fc.Arbitrary<unknown>,
  at: number,
): Record<string, fc.Arbitrary<unknown>> {
  const several = fc.array(inner, { minLength: 1, maxLength: 2 })
  const own = fc.oneof(fc.boolean(), at === 0 ? fc.constant({}) : inner)
  const needed = fc.uniqueArray(names, { minLength: 1, maxLength: 2 })
  const isOld = at < 4
  return {
    properties: fc.dictionary(names, inner, { minKeys: 1, maxKeys: 3 }),
    patternProperties: fc.dictionary(fc.constantFrom('^a', '.', '[~/]'), inner, { maxKeys: 1 }),
    additionalProperties: own,
    items: isOld ? fc.oneof(inner, several) : inner,
    ...(isOld ? { additionalItems: own } : { prefixItems: several }),
    ...(at < 3
      ? { dependencies: fc.dictionary(names, needed, { maxKeys: 1 }) }
      : { dependentRequired: fc.dictionary(names, needed, { maxKeys: 1 }) }),
  }
}

/** More keywords at once refuse everything. */
function fewOf(keywords: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Json> {
  return fc
    .uniqueArray(fc.constantFrom(...Object.keys(keywords)), { minLength: 1, maxLength: 4 })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(chosen.map((name) => [name, keywords[name] as fc.Arbitrary<unknown>])),
      ),
    )
    .map(withBounds)
}

/** In draft 4 a bound is open by a word beside it. */
function withBounds(schema: Json): Json {
  const least = typeof schema.exclusiveMinimum === 'boolean' ? { minimum: 1 } : {}
  const most = typeof schema.exclusiveMaximum === 'boolean' ? { maximum: 2 } : {}
  return { ...least, ...most, ...schema }
}

/** Values of which the first are as the schema wants them, where that is easy. */
export function valuesFor(schema: Json, others: readonly unknown[]): readonly unknown[] {
  return [...others.slice(0, 3).map((other) => fitted(schema, other, schema, 4)), ...others]
}

function fitted(schema: unknown, other: unknown, root: Json, levels: number): unknown {
  if (typeof schema !== 'object' || schema === null || levels === 0) return other
  const own = schema as Json
  if (typeof own.$ref === 'string' && own.$ref.startsWith('#/')) {
    const [, definitions, name] = own.$ref.split('/') as [string, string, string]
    return fitted((root[definitions] as Json)[name], other, root, levels - 1)
  }
  if (Array.isArray(own.enum)) return own.enum.at(-1)
  if ('const' in own) return own.const
  for (const kind of ['allOf', 'anyOf', 'oneOf']) {
    const list = own[kind]
    if (Array.isArray(list)) return fitted(list[0], other, root, levels - 1)
  }
  const wanted = Array.isArray(own.type) ? own.type[0] : own.type
  const isRecord =
    wanted === undefined
      ? own.properties !== undefined || own.required !== undefined
      : wanted === 'object'
  if (isRecord) {
    const properties = (own.properties ?? {}) as Json
    const keys = [...Object.keys(properties), ...((own.required ?? []) as string[])]
    return Object.fromEntries(
      keys.map((key) => [key, fitted(properties[key], other, root, levels - 1)]),
    )
  }
  if (wanted === 'array' || (wanted === undefined && own.items !== undefined)) {
    const size = Math.min(3, Number(own.minItems ?? 1))
    const items = Array.isArray(own.items) ? own.items : null
    return Array.from({ length: size }, (_, i) =>
      fitted(items === null ? own.items : items[i], other, root, levels - 1),
    )
  }
  const samples: Readonly<Record<string, unknown>> = {
    null: null,
    boolean: true,
    integer: own.minimum ?? 2,
    number: own.maximum ?? 1.5,
    string: 'xyz'.slice(0, Number(own.maxLength ?? 3)),
  }
  return typeof wanted === 'string' ? samples[wanted] : other
}
