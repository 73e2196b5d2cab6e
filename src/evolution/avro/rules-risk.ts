/** Rules of what is read, and perhaps not as it was meant. No registry tells of these. */
import type { Severity } from '../../finding/finding.ts'
import type { Rule } from '../engine.ts'

interface Text {
  readonly purpose: string
  readonly fix: string
  readonly before: string
  readonly after: string
}

const rule = (id: string, text: Text, severity: Severity = 'warning'): Rule => ({
  ...{ id, format: 'avro', kind: 'risk', registryName: null, severity },
  ...{ purpose: text.purpose, fix: text.fix },
  example: { before: text.before, after: text.after },
})

const record = (fields: string): string => `{"type":"record","name":"Order","fields":[${fields}]}`
const field = (type: string, more = ''): string => record(`{"name":"f","type":${type}${more}}`)

type RiskName =
  | 'logicalTypeChanged'
  | 'logicalUnitChanged'
  | 'decimalScaleChanged'
  | 'decimalPrecisionChanged'
  | 'lossyPromotion'
  | 'bytesReadAsString'
  | 'fieldRenamedWithDefault'
  | 'enumDefaultSwallows'
  | 'enumDefaultSwallowsNew'
  | 'defaultChanged'
  | 'defaultRemoved'
  | 'defaultInvalid'
  | 'defaultOfLaterBranch'
  | 'aliasRemoved'
  | 'namespaceChanged'

export const riskRules: Readonly<Record<RiskName, Rule>> = {
  logicalTypeChanged: rule('AVRO_LOGICAL_TYPE_CHANGED', {
    purpose: 'The same bytes keep their meaning: the logical type of a value does not change.',
    fix: 'Keep the logical type, or add a new field for the new meaning.',
    before: field('{"type":"int","logicalType":"date"}'),
    after: field('"int"'),
  }),
  logicalUnitChanged: rule('AVRO_LOGICAL_UNIT_CHANGED', {
    purpose: 'A time keeps its unit: old values would be read as times a thousand times off.',
    fix: 'Keep the unit, or add a new field with the new one.',
    before: field('{"type":"long","logicalType":"timestamp-millis"}'),
    after: field('{"type":"long","logicalType":"timestamp-micros"}'),
  }),
  decimalScaleChanged: rule('AVRO_DECIMAL_SCALE_CHANGED', {
    purpose: 'A decimal keeps its scale: old values would be read with the point elsewhere.',
    fix: 'Keep the scale, or add a new field with the new one.',
    before: field('{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}'),
    after: field('{"type":"bytes","logicalType":"decimal","precision":9,"scale":4}'),
  }),
  decimalPrecisionChanged: rule('AVRO_DECIMAL_PRECISION_CHANGED', {
    purpose:
      'A decimal keeps its precision: who has the smaller one may refuse values of the other.',
    fix: 'Keep the precision; or widen it after every reader has, and never narrow it.',
    before: field('{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}'),
    after: field('{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}'),
  }),
  lossyPromotion: rule('AVRO_LOSSY_PROMOTION', {
    purpose: 'A promotion keeps the value: int as float, and long as float or double, lose digits.',
    fix: 'Widen int to long or double, and keep long.',
    before: field('"long"'),
    after: field('"double"'),
  }),
  bytesReadAsString: rule('AVRO_BYTES_READ_AS_STRING', {
    purpose: 'What is read as text was written as text: bytes need not be UTF-8.',
    fix: 'Keep the type, or make sure that every writer writes UTF-8.',
    before: field('"bytes"'),
    after: field('"string"'),
  }),
  fieldRenamedWithDefault: rule('AVRO_FIELD_RENAMED_WITH_DEFAULT', {
    purpose:
      'A field that looks renamed has an alias: without one it silently takes its default for all that was written before.',
    fix: 'List the old name in "aliases"; or suppress this, if the new field is a new one.',
    before: record('{"name":"mail","type":"string"}'),
    after: record('{"name":"email","type":"string","default":""}'),
  }),
  enumDefaultSwallows: rule('AVRO_ENUM_DEFAULT_SWALLOWS', {
    purpose:
      'A symbol that was written is still known: a default of the enum takes its place unseen.',
    fix: 'Keep the symbol for as long as it is in the topic.',
    before: '{"type":"enum","name":"State","symbols":["NEW","PAID","OTHER"],"default":"OTHER"}',
    after: '{"type":"enum","name":"State","symbols":["NEW","OTHER"],"default":"OTHER"}',
  }),
  enumDefaultSwallowsNew: rule(
    'AVRO_ENUM_DEFAULT_SWALLOWS_NEW',
    {
      purpose:
        'A new symbol is known to readers: those with the earlier version read its default instead.',
      fix: 'Deploy readers before writers.',
      before: '{"type":"enum","name":"State","symbols":["NEW","OTHER"],"default":"OTHER"}',
      after: '{"type":"enum","name":"State","symbols":["NEW","PAID","OTHER"],"default":"OTHER"}',
    },
    'info',
  ),
  defaultChanged: rule('AVRO_DEFAULT_CHANGED', {
    purpose:
      'A default stays what it is: what was written without the field is read with another value from now on.',
    fix: 'Keep the default; let new writers write the new value.',
    before: field('"int"', ',"default":0'),
    after: field('"int"', ',"default":1'),
  }),
  defaultRemoved: rule('AVRO_DEFAULT_REMOVED', {
    purpose:
      'A default stays: versions from before the field are not readable without it, which only a transitive mode would see.',
    fix: 'Keep the default.',
    before: field('"int"', ',"default":0'),
    after: field('"int"'),
  }),
  defaultInvalid: rule(
    'AVRO_DEFAULT_INVALID',
    {
      purpose:
        'A default is a value of its type: registries refuse new schemas where it is not, and readers fail when they need it.',
      fix: 'Correct the default; null needs "null" in the union.',
      before: field('"int"'),
      after: field('"int"', ',"default":"0"'),
    },
    'error',
  ),
  defaultOfLaterBranch: rule('AVRO_DEFAULT_OF_LATER_BRANCH', {
    purpose:
      'The default of a union is of its first branch: before Avro 1.12 the specification asked for it, and many libraries still do.',
    fix: 'Put the branch of the default first.',
    before: field('["null","string"]', ',"default":null'),
    after: field('["string","null"]', ',"default":null'),
  }),
  aliasRemoved: rule('AVRO_ALIAS_REMOVED', {
    purpose: 'An alias stays: what was written under the old name is found by it.',
    fix: 'Keep the alias for as long as the old name is in the topic.',
    before: record('{"name":"email","type":"string","aliases":["mail"]}'),
    after: record('{"name":"email","type":"string"}'),
  }),
  namespaceChanged: rule('AVRO_NAMESPACE_CHANGED', {
    purpose:
      'A type keeps its namespace: registries do not compare it, but most other libraries and all generated classes do.',
    fix: 'Keep the namespace, or list the old full name in "aliases".',
    before: '{"type":"record","name":"Order","namespace":"shop","fields":[]}',
    after: '{"type":"record","name":"Order","namespace":"shop.v2","fields":[]}',
  }),
}
