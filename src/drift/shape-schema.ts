/**
 * The Avro schema of a shape, as it lies in schemas/shape.avsc (a test compares them).
 *
 * As with frames, a change makes another fingerprint: once a version has been published it is made as a
 * new schema beside this one.
 */
import type { AvroField, AvroSchema } from '../base/avro-bounds.ts'
import {
  claims,
  FIELD_SYMBOLS_MAX,
  jsonTypes,
  oddities,
  SHAPE_IDS_MAX,
  SKETCH_MAX,
  unreadReasons,
} from './shape.ts'

const list = (items: AvroSchema): AvroSchema => ({ type: 'array', items })
const long = (name: string, doc?: string): AvroField => ({
  name,
  type: 'long',
  ...(doc === undefined ? {} : { doc }),
})
const ids = {
  name: 'ids',
  type: list('int'),
  doc: `the lowest, at most ${SHAPE_IDS_MAX}: indexes into the ids of the shape, ascending`,
} as const

const unread: AvroSchema = {
  type: 'record',
  name: 'Unread',
  fields: [
    { name: 'reason', type: { type: 'enum', name: 'UnreadReason', symbols: unreadReasons } },
    long('count'),
  ],
}

const oddity: AvroSchema = {
  type: 'record',
  name: 'Oddity',
  fields: [
    { name: 'kind', type: { type: 'enum', name: 'OddityKind', symbols: oddities } },
    { name: 'path', type: 'string' },
    { name: 'expected', type: 'string', doc: 'from the schema alone' },
    { name: 'came', type: 'string', doc: 'without values' },
    long('count', 'messages'),
    ids,
    { name: 'values', type: list('string'), doc: 'empty unless the plan says values' },
  ],
}

const spread: AvroSchema = {
  type: 'record',
  name: 'Spread',
  fields: [
    long('count'),
    { name: 'min', type: 'double' },
    { name: 'max', type: 'double' },
    { name: 'sum', type: 'double' },
    { name: 'squares', type: 'double' },
  ],
}

/** What the first version did not have: of shapes from then nothing is known of symbols. */
const symbols: readonly AvroField[] = [
  {
    name: 'symbols',
    doc: `of texts that a schema names, by code unit, at most ${FIELD_SYMBOLS_MAX}`,
    type: list({
      type: 'record',
      name: 'SymbolCount',
      fields: [{ name: 'symbol', type: 'string' }, long('count', 'occurrences')],
    }),
    default: [],
  },
  { ...long('moreSymbols', 'occurrences of named texts that are not kept'), default: 0 },
]

const field = (added: readonly AvroField[]): AvroSchema => ({
  type: 'record',
  name: 'Field',
  fields: [
    { name: 'path', type: 'string', doc: 'empty: the value as a whole' },
    { name: 'declared', type: 'boolean' },
    long('present', 'messages in which it stood'),
    long('nulls', 'messages in which it was null'),
    long('objects', 'messages in which it was an object or a map'),
    long('lists', 'messages in which it was a list'),
    {
      name: 'types',
      doc: 'occurrences',
      type: list({
        type: 'record',
        name: 'TypeCount',
        fields: [
          { name: 'type', type: { type: 'enum', name: 'JsonType', symbols: jsonTypes } },
          long('count'),
        ],
      }),
    },
    { name: 'length', type: ['null', spread], doc: 'UTF-16 units, bytes, or entries' },
    { name: 'number', type: ['null', 'Spread'] },
    {
      name: 'distinct',
      type: 'bytes',
      doc: `the lowest hashes of its scalars, at most ${SKETCH_MAX}: uint32 each, big-endian, ascending`,
    },
    ids,
    ...added,
  ],
})

type ShapeSchema = AvroSchema & { readonly namespace: string; readonly doc: string }

const schema = (added: readonly AvroField[]): ShapeSchema => ({
  type: 'record',
  name: 'Shape',
  namespace: 'quipu',
  doc: 'What the messages of one hop and window looked like. Single-object encoded.',
  fields: [
    { name: 'oneIn', type: 'int', doc: '1: all were looked at; n: one in n, chosen by hash' },
    { name: 'declared', type: 'string', doc: '16 hex digits: what it was held against; or empty' },
    long('tombstones', 'values that are null'),
    {
      name: 'ids',
      doc: 'every message that is named below, once, ascending',
      type: list({ type: 'fixed', name: 'MessageId', size: 16 }),
    },
    {
      name: 'variants',
      doc: 'by claim, schema, type',
      type: list({
        type: 'record',
        name: 'Variant',
        fields: [
          { name: 'claim', type: 'string', doc: `one of ${claims.join(', ')}` },
          { name: 'schema', type: 'string', doc: 'its id in the registry; empty: none' },
          { name: 'type', type: 'string', doc: 'Protobuf: the indexes of the message' },
          long('count', 'messages'),
          long('invalid'),
          { name: 'unread', type: list(unread), doc: 'nothing is known of these' },
          ids,
          { name: 'oddities', type: list(oddity), doc: 'by kind, path' },
          long('moreOddities', 'of oddities that are not kept'),
          {
            name: 'fields',
            type: list(field(added)),
            doc: 'declared first, then by depth, then by path',
          },
          long('moreFields', 'occurrences of fields that are not kept'),
        ],
      }),
    },
  ],
})

export const shapeSchema: ShapeSchema = schema(symbols)
/** As auditors and agents of before wrote it. */
export const firstShapeSchema: ShapeSchema = schema([])
