/** What the file of a plan promises. */
import { messageOf, QuipuError } from '../../base/errors.ts'
import { schemaOfAvro } from './avro.ts'
import { schemaOfContract } from './contract.ts'
import type { Declared } from './declared.ts'
import type { DeclaredFile } from './file.ts'
import { fingerprintOf } from './fingerprint.ts'
import { declaredBySchema } from './json-schema.ts'
import type { schemaOfProtobuf } from './protobuf.ts'
import type { Schema } from './schema-json.ts'

/** Where a file is not Protobuf, its library need not be loaded. */
export type ProtobufSide = typeof schemaOfProtobuf | null

/** Known before it is read: what messages are held against, whatever comes of it. */
export function promiseOf(file: DeclaredFile, message: string | null): string {
  return fingerprintOf(partsOf(file, message))
}

/** @throws Unusable, QuipuError, RangeError */
export function declaredOf(
  file: DeclaredFile,
  message: string | null,
  protobuf: ProtobufSide,
): Declared {
  return declaredBySchema(schemaOf(file, message, protobuf), partsOf(file, message))
}

function schemaOf(file: DeclaredFile, message: string | null, protobuf: ProtobufSide): Schema {
  switch (file.kind) {
    case 'json-schema':
      return file.document
    case 'contract':
      return schemaOfContract(file.document as Exclude<Schema, boolean>, message)
    case 'avro':
      return schemaOfAvro(file.text, new Map())
    case 'protobuf':
      if (protobuf === null) throw new TypeError('Protobuf is not loaded')
      return protobuf(file, message)
  }
}

function partsOf(file: DeclaredFile, message: string | null): readonly (string | null)[] {
  const imports = file.kind === 'protobuf' ? [...file.imports].flat() : []
  return [file.kind, message, file.text, ...imports]
}

/** @returns what says which file it is, and why it cannot be used */
export function unusableFile(path: string, cause: unknown): QuipuError {
  const message = `${path} cannot say what messages look like: ${messageOf(cause)}`
  const hint = 'Correct the file, or name another one in `schema` of the topic.'
  return new QuipuError('CONFIG', message, { cause, hint })
}
