/**
 * Confluent's framings: `00` and an int32 id, or `01` and a GUID of 16 bytes, before the value; or the
 * same as the header `__value_schema_id`, with the value bare. The header wins.
 *
 * Of Protobuf the indexes of the message follow the id wherever it stands; from a header they are put
 * back before the value.
 */
import type { Framed } from './framed.ts'
import { headerBytes } from './headers.ts'
import { GUID_BYTES, guidAt, int32At } from './id.ts'
import { messageIndexes } from './message-indexes.ts'

const ID_MAGIC = 0x00
const GUID_MAGIC = 0x01
const ID_BYTES = 4
const HEADER = '__value_schema_id'

export function confluentFrame(value: Uint8Array, headers: unknown): Framed | null {
  return fromHeader(headerBytes(headers, HEADER), value) ?? fromPrefix(value)
}

function fromHeader(header: Uint8Array | null, value: Uint8Array): Framed | null {
  const framed = header === null ? null : fromPrefix(header)
  if (framed === null) return null
  const rest = framed.payload
  if (rest.length === 0) return { ...framed, payload: value }
  // The whole header is an id, with indexes or without; else it is something else.
  if (messageIndexes(rest)?.payload.length !== 0) return null
  return { ...framed, payload: Buffer.concat([rest, value]) }
}

function fromPrefix(bytes: Uint8Array): Framed | null {
  if (bytes[0] === ID_MAGIC && bytes.length > ID_BYTES) {
    const id = int32At(bytes, 1)
    // A registry gives out none below 0.
    if (id < 0) return null
    return { claim: 'confluent', schema: String(id), payload: bytes.subarray(1 + ID_BYTES) }
  }
  if (bytes[0] === GUID_MAGIC && bytes.length > GUID_BYTES) {
    const payload = bytes.subarray(1 + GUID_BYTES)
    return { claim: 'confluent-v1', schema: guidAt(bytes, 1), payload }
  }
  return null
}
