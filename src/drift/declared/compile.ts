/**
 * JSON Schemas made ready to be held against values, drafts 4 to 2020-12.
 *
 * Our own, and no library that writes code: this runs inside somebody's process on schemas that come over
 * the network, takes values as readers make them, and must end in bounded time on schemas whose
 * alternatives multiply. Where a keyword is not known, or cannot be decided, nobody is accused:
 * `unevaluatedProperties`, `unevaluatedItems` and references that lead elsewhere by the way on which they
 * are reached are not known.
 */
import { combinedTests } from './combined-tests.ts'
import { listTests, recordTests } from './container-tests.ts'
import { type Documents, refOf } from './documents.ts'
import type { Test } from './run.ts'
import { enumTest, scalarTests, typeTest } from './scalar-tests.ts'
import { keyword, type Schema, type SchemaObject } from './schema-json.ts'

const pass: Test = () => {}
const refuse: Test = (value, at, run) => run.fail('out_of_bounds', at, 'nothing', value)

/** @throws Unusable */
export function compile(root: Schema, documents: Documents): Test {
  const tests = new Map<SchemaObject, Test>()
  const testOf = (schema: Schema): Test => {
    if (typeof schema === 'boolean') return schema ? pass : refuse
    // Made below, or being made: a schema may hold itself.
    let test: Test | null = null
    return (value, at, run) => {
      test ??= tests.get(schema) ?? pass
      test(value, at, run)
    }
  }
  for (const schema of documents.all) tests.set(schema, testOfObject(schema, documents, testOf))
  return typeof root === 'boolean' ? testOf(root) : (tests.get(root) ?? pass)
}

function testOfObject(
  schema: SchemaObject,
  documents: Documents,
  testOf: (schema: Schema) => Test,
): Test {
  const tests: Test[] = []
  const isUndecided = documents.isUndecided(schema)
  const ref = isUndecided ? null : refOf(schema)
  const target = ref === null ? null : documents.find(ref, schema)
  if (target !== null) {
    const test = testOf(target)
    tests.push((value, at, run) => run.enter(test, value, at))
    if (documents.isRefAlone) return joined(tests)
  }
  const type = typeTest(schema)
  const values = enumTest(schema)
  const rest = [
    ...scalarTests(schema),
    ...listTests(schema, testOf),
    ...recordTests(schema, testOf),
    ...combinedTests(schema, testOf),
  ]
  const isUnknown = ['unevaluatedProperties', 'unevaluatedItems'].some(
    (name) => keyword(schema, name) !== undefined,
  )
  if (isUnknown || isUndecided) {
    rest.push((_value, _at, run) => run.unsure())
  }
  tests.push((value, at, run) => {
    const expected = type === null ? null : type(value)
    if (expected !== null) {
      run.fail('type_changed', at, expected, value)
      return
    }
    values?.(value, at, run)
    for (const test of rest) test(value, at, run)
  })
  return joined(tests)
}

function joined(tests: readonly Test[]): Test {
  const [only] = tests
  if (tests.length === 1 && only !== undefined) return only
  return (value, at, run) => {
    for (const test of tests) test(value, at, run)
  }
}
