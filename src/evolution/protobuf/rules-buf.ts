/**
 * buf's rules of its version 1 configuration, by category; version 2 has a few more. Each is a record with
 * the check that it stands for.
 */
import type { Check } from './buf-change.ts'
import {
  sameCardinality,
  sameCppString,
  sameJavaUtf8,
  sameJsonName,
  sameJsType,
  sameName,
  sameOneof,
  sameType,
  sameUtf8,
  wireCardinality,
  wireJsonCardinality,
  wireJsonType,
  wireType,
} from './buf-fields.ts'
import {
  fileNoDelete,
  methodNoDelete,
  noDeleteFromFile,
  noDeleteFromPackage,
  packageNoDelete,
  sameOfMethod,
  sameOption,
  samePackage,
  sameSyntax,
} from './buf-files.ts'
import {
  accessorKept,
  enumJsonFormat,
  enumSameType,
  extensionRangesKept,
  fieldNameReserved,
  fieldNoDelete,
  fieldNumberReserved,
  messageJsonFormat,
  oneofNoDelete,
  reservedEnumKept,
  reservedMessageKept,
  sameRequired,
  valueNameReserved,
  valueNoDelete,
  valueNumberReserved,
  valueSameName,
} from './buf-types.ts'
import { incompatible, type ProtobufRule, type RuleSet } from './rule.ts'

export interface BufRule extends ProtobufRule {
  readonly check: Check
}

const onWire: readonly RuleSet[] = ['buf-wire']
const inJson: readonly RuleSet[] = ['buf-wire-json']
const ofPackage: readonly RuleSet[] = ['buf-package']
const ofFile: readonly RuleSet[] = ['buf-file']
const generated: readonly RuleSet[] = ['buf-package', 'buf-file']
const exceptWire: readonly RuleSet[] = ['buf-wire-json', 'buf-package', 'buf-file']
const everywhere: readonly RuleSet[] = ['buf-wire', 'buf-wire-json', 'buf-package', 'buf-file']
const transmitted: readonly RuleSet[] = ['buf-wire', 'buf-wire-json']

const rule = (
  name: string,
  check: Check,
  sets: readonly RuleSet[],
  texts: readonly [purpose: string, fix: string],
  example: readonly [string, string],
): BufRule => ({ ...incompatible(`PROTO_BUF_${name}`, sets, [null, name], texts, example), check })

/** @param unset what the option means where it is not written */
const option = (
  name: string,
  unset = '',
  example: readonly [string, string] = ['"a"', '"b"'],
): BufRule =>
  rule(
    `FILE_SAME_${name.toUpperCase()}`,
    sameOption(name, unset),
    generated,
    [`Checks that a file keeps its \`${name}\`.`, `Set \`${name}\` to what it was.`],
    [`option ${name} = ${example[0]};`, `option ${name} = ${example[1]};`],
  )

/** A switch of the file. */
const flag = (name: string, unset = 'false'): BufRule => option(name, unset, ['true', 'false'])

