/** The incompatible modifications of Karapace. */
import { incompatible, type ProtobufRule } from './rule.ts'

const rule = (
  name: string,
  texts: readonly [purpose: string, fix: string],
  example: readonly [string, string],
): ProtobufRule =>
  incompatible(`PROTO_KARAPACE_${name}`, ['karapace'], [null, name], texts, example)

const newNumber = 'Add a field with a new number, and reserve the old one.'

export const karapaceRules: readonly ProtobufRule[] = [
  rule(
    'MESSAGE_DROP',
    ['Checks that no message is removed.', 'Keep the message.'],
    ['message Order {} message Refund {}', 'message Order {}'],
  ),
  rule(
    'FIELD_LABEL_ALTER',
    ['Checks that a number keeps its label, also where none is written.', newNumber],
    ['message Order { int32 total = 1; }', 'message Order { repeated int32 total = 1; }'],
  ),
  rule(
    'FIELD_KIND_ALTER',
    ['Checks that a field stays a message, a map, or in its group on the wire.', newNumber],
    ['message Order { int32 total = 1; }', 'message Order { string total = 1; }'],
  ),
  rule(
    'FIELD_TYPE_ALTER',
    ['Checks that a field of an imported type that is not known here keeps it.', newNumber],
    [
      'import "google/protobuf/timestamp.proto"; message Order { google.protobuf.Timestamp at = 1; }',
      'import "google/protobuf/duration.proto"; message Order { google.protobuf.Duration at = 1; }',
    ],
  ),
  rule(
    'FIELD_TAG_ALTER',
    ['Checks that a field keeps its number.', 'Give the field its old number back.'],
    ['message Order { string id = 1; }', 'message Order { string id = 2; }'],
  ),
  rule(
    'ONE_OF_FIELD_DROP',
    ['Checks that a oneof that stays keeps its fields.', 'Keep the field in the oneof.'],
    [
      'message Order { oneof by { string card = 1; string cash = 2; } }',
      'message Order { oneof by { string card = 1; } }',
    ],
  ),
  rule(
    'FEW_FIELDS_CONVERTED_TO_ONE_OF',
    [
      'Checks that no two fields are moved into one oneof.',
      'Make a oneof of new fields, and leave the old ones where they are.',
    ],
    [
      'message Order { string card = 1; string cash = 2; }',
      'message Order { oneof by { string card = 1; string cash = 2; } }',
    ],
  ),
]
