/** What a schema says by other schemas for the same value. */
import type { Value } from '../read/reader.ts'
import type { TestOf } from './container-tests.ts'
import type { Failure, Outcome, Test } from './run.ts'
import { isSchema, keyword, type Schema, type SchemaObject, Unusable } from './schema-json.ts'
import { jsonTypeOf, type Site } from './site.ts'

/** @throws Unusable */
export function combinedTests(schema: SchemaObject, testOf: TestOf): Test[] {
  const tests: Test[] = schemasAt(schema, 'allOf').map((one) => {
    const test = testOf(one)
    return (value, at, run) => run.enter(test, value, at)
  })
  for (const kind of ['anyOf', 'oneOf'] as const) {
    const branches = schemasAt(schema, kind).map(testOf)
    if (branches.length > 0) tests.push(alternatives(branches, kind === 'oneOf'))
  }
  const not = keyword(schema, 'not')
  if (isSchema(not)) {
    const test = testOf(not)
    tests.push((value, at, run) => {
      const { failures, isUnsure } = run.probe(test, value, at)
      if (isUnsure) run.unsure()
      else if (failures.length === 0) {
        run.fail('out_of_bounds', at, 'none of what is excluded', value)
      }
    })
  }
  const condition = keyword(schema, 'if')
  if (isSchema(condition)) {
    const test = testOf(condition)
    const [then, otherwise] = ['then', 'else'].map((name) => {
      const one = keyword(schema, name)
      return isSchema(one) ? testOf(one) : null
    })
    tests.push((value, at, run) => {
      const { failures, isUnsure } = run.probe(test, value, at)
      const next = failures.length === 0 ? then : otherwise
      if (isUnsure) run.unsure()
      else if (next !== null && next !== undefined) run.enter(next, value, at)
    })
  }
  return tests
}

/** @throws Unusable */
export function schemasAt(schema: SchemaObject, name: string): readonly Schema[] {
  const value = keyword(schema, name)
  if (value === undefined) return []
  if (Array.isArray(value) && value.every(isSchema)) return value
  throw new Unusable(`\`${name}\` is no list of schemas`)
}

function alternatives(branches: readonly Test[], isOnlyOne: boolean): Test {
  return (value, at, run) => {
    const refused: Outcome[] = []
    let sure = 0
    let isUnsure = false
    for (const branch of branches) {
      const outcome = run.probe(branch, value, at)
      if (outcome.failures.length > 0) refused.push(outcome)
      else if (outcome.isUnsure) isUnsure = true
      else sure++
      if (sure === 1 && !isOnlyOne) return
    }
    if (refused.length === branches.length) run.add(nearest(refused, value, at))
    else if (isOnlyOne && sure > 1) {
      run.fail('out_of_bounds', at, `exactly one of ${branches.length} alternatives`, value)
    } else if (isUnsure) run.unsure()
  }
}

/**
 * What is wrong in the alternative that was meant, as far as that can be told: one that takes such a
 * type; of those the one whose marks fit; of those the one in which least is wrong.
 */
function nearest(refused: readonly Outcome[], value: Value, at: Site): readonly Failure[] {
  const typed = refused.filter(({ failures }) => otherType(failures, at) === null)
  if (typed.length === 0) {
    const expected = refused.map(({ failures }) => otherType(failures, at)?.expected ?? '')
    const words = [...new Set(expected.flatMap((text) => text.split(' or ')))].join(' or ')
    return [{ ...(otherType(refused[0]?.failures ?? [], at) as Failure), expected: words }]
  }
  const marks = typed.map(({ failures }) => failures.find((one) => isMark(one, at)))
  const [mark] = marks
  if (
    typed.length > 1 &&
    mark !== undefined &&
    marks.every((one) => one !== undefined && one.path === mark.path)
  ) {
    return [{ ...mark, expected: `one of ${typed.length} alternatives` }]
  }
  let best = typed[0] as Outcome
  for (const outcome of typed) if (costOf(outcome, at) < costOf(best, at)) best = outcome
  const kinds = new Set(best.failures.map(({ kind }) => kind))
  if (kinds.has('mixed') && [...kinds].every((kind) => kind === 'mixed' || kind === 'closed')) {
    // Each name is of some alternative, but no alternative has them all.
    const expected = `one of ${refused.length} alternatives`
    return [{ kind: 'out_of_bounds', path: at.path, expected, came: jsonTypeOf(value) }]
  }
  return best.failures
}

function otherType(failures: readonly Failure[], at: Site): Failure | null {
  return failures.find(({ kind, path }) => kind === 'type_changed' && path === at.path) ?? null
}

/** A value by which alternatives are told apart. */
function isMark({ kind, path }: Failure, at: Site): boolean {
  if (kind !== 'unseen_value') return false
  return path === at.path || path.indexOf('/', at.path.length + 1) === -1
}

const MARK_COST = 1_000

function costOf({ failures }: Outcome, at: Site): number {
  return failures.reduce((sum, failure) => sum + (isMark(failure, at) ? MARK_COST : 1), 0)
}
