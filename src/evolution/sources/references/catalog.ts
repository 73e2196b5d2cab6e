/** The files of one tree, and under which names others may refer to them. */

import { posix } from 'node:path'
import { decodedUri } from '../../../base/uri.ts'
import { inOrder } from '../files.ts'
import type { SchemaVersion } from '../source.ts'
import { type AvroNames, avroNames } from './avro.ts'
import { type JsonOutline, type JsonUris, jsonOutline, jsonUris } from './json-schema.ts'
import { protobufImports } from './protobuf.ts'

export interface CatalogFile {
  readonly text: string
  readonly format: SchemaVersion['format']
}

/** Where the files of a tree are, for references among them: no network has such an address. */
const TREE_BASE = 'mem://tree/'

const RESOLVED_MAX = 10_000

export class Catalog {
  readonly files: ReadonlyMap<string, CatalogFile>
  /** Folders in which Protobuf imports are looked for. */
  readonly importRoots: readonly string[]
  #avro: ReadonlyMap<string, readonly string[]> | null = null
  #uris: ReadonlyMap<string, string> | null = null
  readonly #names = new Map<string, AvroNames>()
  /** By base and path: files of one folder see each other under the same base. */
  readonly #resolved = new Map<string, JsonUris>()
  readonly #outlines = new Map<string, JsonOutline>()
  readonly #imports = new Map<string, readonly string[]>()

  constructor(files: ReadonlyMap<string, CatalogFile>, importRoots: readonly string[]) {
    this.files = files
    this.importRoots = importRoots
  }

  avroNamesOf(path: string): AvroNames {
    return once(this.#names, path, () => avroNames(this.#textOf(path)))
  }

  jsonUrisOf(path: string, base: string): JsonUris {
    if (this.#resolved.size > RESOLVED_MAX) this.#resolved.clear()
    return once(this.#resolved, `${base} ${path}`, () =>
      jsonUris(
        once(this.#outlines, path, () => jsonOutline(this.#textOf(path))),
        base,
      ),
    )
  }

  importsOf(path: string): readonly string[] {
    return once(this.#imports, path, () => protobufImports(this.#textOf(path)))
  }

  /** Files that define an Avro name. */
  definingAvro(name: string): readonly string[] {
    this.#avro ??= this.#indexAvro()
    return this.#avro.get(name) ?? []
  }

  /** The file that a URI names. */
  atUri(uri: string): string | null {
    this.#uris ??= this.#indexUris()
    const path = this.#uris.get(uri)
    if (path !== undefined) return path
    return uri.startsWith(TREE_BASE) ? this.atPath(decodedUri(uri.slice(TREE_BASE.length))) : null
  }

  atPath(path: string): string | null {
    const normal = posix.normalize(path)
    return this.files.has(normal) ? normal : null
  }

  #indexAvro(): ReadonlyMap<string, readonly string[]> {
    const index = new Map<string, string[]>()
    for (const [path] of this.#ofFormat('avro')) {
      for (const name of this.avroNamesOf(path).defined) {
        const paths = index.get(name)
        if (paths === undefined) index.set(name, [path])
        else paths.push(path)
      }
    }
    return index
  }

  #indexUris(): ReadonlyMap<string, string> {
    const index = new Map<string, string>()
    for (const [path] of this.#ofFormat('json-schema')) {
      for (const uri of this.jsonUrisOf(path, uriOf(path)).own)
        if (!index.has(uri)) index.set(uri, path)
    }
    return index
  }

  #textOf(path: string): string {
    return this.files.get(path)?.text ?? ''
  }

  *#ofFormat(format: SchemaVersion['format']): Generator<[string, CatalogFile]> {
    for (const path of inOrder(this.files.keys())) {
      const file = this.files.get(path) as CatalogFile
      if (file.format === format) yield [path, file]
    }
  }
}

/** Each text is looked through once, however many refer to it. */
function once<Value>(known: Map<string, Value>, path: string, make: () => Value): Value {
  const value = known.get(path) ?? make()
  known.set(path, value)
  return value
}

export function uriOf(path: string): string {
  return TREE_BASE + path.split('/').map(encodeURIComponent).join('/')
}
