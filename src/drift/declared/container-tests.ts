/** What a schema says of lists and records, and of what is in them. */
import type { Value } from '../read/reader.ts'
import { canonicalText } from './equal.ts'
import { type Matcher, matcherOf } from './pattern.ts'
import type { Test } from './run.ts'
import { countOf } from './scalar-tests.ts'
import {
  isSchema,
  isSchemaObject,
  keyword,
  type Schema,
  type SchemaObject,
  Unusable,
} from './schema-json.ts'
import { hasMember, isRecord, itemSite, memberOf, namedSite, namesOf } from './site.ts'

/** The test of a schema within. */
export type TestOf = (schema: Schema) => Test

/** @throws Unusable */
export function listTests(schema: SchemaObject, testOf: TestOf): Test[] {
  const tests: Test[] = []
  const add = (
    test: (
      list: readonly Value[],
      ...rest: Parameters<Test> extends [Value, ...infer Rest] ? Rest : never
    ) => void,
  ): void => {
    tests.push((value, at, run) => {
      if (Array.isArray(value)) test(value as readonly Value[], at, run)
    })
  }
  const least = countOf(schema, 'minItems')
  const most = countOf(schema, 'maxItems')
  if (least !== null || most !== null) {
    add((list, at, run) => {
      if (least !== null && list.length < least) {
        run.fail('out_of_bounds', at, `at least ${least} items`, list)
      } else if (most !== null && list.length > most) {
        run.fail('out_of_bounds', at, `at most ${most} items`, list)
      }
    })
  }
  if (keyword(schema, 'uniqueItems') === true) {
    add((list, at, run) => {
      const texts = list.map(canonicalText)
      run.spend(texts.reduce((sum, text) => sum + 1 + text.length / 8, 0))
      if (new Set(texts).size < list.length) {
        run.fail('out_of_bounds', at, 'items that are all different', list)
      }
    })
  }
  const { first, rest } = itemSchemas(schema)
  const firstTests = first.map(testOf)
  const restTest = rest === null ? null : testOf(rest)
  if (firstTests.length > 0 || restTest !== null) {
    add((list, at, run) => {
      const site = itemSite(at)
      run.spend(list.length / 8)
      for (const [i, item] of list.entries()) {
        const test = firstTests[i] ?? restTest
        if (test !== null && test !== undefined) run.enter(test, item, site)
      }
    })
  }
  const contains = keyword(schema, 'contains')
  if (isSchema(contains)) {
    const test = testOf(contains)
    const wanted = countOf(schema, 'minContains') ?? 1
    const limit = countOf(schema, 'maxContains')
    add((list, at, run) => {
      const site = itemSite(at)
      const outcomes = list.map((item) => run.probe(test, item, site))
      const fitting = outcomes.filter(({ failures }) => failures.length === 0)
      const sure = fitting.filter((outcome) => !outcome.isUnsure).length
      if (fitting.length < wanted) {
        run.fail('out_of_bounds', at, `at least ${wanted} items of a kind`, list)
      } else if (limit !== null && sure > limit) {
        run.fail('out_of_bounds', at, `at most ${limit} items of a kind`, list)
      } else if (sure < wanted || (limit !== null && fitting.length > limit)) run.unsure()
    })
  }
  return tests
}

/** Of the places that have one of their own, and of all others; null: nothing is said. @throws Unusable */
export function itemSchemas(schema: SchemaObject): {
  readonly first: readonly Schema[]
  readonly rest: Schema | null
} {
  const items = keyword(schema, 'items')
  const prefix = keyword(schema, 'prefixItems')
  const isOld = Array.isArray(items)
  const first: unknown = isOld ? items : (prefix ?? [])
  const rest = isOld ? keyword(schema, 'additionalItems') : items
  if (!Array.isArray(first) || !first.every(isSchema)) {
    throw new Unusable('`items` or `prefixItems` is no list of schemas')
  }
  if (rest !== undefined && !isSchema(rest)) throw new Unusable('`items` is no schema')
  return { first, rest: rest ?? null }
}

