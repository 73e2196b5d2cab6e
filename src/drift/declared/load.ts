/** What a file promises of messages, whatever kind it is of. Loads the library for Protobuf as well. */
import type { Format } from '../shape.ts'
import type { Declared } from './declared.ts'
import { readDeclaredFile } from './file.ts'
import { declaredOf, unusableFile } from './of-file.ts'
import { schemaOfProtobuf } from './protobuf.ts'

export interface DeclaredPlace {
  /** Absolute path. */
  readonly file: string
  readonly message: string | null
  /** Of the messages; what is promised is the same in all. */
  readonly format: Format | null
}

/** @throws QuipuError of CONFIG: with the file and why it cannot be used */
export function loadDeclared({ file, message }: DeclaredPlace): Declared {
  try {
    return declaredOf(readDeclaredFile(file), message, schemaOfProtobuf)
  } catch (cause) {
    throw unusableFile(file, cause)
  }
}
