/** A file that says what is promised: its text, what kind it is of, and what it imports. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import type { Format } from '../shape.ts'
import { isContract } from './contract.ts'
import { SCHEMA_BYTES_MAX, SCHEMA_REFERENCES_MAX } from './limits.ts'
import { isSchema, type Schema, Unusable } from './schema-json.ts'

export type DeclaredFile =
  | { readonly kind: 'json-schema' | 'contract'; readonly text: string; readonly document: Schema }
  | { readonly kind: 'avro'; readonly text: string }
  | {
      readonly kind: 'protobuf'
      readonly text: string
      readonly imports: ReadonlyMap<string, string>
    }

/** As which the messages of a topic are read if nobody says otherwise. */
export const formatByKind: Readonly<Record<DeclaredFile['kind'], Format>> = {
  'json-schema': 'json',
  contract: 'json',
  avro: 'avro',
  protobuf: 'protobuf',
}

/** Waits for the disk: of one file, when somebody starts. @throws Unusable */
export function readDeclaredFile(file: string): DeclaredFile {
  const text = textOf(file)
  switch (extname(file).toLowerCase()) {
    case '.avsc':
      return { kind: 'avro', text }
    case '.proto':
      return { kind: 'protobuf', text, imports: importsOf(text, dirname(file)) }
    case '.json':
      return documentOf(text, parsedJson(text))
    case '.yaml':
    case '.yml': {
      const document = parsedYaml(text)
      if (isContract(document)) return { kind: 'contract', text, document }
      throw new Unusable('it is no data contract; a JSON Schema is written as .json')
    }
    default:
      throw new Unusable('its name ends in none of .json, .avsc, .proto, .yaml and .yml')
  }
}

function documentOf(text: string, document: unknown): DeclaredFile {
  if (isContract(document)) return { kind: 'contract', text, document }
  if (isSchema(document)) return { kind: 'json-schema', text, document }
  throw new Unusable('it is neither a JSON Schema nor a data contract')
}

function textOf(file: string): string {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (cause) {
    throw new Unusable(`it cannot be read: ${messageOf(cause)}`, { cause })
  }
  try {
    const stat = fstatSync(handle)
    if (!stat.isFile()) throw new Unusable('it is no file')
    if (stat.size > SCHEMA_BYTES_MAX) {
      throw new Unusable(`it is larger than ${SCHEMA_BYTES_MAX} bytes`)
    }
    return readFileSync(handle, 'utf8')
  } finally {
    closeSync(handle)
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Unusable('it is no JSON')
  }
}

/** Loaded when the first one is met: most files are JSON. */
function parsedYaml(text: string): unknown {
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  try {
    return parse(text, { maxAliasCount: 100, logLevel: 'error' })
  } catch (cause) {
    throw new Unusable(`it is no YAML: ${messageOf(cause).split('\n')[0]}`, { cause })
  }
}

const IMPORT = /\bimport\s+(?:public\s+|weak\s+)?["']([^"'\n]+)["']\s*;/g

/**
 * Those below the folder of the file, as if the compiler had been told that one. What is not there is
 * left to the parser to miss; what only a comment imports costs no more than the reading.
 */
function importsOf(text: string, folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const waiting = [text]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [, path = ''] of next.matchAll(IMPORT)) {
      if (found.has(path) || path.split('/').includes('..') || path.startsWith('/')) continue
      if (found.size >= SCHEMA_REFERENCES_MAX) {
        throw new Unusable(`it imports more than ${SCHEMA_REFERENCES_MAX} files`)
      }
      const imported = textIfThere(join(folder, path))
      if (imported === null) continue
      found.set(path, imported)
      waiting.push(imported)
    }
  }
  return found
}

function textIfThere(file: string): string | null {
  try {
    return textOf(file)
  } catch {
    return null
  }
}