/** @throws Unusable */
export function recordTests(schema: SchemaObject, testOf: TestOf): Test[] {
  const tests: Test[] = []
  const least = countOf(schema, 'minProperties')
  const most = countOf(schema, 'maxProperties')
  if (least !== null || most !== null) {
    tests.push((value, at, run) => {
      if (!isRecord(value)) return
      const count = namesOf(value).length
      run.spend(count / 2)
      if (least !== null && count < least) {
        run.fail('out_of_bounds', at, `at least ${least} entries`, value)
      } else if (most !== null && count > most) {
        run.fail('out_of_bounds', at, `at most ${most} entries`, value)
      }
    })
  }
  const required = namesIn(schema, 'required')
  if (required.length > 0) tests.push(requiredTest(required))
  const members = membersTest(schema, testOf)
  if (members !== null) tests.push(members)
  tests.push(...dependencyTests(schema, testOf))
  const names = keyword(schema, 'propertyNames')
  if (isSchema(names)) {
    const test = testOf(names)
    tests.push((value, at, run) => {
      if (!isRecord(value)) return
      const outcomes = namesOf(value).map((name) => run.probe(test, name, at))
      if (outcomes.some((outcome) => outcome.isUnsure)) run.unsure()
      const isWrong = outcomes.some(({ failures }) => failures.length > 0)
      if (isWrong) run.fail('out_of_bounds', at, 'names as they are declared', value)
    })
  }
  return tests
}

function requiredTest(required: readonly string[]): Test {
  return (value, at, run) => {
    if (!isRecord(value)) return
    run.spend(required.length / 2)
    for (const name of required) {
      if (hasMember(value, name)) continue
      run.fail('missing_field', namedSite(at, name, value instanceof Map), '')
    }
  }
}

/** @throws Unusable */
export function memberSchemas(schema: SchemaObject): {
  readonly named: ReadonlyMap<string, Schema>
  readonly patterns: ReadonlyMap<string, Schema>
  /** Of other names; undefined: nothing is said. */
  readonly others: Schema | undefined
} {
  const others = keyword(schema, 'additionalProperties')
  if (others !== undefined && !isSchema(others)) {
    throw new Unusable('`additionalProperties` is no schema')
  }
  const named = schemasIn(schema, 'properties')
  return { named, patterns: schemasIn(schema, 'patternProperties'), others }
}

function membersTest(schema: SchemaObject, testOf: TestOf): Test | null {
  const { named, patterns, others } = memberSchemas(schema)
  if (named.size === 0 && patterns.size === 0 && others === undefined) return null
  const namedTests = new Map([...named].map(([name, one]) => [name, testOf(one)]))
  const patternTests: (readonly [Matcher, Test])[] = [...patterns].map(([pattern, one]) => [
    matcherOf(pattern),
    testOf(one),
  ])
  const othersTest = others === undefined || others === false ? null : testOf(others)
  return (value, at, run) => {
    if (!isRecord(value)) return
    const isMap = value instanceof Map
    const names = namesOf(value)
    run.spend(names.length / 2)
    for (const name of names) {
      const site = namedSite(at, name, isMap)
      const member = memberOf(value, name)
      const own = namedTests.get(name)
      let isKnown = own !== undefined
      if (own !== undefined) run.enter(own, member, site)
      for (const [matches, test] of patternTests) {
        run.spend(1 + name.length / 2)
        const isMatch = matches(name)
        if (isMatch === null) run.unsure()
        // What may be meant is not told to be another one.
        if (isMatch !== false) isKnown = true
        if (isMatch === true) run.enter(test, member, site)
      }
      if (isKnown) continue
      if (others === false) run.closed(site, at.node?.fields?.has(name) === true)
      else if (othersTest !== null) run.enter(othersTest, member, site)
    }
  }
}

function dependencyTests(schema: SchemaObject, testOf: TestOf): Test[] {
  const tests: Test[] = []
  for (const kind of ['dependencies', 'dependentRequired', 'dependentSchemas']) {
    const map = keyword(schema, kind)
    if (map === undefined) continue
    if (!isSchemaObject(map)) throw new Unusable(`\`${kind}\` is no object`)
    for (const [name, what] of Object.entries(map)) {
      const test = Array.isArray(what)
        ? requiredTest(what.filter((one) => typeof one === 'string'))
        : isSchema(what)
          ? testOf(what)
          : null
      if (test === null) throw new Unusable(`\`${kind}\` holds what is neither names nor a schema`)
      tests.push((value, at, run) => {
        run.spend(1)
        if (isRecord(value) && hasMember(value, name)) run.enter(test, value, at)
      })
    }
  }
  return tests
}

function namesIn(schema: SchemaObject, name: string): readonly string[] {
  const value = keyword(schema, name)
  // In draft 3, and in some drafts of people, it stands at the property.
  if (value === undefined || typeof value === 'boolean') return []
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new Unusable(`\`${name}\` is no list of names`)
}

function schemasIn(schema: SchemaObject, name: string): ReadonlyMap<string, Schema> {
  const value = keyword(schema, name)
  if (value === undefined) return new Map()
  const entries = isSchemaObject(value) ? Object.entries(value) : null
  if (
    entries === null ||
    !entries.every((entry): entry is [string, Schema] => isSchema(entry[1]))
  ) {
    throw new Unusable(`\`${name}\` holds what is no schema`)
  }
  return new Map(entries)
}
