/** The files under google/protobuf that every compiler brings along, as protobufjs has them. */
import { createRequire } from 'node:module'
import protobuf from 'protobufjs'

const require = createRequire(import.meta.url)

/** Those that are not among the library's `common` ones. */
const bundled = ['descriptor', 'api', 'type', 'source_context']

/** What those import in turn. */
const needs: Readonly<Record<string, readonly string[]>> = {
  api: ['type', 'source_context'],
  type: ['any', 'source_context'],
}

/** Language features of editions: options only, so nothing of them is ever encoded. */
const empty = ['cpp_features', 'java_features', 'go_features', 'csharp_features']

export type Nested = Readonly<Record<string, protobuf.AnyNestedObject>>

interface Json {
  readonly nested?: Nested
}

/** The nested declarations of an import; null: it is none of them. */
export function wellKnown(path: string): Nested | null {
  const name = /^google\/protobuf\/([a-z_]+)\.proto$/.exec(path)?.[1]
  if (name === undefined) return null
  const common = protobuf.common.get(path) as Json | null
  if (common !== null) return common.nested ?? {}
  if (bundled.includes(name)) {
    const json = require(`protobufjs/google/protobuf/${name}.json`) as Json
    return json.nested ?? {}
  }
  return empty.includes(name) ? {} : null
}

/** Paths that a well-known file imports itself. */
export function wellKnownImports(path: string): readonly string[] {
  const name = path.slice('google/protobuf/'.length, -'.proto'.length)
  return (needs[name] ?? []).map((needed) => `google/protobuf/${needed}.proto`)
}
