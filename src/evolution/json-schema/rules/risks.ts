/** Rules about what can be read and is likely not meant, or what registries pass over. */
import { type JsonRule, risk } from '../rule.ts'

const text = { type: 'string' }
const modern = 'https://json-schema.org/draft/2020-12/schema'

export const riskRules: readonly JsonRule[] = [
  risk('FORMAT_NOT_COMPARED', {
    purpose: '`format` changed. Registries do not compare it, and not every validator looks at it.',
    sentence: '`format` was {before} and is {after}; registries do not compare it.',
    fix: 'Make sure that readers can take the new form, and that old data has it.',
    before: { $schema: modern, type: 'string', format: 'date' },
    after: { $schema: modern, type: 'string', format: 'date-time' },
  }),
  risk('CONTENT_NOT_COMPARED', {
    purpose:
      '`contentEncoding`, `contentMediaType` or `contentSchema` changed: readers decode by them.',
    sentence: '`{keyword}` was {before} and is {after}; registries do not compare it.',
    fix: 'Make sure that readers decode both.',
    before: { $schema: modern, type: 'string', contentEncoding: 'base64' },
    after: { $schema: modern, type: 'string', contentEncoding: 'base32' },
  }),
  risk('PATTERN_MEANING', {
    purpose: '`pattern` changed. It is compared as text: what both mean is not known.',
    sentence: '`pattern` was {before} and is {after}; only the text of patterns is compared.',
    fix: 'Make sure that the new pattern accepts all that the old one does.',
    before: { type: 'string', pattern: '^[a-z]+$' },
    after: { type: 'string', pattern: '^[a-z0-9]+$' },
  }),
  risk('CONTAINS_NOT_COMPARED', {
    purpose: '`contains` changed. Registries do not compare it.',
    sentence: '`contains` changed; registries do not compare it.',
    fix: 'Make sure that arrays of the old version still hold what is asked for.',
    before: { type: 'array', contains: text },
    after: { type: 'array', contains: { type: 'number' } },
  }),
  risk('PROPERTY_NAMES_NOT_COMPARED', {
    purpose: '`propertyNames` changed. Registries do not compare it.',
    sentence: '`propertyNames` changed; registries do not compare it.',
    fix: 'Make sure that names of the old version are still accepted.',
    before: { type: 'object' },
    after: { type: 'object', propertyNames: { maxLength: 3 } },
  }),
  risk('PATTERN_PROPERTIES_NOT_COMPARED', {
    purpose: '`patternProperties` changed. Registries do not compare their schemas.',
    sentence: '`patternProperties` changed; registries do not compare their schemas.',
    fix: 'Make sure that properties of the old version still fit.',
    before: { type: 'object', patternProperties: { '^x': text } },
    after: { type: 'object', patternProperties: { '^x': { type: 'number' } } },
  }),
  risk('CONDITION_NOT_COMPARED', {
    purpose: '`if`, `then` or `else` changed. Registries do not compare them.',
    sentence: '`{keyword}` changed; registries do not compare it.',
    fix: 'Make sure that what was valid before still is.',
    // As text: an object with a `then` is taken for a promise.
    before: '{"if":{"required":["a"]},"then":{"required":["b"]}}',
    after: '{"if":{"required":["a"]},"then":{"required":["c"]}}',
  }),
  risk('REQUIRED_NAME_NOT_COMPARED', {
    purpose: 'A name is required that is not listed in `properties`. Registries pass over it.',
    sentence: '`{property}` is required and not listed in `properties`: registries pass over it.',
    fix: 'List it in `properties`, or do not require it.',
    before: { type: 'object', properties: { a: text } },
    after: { type: 'object', properties: { a: text }, required: ['b'] },
  }),
  risk('REQUIRED_FILLED_BY_DEFAULT', {
    purpose: 'A property became required, and has a default: validators do not fill it in.',
    sentence: '`{property}` became required; its default is an annotation, and old data lacks it.',
    fix: 'Make sure that readers fill in the default before they validate.',
    before: { type: 'object', properties: { a: text } },
    after: { type: 'object', properties: { a: { ...text, default: '' } }, required: ['a'] },
  }),
  risk('TYPE_ADDED', {
    purpose:
      'Other types were accepted, and now `type` refuses them. Registries take both for alike.',
    sentence: '`type: {after}` refuses other types, which were accepted before.',
    fix: 'Make sure that nothing else was ever written.',
    before: { properties: { a: text } },
    after: { type: 'object', properties: { a: text } },
  }),
  risk('DEFAULT_CHANGED', {
    purpose: 'A default changed: the same data means something else to a reader that fills it in.',
    sentence: 'The default was {before} and is {after}.',
    fix: 'Write the value out instead, or keep the default.',
    before: { type: 'string', default: 'EUR' },
    after: { type: 'string', default: 'USD' },
  }),
]
