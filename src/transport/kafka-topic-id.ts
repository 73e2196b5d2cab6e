/**
 * One Metadata request (version 10, Kafka 2.8 and later) for the id of one topic, and its answer. A topic
 * that is deleted and created anew has the same name and another id. Pure.
 *
 * Strings and lists of this version begin with their length and one as a varint, and what it calls tags end
 * each structure and follow both headers.
 *
 * | answer  | bytes                                                                           |
 * | ------- | ------------------------------------------------------------------------------- |
 * | head    | tags, throttle int32                                                             |
 * | brokers | each: number int32, host, port int32, rack (may be null), tags                   |
 * | cluster | id (may be null), controller int32                                               |
 * | topics  | of the first: error int16, name (may be null), id of 16 bytes; nothing else is read |
 */
import { QuipuError } from '../base/errors.ts'

export const METADATA = { apiKey: 3, apiVersion: 10, apiName: 'Metadata' } as const

const ID_BYTES = 16
/** Of a varint of 32 bits. */
const VARINT_BYTES_MAX = 5
const NO_ID = '0'.repeat(2 * ID_BYTES)

export function encodeTopicIdRequest(topic: string): Buffer {
  const name = Buffer.from(topic)
  return Buffer.concat([
    Buffer.from([0, 2]), // no tags of the header; one topic
    Buffer.alloc(ID_BYTES), // asked for by name
    varint(name.length + 1),
    name,
    Buffer.alloc(5), // no tags; create nothing; permissions of neither; no tags
  ])
}

/** 32 hex digits; null: the broker does not know it, or may not say. @throws QuipuError FORMAT */
export function decodeTopicId(bytes: Buffer, topic: string): string | null {
  try {
    return decode(bytes, topic)
  } catch (cause) {
    throw new QuipuError('FORMAT', 'expected an answer to Metadata of version 10', { cause })
  }
}

function decode(bytes: Buffer, topic: string): string | null {
  let at = 0
  const past = (size: number): number => {
    at += size
    if (at > bytes.length) throw new RangeError(`it ends at byte ${bytes.length}, before ${at}`)
    return at - size
  }
  const unsigned = (): number => {
    let n = 0
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = bytes.readUInt8(past(1))
      n += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return n
    }
    throw new RangeError(`a varint before byte ${at} has no end`)
  }
  const text = (): string => {
    const size = Math.max(0, unsigned() - 1)
    return bytes.toString('utf8', past(size), at)
  }
  const tags = (): void => {
    for (let left = unsigned(); left > 0; left--) {
      unsigned()
      past(unsigned())
    }
  }
  tags()
  past(4)
  for (let left = unsigned() - 1; left > 0; left--) {
    past(4)
    text()
    past(4)
    text()
    tags()
  }
  text()
  past(4)
  if (unsigned() < 2) return null
  const error = bytes.readInt16BE(past(2))
  const name = text()
  const id = bytes.toString('hex', past(ID_BYTES), at)
  return error !== 0 || name !== topic || id === NO_ID ? null : id
}

function varint(n: number): Buffer {
  const bytes: number[] = []
  let left = n
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  return Buffer.from([...bytes, left])
}
