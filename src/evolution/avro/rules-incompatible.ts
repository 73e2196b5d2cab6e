/** Rules of what keeps a reader from reading; six of them are the registry's, by its names. */
import type { Rule } from '../engine.ts'

interface Text {
  readonly purpose: string
  readonly fix: string
  readonly before: string
  readonly after: string
}

const rule = (id: string, registryName: string | null, text: Text): Rule => ({
  ...{ id, format: 'avro', kind: 'incompatible', registryName, severity: 'error' },
  ...{ purpose: text.purpose, fix: text.fix },
  example: { before: text.before, after: text.after },
})

const record = (fields: string): string => `{"type":"record","name":"Order","fields":[${fields}]}`

export const incompatibleRules: readonly Rule[] = [
  rule('AVRO_TYPE_MISMATCH', 'TYPE_MISMATCH', {
    purpose: 'A reader reads the type that was written, or one that Avro promotes it to.',
    fix: 'Keep the type, widen it only (int to long, float, double; long to float, double; float to double; string and bytes), or add a new field with a default beside it.',
    before: record('{"name":"id","type":"long"}'),
    after: record('{"name":"id","type":"int"}'),
  }),
  rule('AVRO_NAME_MISMATCH', 'NAME_MISMATCH', {
    purpose:
      'A record, enum or fixed is read by its own name, without namespace, or by an alias that names the written one in full.',
    fix: 'Keep the name, or list the old full name in "aliases" of the reader.',
    before: '{"type":"record","name":"Order","fields":[]}',
    after: '{"type":"record","name":"Purchase","fields":[]}',
  }),
  rule('AVRO_FIXED_SIZE_MISMATCH', 'FIXED_SIZE_MISMATCH', {
    purpose: 'A fixed is read with the size that it was written with.',
    fix: 'Keep the size, or add a new field of a new fixed with a default.',
    before: '{"type":"fixed","name":"Hash","size":16}',
    after: '{"type":"fixed","name":"Hash","size":32}',
  }),
  rule('AVRO_MISSING_ENUM_SYMBOLS', 'MISSING_ENUM_SYMBOLS', {
    purpose: 'A reader knows every symbol that may be written, or its enum has a default.',
    fix: 'Keep the symbols, or give the reader\'s enum (not its field) a "default".',
    before: '{"type":"enum","name":"State","symbols":["NEW","PAID"]}',
    after: '{"type":"enum","name":"State","symbols":["NEW"]}',
  }),
  rule('AVRO_MISSING_UNION_BRANCH', 'MISSING_UNION_BRANCH', {
    purpose: "Every type that may be written fits a branch of the reader's union.",
    fix: 'Keep the branch, or add one that the written type is promoted to.',
    before: '["null","int","string"]',
    after: '["null","int"]',
  }),
  rule('AVRO_READER_FIELD_MISSING_DEFAULT_VALUE', 'READER_FIELD_MISSING_DEFAULT_VALUE', {
    purpose: 'A field that was not written has a default, or an alias that names one that was.',
    fix: 'Give the field a "default", or list its old name in "aliases".',
    before: record('{"name":"id","type":"long"}'),
    after: record('{"name":"id","type":"long"},{"name":"note","type":"string"}'),
  }),
  rule('AVRO_AMBIGUOUS_FIELD', null, {
    purpose:
      'The name and the aliases of a field find one written field, once: readers, and what registries compare with, fail otherwise.',
    fix: 'Remove the alias of a field that is still written, or that repeats a name.',
    before: record('{"name":"a","type":"int"},{"name":"b","type":"int"}'),
    after: record('{"name":"a","type":"int","aliases":["b"]}'),
  }),
  rule('AVRO_TOO_COMPLEX', null, {
    purpose: 'Two schemas are compared within a bounded number of steps.',
    fix: 'Split the schema: no reader needs so many combinations of branches.',
    before: '["null", … a union of thousands of records of unions]',
    after: '["null", … the same, changed]',
  }),
]
