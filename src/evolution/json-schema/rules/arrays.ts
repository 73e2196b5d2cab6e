/** Rules about arrays. */
import { incompatible, type JsonRule } from '../rule.ts'

const modern = 'https://json-schema.org/draft/2020-12/schema'
const text = { type: 'string' }
const number = { type: 'number' }

export const arrayRules: readonly JsonRule[] = [
  incompatible('SCHEMA_ADDED', {
    purpose: 'Items are held against a schema, and could be anything before.',
    sentence: 'Items must fit a schema here; the writer allows anything.',
    fix: 'Remove the schema of the items, or let it accept anything.',
    before: { type: 'array' },
    after: { type: 'array', items: text },
  }),
  incompatible('UNIQUE_ITEMS_ADDED', {
    purpose: '`uniqueItems` was not there before.',
    sentence: 'Items must differ from each other here; the writer may repeat them.',
    fix: 'Remove `uniqueItems`.',
    before: { type: 'array' },
    after: { type: 'array', uniqueItems: true },
  }),
  incompatible('CONTAINS_ADDED', {
    purpose: '`contains` was not there before.',
    sentence: 'One item at least must fit `contains`; the writer does not ask for that.',
    fix: 'Remove `contains`.',
    before: { type: 'array' },
    after: { type: 'array', contains: text },
    isOurs: true,
  }),
  incompatible('CONTAINS_EXTENDED', {
    purpose: 'More items count for `maxContains` than before.',
    sentence: 'More items count for `maxContains` here than for the writer.',
    fix: 'Leave `contains` as it was.',
    before: { $schema: modern, contains: { type: 'integer' }, maxContains: 2 },
    after: { $schema: modern, contains: number, maxContains: 2 },
    isOurs: true,
  }),
  incompatible('ITEM_ADDED_TO_OPEN_CONTENT_MODEL', {
    purpose: 'An item was added to a list after which anything could follow.',
    sentence: 'Item {item} must fit a schema here; the writer allows anything there.',
    fix: 'Refuse further items a version earlier.',
    before: { type: 'array', items: [text] },
    after: { type: 'array', items: [text, number] },
  }),
  incompatible('ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', {
    purpose: 'An item was added that does not accept what could follow the list before.',
    sentence: 'The writer may write item {item} as something else.',
    fix: 'Let the new item accept what could follow the list.',
    before: { type: 'array', items: [text], additionalItems: text },
    after: { type: 'array', items: [text, number], additionalItems: text },
  }),
  incompatible('ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL', {
    purpose: 'An item was removed from a list that nothing may follow.',
    sentence: 'The writer may write item {item}, which is refused here.',
    fix: 'Keep the item, or allow further ones.',
    before: { type: 'array', items: [text, number], additionalItems: false },
    after: { type: 'array', items: [text], additionalItems: false },
  }),
  incompatible('ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL', {
    purpose: 'An item was removed, and does not fit what may follow the list.',
    sentence: 'The writer may write item {item}, which does not fit what may follow here.',
    fix: 'Keep the item, or widen what may follow.',
    before: { type: 'array', items: [text, number], additionalItems: text },
    after: { type: 'array', items: [text], additionalItems: text },
  }),
  ...rest('ADDITIONAL_ITEMS', { type: 'array', items: [text] }, 'additionalItems'),
  ...rest('UNEVALUATED_ITEMS', { $schema: modern, type: 'array' }, 'unevaluatedItems'),
]

function rest(name: string, schema: object, keyword: string): JsonRule[] {
  const fix = `Leave \`${keyword}\` as it was.`
  return [
    incompatible(`${name}_REMOVED`, {
      purpose: `\`${keyword}\` refuses what was allowed before.`,
      sentence: `\`${keyword}: false\` refuses further items, which the writer allows.`,
      fix,
      before: schema,
      after: { ...schema, [keyword]: false },
    }),
    incompatible(`${name}_NARROWED`, {
      purpose: `\`${keyword}\` holds against a schema what could be anything before.`,
      sentence: `Further items must fit \`${keyword}\` here; the writer allows anything.`,
      fix,
      before: schema,
      after: { ...schema, [keyword]: text },
    }),
  ]
}
