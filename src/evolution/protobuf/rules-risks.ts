/** What a registry lets pass, and is likely not meant: it reads, and perhaps something else. */
import { type ProtobufRule, risk } from './rule.ts'

const newNumber = 'Add a field with a new number, and reserve the old one.'

export const riskRules: readonly ProtobufRule[] = [
  risk(
    'PROTO_FIELD_NUMBER_REUSED',
    'FIELD_NAME_CHANGED',
    [
      'Checks that the number of a field is not given to another one, nor one that was reserved.',
      'Take a number that was never used.',
    ],
    ['message Order { string coupon = 3; }', 'message Order { bytes image = 3; }'],
  ),
  risk(
    'PROTO_FIELD_NUMBER_CHANGED',
    'FIELD_REMOVED',
    [
      'Checks that a field keeps its number: what was written under the old one is not found.',
      'Give the field its old number back.',
    ],
    ['message Order { string id = 1; }', 'message Order { string id = 2; }'],
  ),
  risk(
    'PROTO_FIELD_REMOVED_UNRESERVED',
    'FIELD_REMOVED',
    [
      'Checks that a field that goes leaves its number and its name reserved: somebody will take them again.',
      'Reserve the number and the name.',
    ],
    ['message Order { string id = 1; }', 'message Order {}'],
  ),
  risk(
    'PROTO_FIELD_JSON_RENAMED',
    'FIELD_NAME_CHANGED',
    [
      'Checks that a field keeps its name in JSON, and in everything that is derived from names.',
      'Give the field its old name back, or set `json_name` to it.',
    ],
    ['message Order { string id = 1; }', 'message Order { string key = 1; }'],
  ),
  risk(
    'PROTO_FIELD_NUMBER_NARROWED',
    null,
    [
      'Checks that every number which could be written is read as the same: no fewer bits, no other sign.',
      'Keep the wider type, or add a field with a new number.',
    ],
    ['message Order { int64 total = 1; }', 'message Order { int32 total = 1; }'],
  ),
  risk(
    'PROTO_FIELD_BYTES_TO_STRING',
    null,
    ['Checks that bytes do not become a string: they need not be UTF-8.', newNumber],
    ['message Order { bytes key = 1; }', 'message Order { string key = 1; }'],
  ),
  risk(
    'PROTO_FIELD_ENUM_CHANGED',
    null,
    [
      'Checks that a field keeps its enum: the numbers of another one mean something else.',
      newNumber,
    ],
    [
      'message Order { Color by = 1; } enum Color { RED = 0; } enum Shape { ROUND = 0; }',
      'message Order { Shape by = 1; } enum Color { RED = 0; } enum Shape { ROUND = 0; }',
    ],
  ),
  risk(
    'PROTO_FIELD_CARDINALITY_CHANGED',
    'FIELD_STRING_OR_BYTES_LABEL_CHANGED',
    [
      'Checks that a field stays single or repeated: of a list a single field keeps the last item, or none.',
      'Add a field with the new label and a new number.',
    ],
    ['message Order { repeated string tag = 1; }', 'message Order { string tag = 1; }'],
  ),
  risk(
    'PROTO_FIELD_REQUIRED_CHANGED',
    'FIELD_STRING_OR_BYTES_LABEL_CHANGED',
    [
      'Checks that a field does not become required, nor stops to be: one side insists on it.',
      'Keep the label.',
    ],
    ['message Order { optional string id = 1; }', 'message Order { required string id = 1; }'],
  ),
  risk(
    'PROTO_FIELD_PRESENCE_CHANGED',
    null,
    [
      'Checks that whether a field was set can be told as before: a zero and nothing look the same without.',
      'Keep `optional` where it is, and do not add it.',
    ],
    ['message Order { optional int32 total = 1; }', 'message Order { int32 total = 1; }'],
  ),
  risk(
    'PROTO_FIELD_DEFAULT_CHANGED',
    null,
    [
      'Checks that a field keeps its default: what was not written is read as the new one.',
      'Keep the default.',
    ],
    [
      'syntax = "proto2"; message Order { optional int32 total = 1 [default = 5]; }',
      'syntax = "proto2"; message Order { optional int32 total = 1 [default = 6]; }',
    ],
  ),
  risk(
    'PROTO_FIELD_ONEOF_CHANGED',
    'ONEOF_FIELD_MOVED_TO_TOP_LEVEL',
    [
      'Checks that a field stays in its oneof, or outside of any: generated code asks for it elsewhere.',
      'Leave the field where it is, and add a new one.',
    ],
    ['message Order { string card = 1; }', 'message Order { oneof by { string card = 1; } }'],
  ),
  risk(
    'PROTO_ENUM_ZERO_CHANGED',
    'ENUM_CONST_CHANGED',
    [
      'Checks that the value of an enum that stands for nothing set keeps its name.',
      'Keep the value 0, and the first one of a closed enum.',
    ],
    ['enum Color { UNKNOWN = 0; }', 'enum Color { RED = 0; }'],
  ),
  risk(
    'PROTO_ENUM_VALUE_RENAMED',
    'ENUM_CONST_CHANGED',
    [
      'Checks that a number of an enum keeps its names: in JSON names are written.',
      'Give the value its old name back, or add the new one as an alias.',
    ],
    ['enum Color { A = 0; RED = 1; }', 'enum Color { A = 0; ROUGE = 1; }'],
  ),
  risk(
    'PROTO_ENUM_VALUE_REMOVED_UNRESERVED',
    'ENUM_CONST_REMOVED',
    [
      'Checks that a value that goes leaves its number and name reserved: somebody will take them again.',
      'Reserve the number and the name.',
    ],
    ['enum Color { A = 0; RED = 1; }', 'enum Color { A = 0; }'],
  ),
  risk(
    'PROTO_ENUM_VALUE_REUSED',
    'ENUM_CONST_ADDED',
    [
      'Checks that no reserved number or name of an enum is taken.',
      'Take a number and a name that were never used.',
    ],
    ['enum Color { reserved 1; A = 0; }', 'enum Color { A = 0; RED = 1; }'],
  ),
  risk(
    'PROTO_ENUM_OPENNESS_CHANGED',
    null,
    [
      'Checks that an enum stays open or closed: a number without a name is kept by one, passed over by the other.',
      'Keep the syntax, or set `features.enum_type` to what it was.',
    ],
    [
      'edition = "2023"; enum Color { RED = 0; }',
      'edition = "2023"; enum Color { option features.enum_type = CLOSED; RED = 0; }',
    ],
  ),
]
