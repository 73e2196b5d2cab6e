/** Rules about single values: types, patterns, multiples, lists of values. */
import { incompatible, type JsonRule } from '../rule.ts'

export const valueRules: readonly JsonRule[] = [
  incompatible('TYPE_CHANGED', {
    purpose: 'The type, or the kind of schema, is another one, and does not hold the old one.',
    sentence: 'The reader expects {reader}; the writer writes {writer}.',
    fix: 'Keep the type, or accept both with `anyOf`.',
    before: { type: 'string' },
    after: { type: 'boolean' },
  }),
  incompatible('TYPE_NARROWED', {
    purpose: 'Any number was allowed, and now only whole ones are.',
    sentence: 'The reader expects {reader}; the writer writes any {writer}.',
    fix: 'Keep `number`.',
    before: { type: 'number' },
    after: { type: 'integer' },
  }),
  incompatible('MULTIPLE_OF_ADDED', {
    purpose: '`multipleOf` was not there before.',
    sentence: 'Numbers must be multiples of {reader}; the writer writes others as well.',
    fix: 'Remove `multipleOf`.',
    before: { type: 'number' },
    after: { type: 'number', multipleOf: 5 },
  }),
  incompatible('MULTIPLE_OF_EXPANDED', {
    purpose: '`multipleOf` is a multiple of what it was: fewer numbers are left.',
    sentence: 'Numbers must be multiples of {reader}; the writer writes multiples of {writer}.',
    fix: 'Keep `multipleOf`, or use a divisor of it.',
    before: { type: 'number', multipleOf: 5 },
    after: { type: 'number', multipleOf: 10 },
  }),
  incompatible('MULTIPLE_OF_CHANGED', {
    purpose: '`multipleOf` is another one, and no divisor of what it was.',
    sentence: 'Numbers must be multiples of {reader}; the writer writes multiples of {writer}.',
    fix: 'Keep `multipleOf`, or use a divisor of it.',
    before: { type: 'number', multipleOf: 7 },
    after: { type: 'number', multipleOf: 13 },
  }),
  incompatible('PATTERN_ADDED', {
    purpose: '`pattern` was not there before.',
    sentence: 'Strings must match `{reader}`; the writer writes any.',
    fix: 'Remove `pattern`, or check it where values are made.',
    before: { type: 'string' },
    after: { type: 'string', pattern: '^[a-z]+$' },
  }),
  incompatible('PATTERN_CHANGED', {
    purpose: '`pattern` is written differently. What both mean is not looked into.',
    sentence: 'Strings must match `{reader}`; the writer writes what matches `{writer}`.',
    fix: 'Keep `pattern`. If the new one accepts all that the old one does, suppress this finding.',
    before: { type: 'string', pattern: '^[a-z]+$' },
    after: { type: 'string', pattern: '^[a-c]+$' },
  }),
  ...annotated('FORMAT', 'format', 'date', 'date-time'),
  ...annotated('CONTENT_ENCODING', 'contentEncoding', 'base64', 'base32'),
  ...annotated('CONTENT_MEDIA_TYPE', 'contentMediaType', 'text/plain', 'image/png'),
  incompatible('ENUM_ARRAY_NARROWED', {
    purpose: 'Values are no longer in `enum`.',
    sentence: 'The reader does not know {missing}, which the writer may write.',
    fix: 'Keep the values until nobody writes them and none is left in a topic.',
    before: { enum: ['a', 'b'] },
    after: { enum: ['a'] },
  }),
  incompatible('ENUM_ARRAY_CHANGED', {
    purpose: 'Values of `enum` or `const` were replaced by others.',
    sentence: 'The reader does not know {missing}, which the writer may write.',
    fix: 'Add the new values, and keep the old ones.',
    before: { const: 'a' },
    after: { const: 'b' },
  }),
]

/** Assertions up to draft 7, as far as validators care. The registry does not compare them. */
function annotated(name: string, keyword: string, old: string, next: string): JsonRule[] {
  const fix = `Keep \`${keyword}\` as it is, or remove it.`
  const type = 'string'
  const texts = { fix, isOurs: true, isLenient: true }
  return [
    incompatible(`${name}_ADDED`, {
      purpose: `\`${keyword}\` was not there before; validators of the draft may refuse by it.`,
      sentence: `Strings must be of \`${keyword}: {reader}\`; the writer writes any.`,
      before: { type },
      after: { type, [keyword]: next },
      ...texts,
    }),
    incompatible(`${name}_CHANGED`, {
      purpose: `\`${keyword}\` is another one; validators of the draft may refuse by it.`,
      sentence: `Strings must be of \`${keyword}: {reader}\`; the writer writes {writer}.`,
      before: { type, [keyword]: old },
      after: { type, [keyword]: next },
      ...texts,
    }),
  ]
}
