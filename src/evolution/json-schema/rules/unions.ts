/** Rules about schemas that are made of schemas, and about what cannot be compared. */
import { incompatible, type JsonRule } from '../rule.ts'

const text = { type: 'string' }
const number = { type: 'number' }
const truth = { type: 'boolean' }
// As text: an object with a `then` is taken for a promise.
const condition = '"if":{"properties":{"a":{"const":1}}}'
const then = '"then":{"required":["b"]}'

export const unionRules: readonly JsonRule[] = [
  incompatible('COMBINED_TYPE_CHANGED', {
    purpose: '`allOf`, `anyOf` or `oneOf` became one that accepts less.',
    sentence: '{writer} became {reader}, which accepts less.',
    fix: 'Use `anyOf`, which accepts the most.',
    before: { anyOf: [text, number] },
    after: { allOf: [text, number] },
  }),
  incompatible('COMBINED_TYPE_SUBSCHEMAS_CHANGED', {
    purpose: 'Schemas within a union have no counterpart of their own that accepts them.',
    sentence: 'Of {writer} schemas of the writer and {reader} here, only {matched} fit each other.',
    fix: 'Keep the schemas of the union, and add new ones beside them.',
    before: { oneOf: [text, number] },
    after: { oneOf: [text, truth] },
  }),
  incompatible('PRODUCT_TYPE_EXTENDED', {
    purpose: '`allOf` holds more schemas than before: all of them must fit.',
    sentence: 'All of {reader} schemas must fit here; the writer keeps {writer}.',
    fix: 'Do not add to `allOf`.',
    before: { allOf: [{ minimum: 1 }, { maximum: 9 }] },
    after: { allOf: [{ minimum: 1 }, { maximum: 9 }, { multipleOf: 2 }] },
  }),
  incompatible('SUM_TYPE_NARROWED', {
    purpose: '`anyOf` or `oneOf` holds fewer schemas than before.',
    sentence: 'The writer may write any of {writer} kinds; {reader} are left here.',
    fix: 'Keep the schemas of the union until nobody writes what they accept.',
    before: { oneOf: [text, number, truth] },
    after: { oneOf: [text, number] },
  }),
  incompatible('NOT_TYPE_EXTENDED', {
    purpose: '`not` forbids more than before.',
    sentence: 'More is forbidden by `not` here than for the writer.',
    fix: 'Forbid no more than before.',
    before: { not: { type: 'integer' } },
    after: { not: number },
  }),
  incompatible('CONDITION_CHANGED', {
    purpose: '`if` is another one, so that other values go into `then` and `else`.',
    sentence: '`if` is written differently, and with it who must fit `then` and `else`.',
    fix: 'Keep `if` as it was.',
    before: `{${condition},${then}}`,
    after: `{"if":{"properties":{"a":{"const":2}}},${then}}`,
    isOurs: true,
  }),
  incompatible('CONDITIONAL_BRANCH_ADDED', {
    purpose: '`then` or `else` was not there before.',
    sentence: 'What goes here must fit a schema; the writer does not ask for that.',
    fix: 'Do not add `then` or `else`.',
    before: `{${condition},${then}}`,
    after: `{${condition},${then},"else":{"required":["c"]}}`,
    isOurs: true,
  }),
  incompatible('NOT_COMPARED', {
    purpose:
      'The schemas are too large or too deep to be compared within the limits of the engine.',
    sentence: 'The schemas could not be compared: {reason}. Nothing is said of them.',
    fix: 'Split the schema, or give unions fewer branches.',
    before: true,
    after: true,
    isOurs: true,
  }),
]
