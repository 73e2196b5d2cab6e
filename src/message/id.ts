/**
 * A message id: 16 bytes, on the hot path four uint32 words.
 *
 * Layout (a valid UUIDv7, RFC 9562; ids that we did not mint are UUIDv8 of the same layout):
 *
 * | bits | what                                                     |
 * | ---- | -------------------------------------------------------- |
 * | 48   | birth time, ms since 1970 UTC                            |
 * | 4    | version: 7 minted by an agent, 8 made from a foreign id  |
 * | 12   | tag, high bits                                           |
 * | 2    | variant `10`                                             |
 * | 28   | tag, low bits                                            |
 * | 24   | sequence, dense per tag                                  |
 * | 10   | ordinal: which output of its parent; 0 is the id itself  |
 *
 * A tag belongs to one producer instance and one topic. Two instances draw the same 40-bit tag at the
 * same time with probability about n²/2^41: at 10,000 live tags, 0.005%; even then ids collide only if
 * the sequences and the milliseconds agree too.
 */

export const ID_BYTES = 16
export const ID_WORDS = 4
/** One tag numbers this many messages; then a new one is drawn. */
export const SEQUENCE_LIMIT: number = 2 ** 24
/** Ordinals 0..1023. */
export const ORDINAL_LIMIT = 1024

/** Four uint32 words, high first. */
export type IdWords = readonly [w0: number, w1: number, w2: number, w3: number]

export interface IdParts {
  /** ms since 1970 UTC, 0..2^48-1 */
  readonly birth: number
  readonly version: 7 | 8
  /** 40 bits */
  readonly tag: number
  /** 24 bits */
  readonly sequence: number
  /** 10 bits */
  readonly ordinal: number
}

export function wordsOfParts({ birth, version, tag, sequence, ordinal }: IdParts): IdWords {
  const high = Math.floor(birth / 65536)
  const tagHigh = Math.floor(tag / 2 ** 28)
  const tagLow = tag % 2 ** 28
  return [
    high >>> 0,
    (((birth % 65536) << 16) | (version << 12) | tagHigh) >>> 0,
    ((2 << 30) | (tagLow << 2) | (sequence >>> 22)) >>> 0,
    (((sequence & 0x3fffff) << 10) | ordinal) >>> 0,
  ]
}

export function partsOfWords([w0, w1, w2, w3]: IdWords): IdParts {
  return {
    birth: birthOf(w0, w1),
    version: ((w1 >>> 12) & 15) === 8 ? 8 : 7,
    tag: (w1 & 0xfff) * 2 ** 28 + ((w2 >>> 2) & 0xfffffff),
    sequence: ((w2 & 3) << 22) | (w3 >>> 10),
    ordinal: w3 & 1023,
  }
}

/** Birth time in ms from the first two words. */
export function birthOf(w0: number, w1: number): number {
  return (w0 >>> 0) * 65536 + (w1 >>> 16)
}

export function ordinalOf(words: IdWords): number {
  return words[3] & 1023
}

/** The same id with another ordinal. The parent of a derived id has ordinal 0. */
export function withOrdinal([w0, w1, w2, w3]: IdWords, ordinal: number): IdWords {
  return [w0, w1, w2, ((w3 & ~1023) | ordinal) >>> 0]
}

/** Reads the words by byte shifts: `readInt32BE` costs more than the whole rest of an add. */
export function wordsOfBytes(b: Uint8Array, at = 0): IdWords {
  return [wordAt(b, at), wordAt(b, at + 4), wordAt(b, at + 8), wordAt(b, at + 12)]
}

function wordAt(b: Uint8Array, i: number): number {
  return (
    (((b[i] as number) << 24) |
      ((b[i + 1] as number) << 16) |
      ((b[i + 2] as number) << 8) |
      (b[i + 3] as number)) >>>
    0
  )
}

export function bytesOfWords(words: IdWords): Buffer {
  const bytes = Buffer.allocUnsafe(ID_BYTES)
  for (let i = 0; i < 4; i++) {
    const w = words[i] as number
    bytes[4 * i] = w >>> 24
    bytes[4 * i + 1] = w >>> 16
    bytes[4 * i + 2] = w >>> 8
    bytes[4 * i + 3] = w
  }
  return bytes
}

/** Written anew in each call: through bytes is five times as fast as digit by digit. */
const hexed = Buffer.allocUnsafe(ID_BYTES)

/** 32 lowercase hex digits, the form in which ids are compared and stored. */
export function hexOfWords(words: IdWords): string {
  for (let i = 0; i < 4; i++) hexed.writeInt32BE((words[i] as number) | 0, 4 * i)
  return hexed.toString('hex')
}

export function wordsOfHex(hex: string): IdWords {
  const word = (i: number): number => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16) >>> 0
  return [word(0), word(1), word(2), word(3)]
}

/** The form for people: 8-4-4-4-12. */
export function uuidOfHex(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The hex form of a UUID text in any case, or null if it is none. */
export function hexOfUuid(text: string): string | null {
  const hex = text.replaceAll('-', '').toLowerCase()
  return /^[0-9a-f]{32}$/.test(hex) ? hex : null
}

/** Whether 16 bytes carry our layout: version 7 or 8 and the RFC 9562 variant. */
export function isId(b: Uint8Array): boolean {
  if (b.length !== ID_BYTES) return false
  const version = (b[6] as number) >>> 4
  return (version === 7 || version === 8) && (b[8] as number) >>> 6 === 2
}
