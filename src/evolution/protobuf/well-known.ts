/** The files under google/protobuf that every compiler brings along, as protobufjs has them. */
import { createRequire } from 'node:module'
import protobuf from 'protobufjs'

const require = createRequire(import.meta.url)

/** Those that are not among the library's `common` ones. */
const bundled = ['descriptor', 'api', 'type', 'source_context']

/** Language features of editions: options only, so nothing of them is ever encoded. */
const empty = ['cpp_features', 'java_features', 'go_features', 'csharp_features']

interface Json {
  readonly nested?: { readonly [name: string]: protobuf.AnyNestedObject }
}

/** The nested declarations of an import; null: it is none of them. */
export function wellKnown(path: string): Json['nested'] | null {
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
