/** What Apicurio checks, after protolock. */
import { incompatible, type ProtobufRule } from './rule.ts'

const rule = (
  name: string,
  sourceName: string,
  texts: readonly [purpose: string, fix: string],
  example: readonly [string, string],
): ProtobufRule =>
  incompatible(`PROTO_APICURIO_${name}`, ['apicurio'], [null, sourceName], texts, example)

export const apicurioRules: readonly ProtobufRule[] = [
  rule(
    'RESERVED_USED',
    'checkNoUsingReservedFields',
    ['Checks that no field takes a reserved name or number.', 'Take another name and number.'],
    ['message Order { reserved 1; }', 'message Order { string id = 1; }'],
  ),
  rule(
    'RESERVED_REMOVED',
    'checkNoRemovingReservedFields',
    ['Checks that what is reserved stays reserved.', 'Reserve it again.'],
    ['message Order { reserved 1; }', 'message Order {}'],
  ),
  rule(
    'REMOVED_WITHOUT_RESERVE',
    'checkNoRemovingFieldsWithoutReserve',
    [
      'Checks that a field that goes leaves its name and its number reserved.',
      'Reserve the name and the number.',
    ],
    ['message Order { string id = 1; }', 'message Order {}'],
  ),
  rule(
    'NUMBER_CHANGED',
    'checkNoChangingFieldIDs',
    ['Checks that fields and values of enums keep their number.', 'Give it its old number back.'],
    ['message Order { string id = 1; }', 'message Order { string id = 2; }'],
  ),
  rule(
    'TYPE_CHANGED',
    'checkNoChangingFieldTypes',
    ['Checks that a field keeps its type.', 'Add a field with a new name and number.'],
    ['message Order { int32 total = 1; }', 'message Order { int64 total = 1; }'],
  ),
  rule(
    'LABEL_CHANGED',
    'checkNoChangingFieldTypes',
    ['Checks that a field keeps its label.', 'Add a field with a new name and number.'],
    ['message Order { string tag = 1; }', 'message Order { repeated string tag = 1; }'],
  ),
  rule(
    'NAME_CHANGED',
    'checkNoChangingFieldNames',
    [
      'Checks that the number of a field or of a value of an enum keeps its name.',
      'Give it its old name back.',
    ],
    ['message Order { string id = 1; }', 'message Order { string key = 1; }'],
  ),
  rule(
    'RPC_REMOVED',
    'checkNoRemovingServiceRPCs',
    ['Checks that no method is removed.', 'Keep the method.'],
    ['service Shop { rpc Buy(A) returns (A); }', 'service Shop {}'],
  ),
  rule(
    'RPC_SIGNATURE',
    'checkNoChangingRPCSignature',
    ['Checks that a method keeps what it takes and gives.', 'Add a method with a new name.'],
    ['service Shop { rpc Buy(A) returns (A); }', 'service Shop { rpc Buy(A) returns (stream A); }'],
  ),
  rule(
    'REQUIRED_ADDED',
    'checkRequiredFields',
    ['Checks that no required field is added.', 'Make the new field optional.'],
    ['message Order {}', 'message Order { required string id = 1; }'],
  ),
]