export const bufRules: readonly BufRule[] = [
  rule(
    'ENUM_NO_DELETE',
    noDeleteFromFile('enum'),
    ofFile,
    ['Checks that no enum is deleted from its file.', 'Keep the enum in this file.'],
    ['enum Color { RED = 0; }', ''],
  ),
  rule(
    'FILE_NO_DELETE',
    fileNoDelete,
    ofFile,
    ['Checks that no file is deleted.', 'Keep the file.'],
    ['orders.proto', ''],
  ),
  rule(
    'MESSAGE_NO_DELETE',
    noDeleteFromFile('message'),
    ofFile,
    ['Checks that no message is deleted from its file.', 'Keep the message in this file.'],
    ['message Order {}', ''],
  ),
  rule(
    'SERVICE_NO_DELETE',
    noDeleteFromFile('service'),
    ofFile,
    ['Checks that no service is deleted from its file.', 'Keep the service in this file.'],
    ['service Shop {}', ''],
  ),
  rule(
    'ENUM_SAME_TYPE',
    enumSameType,
    generated,
    ['Checks that an enum stays open or closed.', 'Set `features.enum_type` to what it was.'],
    [
      'edition = "2023"; enum Color { RED = 0; }',
      'edition = "2023"; enum Color { option features.enum_type = CLOSED; RED = 0; }',
    ],
  ),
  rule(
    'ENUM_VALUE_NO_DELETE',
    valueNoDelete,
    generated,
    ['Checks that no value of an enum is deleted.', 'Keep the value, if only as deprecated.'],
    ['enum Color { RED = 0; BLUE = 1; }', 'enum Color { RED = 0; }'],
  ),
  rule(
    'EXTENSION_MESSAGE_NO_DELETE',
    extensionRangesKept,
    generated,
    ['Checks that ranges for extensions stay.', 'Declare the range again.'],
    ['message Order { extensions 100 to 200; }', 'message Order {}'],
  ),
  rule(
    'FIELD_NO_DELETE',
    fieldNoDelete,
    generated,
    ['Checks that no field is deleted.', 'Keep the field, if only as deprecated.'],
    ['message Order { string id = 1; }', 'message Order {}'],
  ),
  rule(
    'FIELD_SAME_CARDINALITY',
    sameCardinality,
    generated,
    [
      'Checks that a field keeps its presence, stays single, a list or a map.',
      'Add a field with a new number.',
    ],
    ['message Order { string id = 1; }', 'message Order { optional string id = 1; }'],
  ),
  rule(
    'FIELD_SAME_CPP_STRING_TYPE',
    sameCppString,
    generated,
    ['Checks that the type of a string in C++ stays the same.', 'Set `ctype` to what it was.'],
    ['message Order { string id = 1; }', 'message Order { string id = 1 [ctype = CORD]; }'],
  ),
  rule(
    'FIELD_SAME_JAVA_UTF8_VALIDATION',
    sameJavaUtf8,
    generated,
    [
      'Checks that strings are validated in Java as before.',
      'Set `java_string_check_utf8` to what it was.',
    ],
    [
      'syntax = "proto2"; option java_string_check_utf8 = true; message Order { optional string id = 1; }',
      'syntax = "proto2"; message Order { optional string id = 1; }',
    ],
  ),
  rule(
    'FIELD_SAME_JSTYPE',
    sameJsType,
    generated,
    ['Checks that 64 bits are the same type in JavaScript.', 'Set `jstype` to what it was.'],
    ['message Order { int64 id = 1; }', 'message Order { int64 id = 1 [jstype = JS_STRING]; }'],
  ),
  rule(
    'FIELD_SAME_TYPE',
    sameType,
    generated,
    ['Checks that a field keeps its type.', 'Add a field with a new number.'],
    ['message Order { int32 total = 1; }', 'message Order { int64 total = 1; }'],
  ),
  rule(
    'FIELD_SAME_UTF8_VALIDATION',
    sameUtf8,
    generated,
    [
      'Checks that strings are validated as before.',
      'Set `features.utf8_validation` to what it was.',
    ],
    [
      'edition = "2023"; message Order { string id = 1; }',
      'edition = "2023"; message Order { string id = 1 [features.utf8_validation = NONE]; }',
    ],
  ),
  flag('cc_enable_arenas', 'true'),
  flag('cc_generic_services'),
  option('csharp_namespace'),
  option('go_package'),
  flag('java_generic_services'),
  flag('java_multiple_files'),
  option('java_outer_classname'),
  option('java_package'),
  option('objc_class_prefix'),
  option('optimize_for', 'SPEED', ['SPEED', 'CODE_SIZE']),
  option('php_class_prefix'),
  option('php_metadata_namespace'),
  option('php_namespace'),
  flag('py_generic_services'),
  option('ruby_package'),
  option('swift_prefix'),
  rule(
    'FILE_SAME_SYNTAX',
    sameSyntax,
    generated,
    ['Checks that a file keeps its syntax or edition.', 'Write the old syntax again.'],
    ['syntax = "proto2";', 'syntax = "proto3";'],
  ),
  rule(
    'MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR',
    accessorKept,
    generated,
    [
      'Checks that the accessor of the descriptor stays.',
      'Remove `no_standard_descriptor_accessor`.',
    ],
    ['message Order {}', 'message Order { option no_standard_descriptor_accessor = true; }'],
  ),
  rule(
    'ONEOF_NO_DELETE',
    oneofNoDelete,
    generated,
    ['Checks that no oneof is deleted.', 'Keep the oneof.'],
    ['message Order { oneof by { string card = 1; } }', 'message Order { string card = 1; }'],
  ),
  rule(
    'RPC_NO_DELETE',
    methodNoDelete,
    generated,
    ['Checks that no method is deleted.', 'Keep the method, if only as deprecated.'],
    ['service Shop { rpc Buy(A) returns (A); }', 'service Shop {}'],
  ),
  rule(
    'ENUM_SAME_JSON_FORMAT',
    enumJsonFormat,
    exceptWire,
    ['Checks that an enum that promised JSON still does.', 'Set `features.json_format` to ALLOW.'],
    [
      'edition = "2023"; enum Color { RED = 0; }',
      'edition = "2023"; enum Color { option features.json_format = LEGACY_BEST_EFFORT; RED = 0; }',
    ],
  ),
  rule(
    'ENUM_VALUE_SAME_NAME',
    valueSameName,
    exceptWire,
    [
      'Checks that a number keeps its names in JSON.',
      'Give the value its old name back, or add the new one as an alias.',
    ],
    ['enum Color { RED = 0; }', 'enum Color { ROUGE = 0; }'],
  ),
  rule(
    'FIELD_SAME_JSON_NAME',
    sameJsonName,
    exceptWire,
    ['Checks that a field keeps its name in JSON.', 'Set `json_name` to what it was.'],
    ['message Order { string id = 1; }', 'message Order { string key = 1; }'],
  ),
  rule(
    'FIELD_SAME_NAME',
    sameName,
    exceptWire,
    ['Checks that a field keeps its name.', 'Give the field its old name back.'],
    ['message Order { string id = 1; }', 'message Order { string key = 1; }'],
  ),
  rule(
    'MESSAGE_SAME_JSON_FORMAT',
    messageJsonFormat,
    exceptWire,
    [
      'Checks that a message that promised JSON still does.',
      'Set `features.json_format` to ALLOW.',
    ],
    [
      'edition = "2023"; message Order {}',
      'edition = "2023"; message Order { option features.json_format = LEGACY_BEST_EFFORT; }',
    ],
  ),
  rule(
    'FIELD_SAME_ONEOF',
    sameOneof,
    everywhere,
    [
      'Checks that a field stays in its oneof, or outside of any.',
      'Leave the field where it is, and add a new one.',
    ],
    ['message Order { string card = 1; }', 'message Order { oneof by { string card = 1; } }'],
  ),
  rule(
    'FILE_SAME_PACKAGE',
    samePackage,
    everywhere,
    ['Checks that a file keeps its package.', 'Keep the package.'],
    ['package orders.v1;', 'package orders.v2;'],
  ),
  rule(
    'MESSAGE_SAME_REQUIRED_FIELDS',
    sameRequired,
    everywhere,
    [
      'Checks that no required field is added or removed: one side insists on it, the other does not know it.',
      'Make new fields optional, and keep required ones.',
    ],
    ['message Order {}', 'message Order { required string id = 1; }'],
  ),
  rule(
    'RESERVED_ENUM_NO_DELETE',
    reservedEnumKept,
    everywhere,
    ['Checks that what an enum reserves stays reserved.', 'Reserve it again.'],
    ['enum Color { reserved 2; RED = 0; }', 'enum Color { RED = 0; }'],
  ),
  rule(
    'RESERVED_MESSAGE_NO_DELETE',
    reservedMessageKept,
    everywhere,
    ['Checks that what a message reserves stays reserved.', 'Reserve it again.'],
    ['message Order { reserved 2; }', 'message Order {}'],
  ),
  rule(
    'RPC_SAME_CLIENT_STREAMING',
    sameOfMethod('streaming by the client', (m) => m.isClientStreaming),
    everywhere,
    ['Checks that the client streams as before.', 'Add a method with a new name.'],
    ['service Shop { rpc Buy(A) returns (A); }', 'service Shop { rpc Buy(stream A) returns (A); }'],
  ),
  rule(
    'RPC_SAME_IDEMPOTENCY_LEVEL',
    sameOfMethod('the idempotency', (m) => m.idempotency),
    everywhere,
    ['Checks that the idempotency of a method stays.', 'Set `idempotency_level` to what it was.'],
    [
      'service Shop { rpc Buy(A) returns (A); }',
      'service Shop { rpc Buy(A) returns (A) { option idempotency_level = IDEMPOTENT; } }',
    ],
  ),
  rule(
    'RPC_SAME_REQUEST_TYPE',
    sameOfMethod('the request', (m) => m.input),
    everywhere,
    ['Checks that a method takes the same.', 'Add a method with a new name.'],
    ['service Shop { rpc Buy(A) returns (A); }', 'service Shop { rpc Buy(B) returns (A); }'],
  ),
  rule(
    'RPC_SAME_RESPONSE_TYPE',
    sameOfMethod('the response', (m) => m.output),
    everywhere,
    ['Checks that a method gives the same.', 'Add a method with a new name.'],
    ['service Shop { rpc Buy(A) returns (A); }', 'service Shop { rpc Buy(A) returns (B); }'],
  ),
  rule(
    'RPC_SAME_SERVER_STREAMING',
    sameOfMethod('streaming by the server', (m) => m.isServerStreaming),
    everywhere,
    ['Checks that the server streams as before.', 'Add a method with a new name.'],
    ['service Shop { rpc Buy(A) returns (A); }', 'service Shop { rpc Buy(A) returns (stream A); }'],
  ),
  rule(
    'PACKAGE_ENUM_NO_DELETE',
    noDeleteFromPackage('enum'),
    ofPackage,
    ['Checks that no enum is deleted from its package.', 'Keep the enum in the package.'],
    ['enum Color { RED = 0; }', ''],
  ),
  rule(
    'PACKAGE_MESSAGE_NO_DELETE',
    noDeleteFromPackage('message'),
    ofPackage,
    ['Checks that no message is deleted from its package.', 'Keep the message in the package.'],
    ['message Order {}', ''],
  ),
  rule(
    'PACKAGE_NO_DELETE',
    packageNoDelete,
    ofPackage,
    ['Checks that no package is deleted.', 'Keep the package.'],
    ['package orders.v1;', 'package orders.v2;'],
  ),
  rule(
    'PACKAGE_SERVICE_NO_DELETE',
    noDeleteFromPackage('service'),
    ofPackage,
    ['Checks that no service is deleted from its package.', 'Keep the service in the package.'],
    ['service Shop {}', ''],
  ),
  rule(
    'ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED',
    valueNameReserved,
    inJson,
    ['Checks that a value that is deleted leaves its name reserved.', 'Reserve the name.'],
    ['enum Color { RED = 0; BLUE = 1; }', 'enum Color { RED = 0; }'],
  ),
  rule(
    'FIELD_NO_DELETE_UNLESS_NAME_RESERVED',
    fieldNameReserved,
    inJson,
    ['Checks that a field that is deleted leaves its name reserved.', 'Reserve the name.'],
    ['message Order { string id = 1; }', 'message Order {}'],
  ),
  rule(
    'FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY',
    wireJsonCardinality,
    inJson,
    [
      'Checks that a field stays single, required, a list or a map.',
      'Add a field with a new number.',
    ],
    ['message Order { string tag = 1; }', 'message Order { repeated string tag = 1; }'],
  ),
  rule(
    'FIELD_WIRE_JSON_COMPATIBLE_TYPE',
    wireJsonType,
    inJson,
    [
      'Checks that a field keeps a type that is the same on the wire and in JSON.',
      'Add a field with a new number.',
    ],
    ['message Order { int32 total = 1; }', 'message Order { int64 total = 1; }'],
  ),
  rule(
    'ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED',
    valueNumberReserved,
    transmitted,
    ['Checks that a value that is deleted leaves its number reserved.', 'Reserve the number.'],
    ['enum Color { RED = 0; BLUE = 1; }', 'enum Color { RED = 0; }'],
  ),
  rule(
    'FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED',
    fieldNumberReserved,
    transmitted,
    ['Checks that a field that is deleted leaves its number reserved.', 'Reserve the number.'],
    ['message Order { string id = 1; }', 'message Order {}'],
  ),
  rule(
    'FIELD_WIRE_COMPATIBLE_CARDINALITY',
    wireCardinality,
    onWire,
    [
      'Checks that a field stays single, required, or repeated, as a map is.',
      'Add a field with a new number.',
    ],
    ['message Order { string tag = 1; }', 'message Order { repeated string tag = 1; }'],
  ),
  rule(
    'FIELD_WIRE_COMPATIBLE_TYPE',
    wireType,
    onWire,
    [
      'Checks that a field keeps a type that is the same on the wire.',
      'Add a field with a new number.',
    ],
    ['message Order { int32 total = 1; }', 'message Order { string total = 1; }'],
  ),
]
