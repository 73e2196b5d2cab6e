/** Every issue with its sentence: what was expected, what is there. */
import { bounded, type Issue, listed } from './issue.ts'
import {
  type AvroType,
  describe,
  type EnumType,
  type Field,
  type FixedType,
  type NamedType,
  type RecordType,
} from './type.ts'

export function typeMismatch(reader: AvroType, writer: AvroType): Issue {
  return {
    rule: 'AVRO_TYPE_MISMATCH',
    message: `The reader expects ${describe(reader)}; the writer writes ${describe(writer)}.`,
    args: { readerType: describe(reader), writerType: describe(writer) },
    ...{ reader: [], writer: [], registry: [] },
  }
}

export function nameMismatch(reader: NamedType, writer: NamedType): Issue {
  const has =
    reader.aliases.length === 0 ? 'no alias' : `only the aliases ${listed(reader.aliases)}`
  return {
    rule: 'AVRO_NAME_MISMATCH',
    message: `The writer's ${describe(writer)} is called ${reader.name} by the reader, which has ${has}.`,
    args: { readerName: reader.name, writerName: writer.name, aliases: bounded(reader.aliases) },
    ...{ reader: ['name'], writer: ['name'], registry: ['name'] },
  }
}

export function fixedSize(reader: FixedType, writer: FixedType): Issue {
  return {
    rule: 'AVRO_FIXED_SIZE_MISMATCH',
    message: `The reader expects ${reader.size} bytes of ${reader.name}; the writer writes ${writer.size}.`,
    args: { readerSize: reader.size, writerSize: writer.size },
    ...{ reader: ['size'], writer: ['size'], registry: ['size'] },
  }
}

export function enumSymbols(reader: EnumType, missing: readonly string[]): Issue {
  const what = missing.length === 1 ? 'a symbol' : `${missing.length} symbols`
  return {
    rule: 'AVRO_MISSING_ENUM_SYMBOLS',
    message: `The writer's enum has ${what} that the reader's ${reader.name} has not, nor a default for: ${listed(missing)}.`,
    args: { symbols: bounded(missing), count: missing.length },
    ...{ reader: ['symbols'], writer: ['symbols'], registry: ['symbols'] },
  }
}

/** @param why what keeps the reader's branch of that name from fitting, if there is one */
export function missingBranch(branch: AvroType, index: number, why: string | null): Issue {
  const what = describe(branch)
  const reason = why === null ? '.' : `: ${why}`
  return {
    rule: 'AVRO_MISSING_UNION_BRANCH',
    message: `The writer may write ${what}, which no branch of the reader's union reads${reason}`,
    args: { branch: what, index, reason: why },
    ...{ reader: [], writer: [index], registry: [index] },
  }
}

export function fieldMissing(field: Field, reader: RecordType, writer: RecordType): Issue {
  const { type } = field.use
  const args = { field: field.name, record: reader.name }
  const keys = ['fields', field.index]
  if (type.kind === 'enum' && type.default !== null) {
    // The registry reports so, and at the type: it looks for the enum in the place of the record.
    return {
      rule: 'AVRO_TYPE_MISMATCH',
      message: `The writer's ${writer.name} has no field \`${field.name}\`, and the reader's has no default: the one of its enum is for unknown symbols only.`,
      args: { ...args, readerType: describe(type), writerType: describe(writer) },
      ...{ reader: [...keys, 'type'], writer: [], registry: [...keys, 'type'] },
    }
  }
  const aliases = field.aliases.length === 0 ? '' : `, nor one called ${listed(field.aliases)}`
  return {
    rule: 'AVRO_READER_FIELD_MISSING_DEFAULT_VALUE',
    message: `The writer's ${writer.name} has no field \`${field.name}\`${aliases}, and the reader's field has no default.`,
    args: { ...args, aliases: bounded(field.aliases) },
    ...{ reader: keys, writer: [], registry: keys },
  }
}

export function ambiguousField(field: Field, writer: RecordType, names: readonly string[]): Issue {
  const keys = ['fields', field.index]
  const distinct = new Set(names).size
  const message =
    distinct === 1
      ? `The reader's field \`${field.name}\` finds \`${names[0]}\` of the writer's ${writer.name} by ${names.length} of its names: one of its aliases says it again.`
      : `The reader's field \`${field.name}\` stands, with its aliases, for ${distinct} fields of the writer's ${writer.name}: ${listed(names)}.`
  return {
    ...{ rule: 'AVRO_AMBIGUOUS_FIELD', message },
    args: { field: field.name, writerFields: bounded(names) },
    ...{ reader: keys, writer: [], registry: keys },
  }
}
