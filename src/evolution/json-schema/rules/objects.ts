/** Rules about objects. */
import { incompatible, type JsonRule } from '../rule.ts'

const modern = 'https://json-schema.org/draft/2020-12/schema'
const text = { type: 'string' }
const close = 'Set `additionalProperties: false` a version earlier, or use policy LENIENT.'

export const objectRules: readonly JsonRule[] = [
  incompatible('OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL', {
    purpose:
      'A property was added; before, any name was allowed, so that it may have been written as something else.',
    sentence: '`{property}` is new here; the writer allows any name, and this one with any value.',
    fix: close,
    before: { type: 'object', properties: {} },
    after: { type: 'object', properties: { x: text } },
    isLenient: true,
  }),
  incompatible('REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL', {
    purpose: 'A required property with a default was added; before, any name was allowed.',
    sentence: '`{property}` is new here; the writer allows any name, and this one with any value.',
    fix: close,
    before: { type: 'object', properties: {} },
    after: { type: 'object', properties: { x: { ...text, default: '' } }, required: ['x'] },
    isLenient: true,
  }),
  incompatible('REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL', {
    purpose: 'A required property without a default was added.',
    sentence: '`{property}` is required here; the writer does not know it.',
    fix: 'Make it optional or give it a default, and see the rule for optional ones.',
    before: { type: 'object', properties: {} },
    after: { type: 'object', properties: { x: text }, required: ['x'] },
  }),
  incompatible('REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL', {
    purpose: 'A required property without a default was added; before, other names were refused.',
    sentence: '`{property}` is required here; the writer does not know it.',
    fix: 'Make it optional, or give it a default.',
    before: { type: 'object', properties: {}, additionalProperties: false },
    after: {
      ...{ type: 'object', additionalProperties: false },
      ...{ properties: { x: text }, required: ['x'] },
    },
  }),
  incompatible('PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', {
    purpose:
      'A property was added; before, other names were held against a schema that does not fit it.',
    sentence: '`{property}` is new here; the writer may write it as something else.',
    fix: 'Let the new property accept what other names were held against.',
    before: { type: 'object', additionalProperties: { type: 'number' } },
    after: {
      ...{ type: 'object', properties: { x: text } },
      additionalProperties: { type: 'number' },
    },
    isLenient: true,
  }),
  incompatible('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', {
    purpose: 'A property was removed, and names that are not listed are refused.',
    sentence: 'The writer may write `{property}`, which is not listed here and so refused.',
    fix: 'Keep the property, or allow other names.',
    before: { type: 'object', properties: { x: text }, additionalProperties: false },
    after: { type: 'object', properties: {}, additionalProperties: false },
    isLenient: true,
  }),
  incompatible('PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', {
    purpose: 'A property was removed, and other names are held against a schema that refuses it.',
    sentence: 'The writer may write `{property}`, which does not fit what other names must be.',
    fix: 'Keep the property, or widen what other names may be.',
    before: {
      ...{ type: 'object', properties: { x: text } },
      additionalProperties: { type: 'number' },
    },
    after: { type: 'object', additionalProperties: { type: 'number' } },
    isLenient: true,
  }),
  incompatible('REQUIRED_ATTRIBUTE_ADDED', {
    purpose: 'A property that was optional is required, and has no default.',
    sentence: '`{property}` is required here; the writer may leave it out.',
    fix: 'Give it a default, or leave it optional.',
    before: { type: 'object', properties: { x: text } },
    after: { type: 'object', properties: { x: text }, required: ['x'] },
  }),
  incompatible('REQUIRED_NAME_ADDED', {
    purpose: 'A name is required by an object that lists no properties.',
    sentence: '`{property}` is required here; the writer may leave it out.',
    fix: 'Leave it optional.',
    before: { type: 'object' },
    after: { type: 'object', required: ['x'] },
    isOurs: true,
  }),
  ...rest('ADDITIONAL_PROPERTIES', { type: 'object' }, 'additionalProperties'),
  ...rest('UNEVALUATED_PROPERTIES', { $schema: modern, type: 'object' }, 'unevaluatedProperties'),
  incompatible('PATTERN_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL', {
    purpose: 'Names of a pattern are held against a schema; before, they could be anything.',
    sentence: 'Names that match `{pattern}` must fit a schema here; the writer allows anything.',
    fix: close,
    before: { type: 'object' },
    after: { type: 'object', patternProperties: { '^x': text } },
    isOurs: true,
    isLenient: true,
  }),
  incompatible('PATTERN_PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', {
    purpose: 'Names of a pattern are no longer allowed, and what is not listed is refused.',
    sentence: 'The writer may write names that match `{pattern}`, which are refused here.',
    fix: 'Keep the pattern, or allow other names.',
    before: { type: 'object', patternProperties: { '^x': text }, additionalProperties: false },
    after: { type: 'object', patternProperties: {}, additionalProperties: false },
    isOurs: true,
    isLenient: true,
  }),
  incompatible('PROPERTY_NAMES_ADDED', {
    purpose: '`propertyNames` was not there before.',
    sentence: 'Names of properties must fit a schema here; the writer allows others.',
    fix: 'Remove `propertyNames`.',
    before: { type: 'object' },
    after: { type: 'object', propertyNames: { maxLength: 3 } },
    isOurs: true,
  }),
  ...dependencies(),
]

function rest(name: string, schema: object, keyword: string): JsonRule[] {
  return [
    incompatible(`${name}_REMOVED`, {
      purpose: `\`${keyword}\` refuses what was allowed before.`,
      sentence: `\`${keyword}: false\` refuses what the writer allows.`,
      fix: `Leave \`${keyword}\` as it was, or use policy LENIENT.`,
      before: schema,
      after: { ...schema, [keyword]: false },
      isLenient: true,
    }),
    incompatible(`${name}_NARROWED`, {
      purpose: `\`${keyword}\` holds against a schema what could be anything before.`,
      sentence: `What is not listed must fit \`${keyword}\` here; the writer allows anything.`,
      fix: `Leave \`${keyword}\` as it was, or use policy LENIENT.`,
      before: schema,
      after: { ...schema, [keyword]: text },
      isLenient: true,
    }),
  ]
}

function dependencies(): JsonRule[] {
  const object = (names: readonly string[]) => ({ type: 'object', dependencies: { a: names } })
  const fix = 'Leave what the property asks for as it was.'
  const sentence = 'With `{property}`, {added} must be there; the writer does not ask for that.'
  return [
    incompatible('DEPENDENCY_ARRAY_ADDED', {
      ...{
        purpose: 'The presence of a property asks for others, and did not before.',
        sentence,
        fix,
      },
      before: { type: 'object' },
      after: object(['b']),
    }),
    incompatible('DEPENDENCY_ARRAY_EXTENDED', {
      ...{ purpose: 'The presence of a property asks for more others than before.', sentence, fix },
      before: object(['b']),
      after: object(['b', 'c']),
    }),
    incompatible('DEPENDENCY_ARRAY_CHANGED', {
      ...{ purpose: 'The presence of a property asks for other ones than before.', sentence, fix },
      before: object(['b']),
      after: object(['c']),
    }),
    incompatible('DEPENDENCY_SCHEMA_ADDED', {
      purpose: 'The presence of a property holds the object against a schema, and did not before.',
      sentence:
        'With `{property}`, the object must fit a schema; the writer does not ask for that.',
      fix,
      before: { type: 'object' },
      after: { type: 'object', dependencies: { a: { minProperties: 2 } } },
    }),
  ]
}
