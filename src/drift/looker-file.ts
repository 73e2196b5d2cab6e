/** What the file of a plan says: how messages are read where nothing else says it, and what they must be. */
import avsc from 'avsc'
import { avroFingerprint } from '../base/avro-fingerprint.ts'
import type { Declared } from './declared/declared.ts'
import { type DeclaredFile, formatByKind, readDeclaredFile } from './declared/file.ts'
import { declaredOf, promiseOf, unusableFile } from './declared/of-file.ts'
import { avroReader } from './read/avro.ts'
import { jsonReader } from './read/json.ts'
import type { Reader } from './read/reader.ts'
import type { Format, ShapePlan } from './shape.ts'

export interface FileSide {
  /** See `Shape.declared`. */
  readonly fingerprint: string
  /** Null: nothing is promised. */
  readonly declared: Declared | null
  readonly format: Format
  /** Whether it was said; else what is no JSON is not held against anybody. */
  readonly isFormatSaid: boolean
  /** @param type Protobuf: the message's indexes, if it has them @returns null: by nothing that is known */
  reader(type: string): Reader | null
  /** Avro: of the schema, as single-object encoding names it; null: it has none. */
  readonly avroName: string | null
}

/** Of a plan that names none. */
export function noFile({ format }: ShapePlan): FileSide {
  const reader = format === null || format === 'json' ? jsonReader() : null
  return {
    ...{ fingerprint: '', declared: null, avroName: null },
    ...{ format: format ?? 'json', isFormatSaid: format !== null, reader: () => reader },
  }
}

export interface OpenedFile {
  readonly fingerprint: string
  /** At once, unless it needs a library that is not loaded yet. @throws QuipuError */
  load(): FileSide | Promise<FileSide>
}

/** @throws QuipuError of CONFIG: with the file and why it cannot be used */
export function openFile(plan: ShapePlan, path: string): OpenedFile {
  const wrapped = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (cause) {
      throw unusableFile(path, cause)
    }
  }
  const file = wrapped(() => readDeclaredFile(path))
  const { message } = plan
  return {
    fingerprint: promiseOf(file, message),
    load() {
      if (file.kind === 'protobuf') return protobufSide(plan, path, file)
      return wrapped(() => {
        const reader = readerOf(file, plan.format ?? formatByKind[file.kind])
        return side(plan, file, declaredOf(file, message, null), () => reader)
      })
    },
  }
}

function side(
  plan: ShapePlan,
  file: DeclaredFile,
  declared: Declared,
  reader: FileSide['reader'],
): FileSide {
  const format = plan.format ?? formatByKind[file.kind]
  const avroName = file.kind === 'avro' ? avroNameOf(file.text) : null
  return {
    fingerprint: declared.fingerprint,
    declared,
    format,
    isFormatSaid: true,
    reader,
    avroName,
  }
}

function readerOf(file: DeclaredFile, format: Format): Reader | null {
  if (format === 'json') return jsonReader()
  return format === 'avro' && file.kind === 'avro' ? avroReader(file.text, new Map()) : null
}

async function protobufSide(
  plan: ShapePlan,
  path: string,
  file: Extract<DeclaredFile, { kind: 'protobuf' }>,
): Promise<FileSide> {
  try {
    const { schemaOfProtobuf } = await import('./declared/protobuf.ts')
    const { protobufReader } = await import('./read/protobuf.ts')
    const declared = declaredOf(file, plan.message, schemaOfProtobuf)
    if (plan.format !== null && plan.format !== 'protobuf') {
      const other = readerOf(file, plan.format)
      return side(plan, file, declared, () => other)
    }
    const reader = protobufReader(file, plan.message)
    // Without a name the first message is promised, and of others nothing is known.
    const isMeant = (type: string): boolean => plan.message !== null || type === '' || type === '0'
    return side(plan, file, declared, (type) => (isMeant(type) ? reader : null))
  } catch (cause) {
    throw unusableFile(path, cause)
  }
}

/** 16 hex digits; null: the library does not take it. */
function avroNameOf(text: string): string | null {
  try {
    const type = avsc.Type.forSchema(JSON.parse(text), { registry: {} })
    return avroFingerprint(JSON.stringify(type.schema())).toString(16).padStart(16, '0')
  } catch {
    return null
  }
}
