/**
 * Apicurio's framings: `00` and an id, the contentId in 4 bytes since version 3 of its serializers, the
 * globalId in 8 before; or the id, always in 8 bytes, as a header, in which case the value is bare.
 */
import type { Framed } from './framed.ts'
import { headerBytes } from './headers.ts'
import { int32At, int64At } from './id.ts'

const MAGIC = 0x00
const CONTENT_ID_BYTES = 4
const LONG_BYTES = 8
const CONTENT_HEADER = 'apicurio.value.contentId'
const GLOBAL_HEADER = 'apicurio.value.globalId'

type Version = 'apicurio-v2' | 'apicurio-v3'

export function apicurioFrame(
  value: Uint8Array,
  headers: unknown,
  version: Version,
): Framed | null {
  return fromHeaders(value, headers, version) ?? fromPrefix(value, version)
}

/** Each version can be told to send either; the claim says which of the two kinds of id it is. */
function fromHeaders(value: Uint8Array, headers: unknown, version: Version): Framed | null {
  const content = idIn(headerBytes(headers, CONTENT_HEADER))
  const global = idIn(headerBytes(headers, GLOBAL_HEADER))
  const asContent: Framed | null =
    content === null ? null : { claim: 'apicurio-v3', schema: content, payload: value }
  const asGlobal: Framed | null =
    global === null ? null : { claim: 'apicurio-v2', schema: global, payload: value }
  return version === 'apicurio-v3' ? (asContent ?? asGlobal) : (asGlobal ?? asContent)
}

function idIn(header: Uint8Array | null): string | null {
  if (header?.length !== LONG_BYTES) return null
  const id = int64At(header, 0)
  return id < 0n ? null : String(id)
}

function fromPrefix(value: Uint8Array, version: Version): Framed | null {
  const size = version === 'apicurio-v3' ? CONTENT_ID_BYTES : LONG_BYTES
  if (value[0] !== MAGIC || value.length <= size) return null
  const id = version === 'apicurio-v3' ? int32At(value, 1) : int64At(value, 1)
  return id < 0 ? null : { claim: version, schema: String(id), payload: value.subarray(1 + size) }
}
