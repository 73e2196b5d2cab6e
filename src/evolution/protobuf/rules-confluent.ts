/** The errors of the Confluent Schema Registry, in the order of its list. */
import { incompatible, type ProtobufRule } from './rule.ts'

const sets = ['confluent'] as const

const rule = (
  name: string,
  texts: readonly [purpose: string, fix: string],
  example: readonly [string, string],
): ProtobufRule => incompatible(`PROTO_${name}`, sets, [name, null], texts, example)

export const confluentRules: readonly ProtobufRule[] = [
  rule(
    'PACKAGE_CHANGED',
    [
      'Checks that the package stays the same.',
      'Keep the package; a new one is a new schema, under a subject of its own.',
    ],
    ['package orders.v1;', 'package orders.v2;'],
  ),
  rule(
    'MESSAGE_REMOVED',
    [
      'Checks that no message is removed: a reader must find the one that was written.',
      'Keep the message, if only as deprecated, until nothing of it is left in the topic.',
    ],
    ['message Order {} message Refund {}', 'message Order {}'],
  ),
  rule(
    'FIELD_KIND_CHANGED',
    [
      'Checks that a field stays a scalar, a message, a group or a map.',
      'Add a field with a new number, and reserve the old one.',
    ],
    ['message Order { string buyer = 1; }', 'message Order { Buyer buyer = 1; } message Buyer {}'],
  ),
  rule(
    'FIELD_SCALAR_KIND_CHANGED',
    [
      'Checks that a scalar stays in its group on the wire: varint, zigzag, 32 or 64 bits, float, double, string.',
      'Add a field with a new number, and reserve the old one.',
    ],
    ['message Order { int32 total = 1; }', 'message Order { string total = 1; }'],
  ),
  rule(
    'FIELD_NAMED_TYPE_CHANGED',
    [
      'Checks that a field keeps the message it is of.',
      'Add a field of the new type with a new number, and reserve the old one.',
    ],
    [
      'message Order { Buyer by = 1; } message Buyer {} message Agent {}',
      'message Order { Agent by = 1; } message Buyer {} message Agent {}',
    ],
  ),
  rule(
    'FIELD_NUMERIC_LABEL_CHANGED',
    [
      'Checks that a number stays optional, required or repeated, where it says so.',
      'Add a field with the new label and a new number.',
    ],
    ['message Order { optional int32 total = 1; }', 'message Order { repeated int32 total = 1; }'],
  ),
  rule(
    'REQUIRED_FIELD_ADDED',
    [
      'Checks that no required field is added: what was written before has none.',
      'Make the new field optional.',
    ],
    ['message Order {}', 'message Order { required string id = 1; }'],
  ),
  rule(
    'REQUIRED_FIELD_REMOVED',
    ['Checks that no required field is removed: older readers insist on it.', 'Keep the field.'],
    ['message Order { required string id = 1; }', 'message Order {}'],
  ),
  rule(
    'ONEOF_FIELD_REMOVED',
    [
      'Checks that a oneof keeps its fields, unless it goes as a whole: a reader would see none of them set.',
      'Keep the field in the oneof, if only as deprecated.',
    ],
    [
      'message Order { oneof by { string card = 1; string cash = 2; } }',
      'message Order { oneof by { string card = 1; } }',
    ],
  ),
  rule(
    'MULTIPLE_FIELDS_MOVED_TO_ONEOF',
    [
      'Checks that fields which could be set together are not moved into one oneof: all but one would be lost.',
      'Make a oneof of new fields, and leave the old ones where they are.',
    ],
    [
      'message Order { string card = 1; string cash = 2; }',
      'message Order { oneof by { string card = 1; string cash = 2; } }',
    ],
  ),
  rule(
    'FIELD_MOVED_TO_EXISTING_ONEOF',
    [
      'Checks that a field is not moved to others in a oneof with which it could be set before.',
      'Leave the field where it is, and add a new one to the oneof.',
    ],
    [
      'message Order { string card = 1; oneof by { string cash = 2; } }',
      'message Order { oneof by { string card = 1; string cash = 2; } }',
    ],
  ),
  incompatible(
    'PROTO_TOO_COMPLEX',
    ['confluent', 'karapace'],
    [null, null],
    [
      'Checks that every pair of messages could be compared: nothing is said of what was not looked at.',
      'Split the schema.',
    ],
    ['messages of one name in hundreds of packages', 'each used by the others'],
  ),
]
