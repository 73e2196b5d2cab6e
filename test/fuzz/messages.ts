/** What is read from messages, whatever they are: stamps, identities, digests. None of it throws. */
import { digestOf, type Preserve } from '../../src/message/digest.ts'
import { bytesOfWords, type IdWords, isId, wordsOfParts } from '../../src/message/id.ts'
import { type IdentitySpec, identify, type TimeSpec } from '../../src/message/identity.ts'
import { readStamp, STAMP_HEADER } from '../../src/message/stamp.ts'
import type { Random } from './random.ts'
import { messageOf, recipeOf } from './recipe.ts'
import { must, type Target } from './target.ts'

const never = (): boolean => false
/** What is kept of a message is far less than the message. */
const bytesMax = (length: number): number => 2 ** 21 + 64 * length

export const stamps: Target<IdWords> = {
  name: 'stamp',
  weight: 70,
  valid: (random) => recipeOf('quipu', idOf(random), random.bytes(random.size(100))),
  odd: (random) => random.bytes(random.size(60)),
  decode: (bytes) => {
    const message = messageOf(bytes)
    // A message itself may refuse to be read; its headers are what this is about.
    const headers = attempt(() => message.headers)
    const reading = readStamp(headers)
    if (reading.kind !== 'stamped') return null
    const value = attempt(() => (headers as Record<string, unknown>)[STAMP_HEADER])
    if (typeof value === 'string') {
      must(bytesOfWords(reading.words).toString('latin1') === value, 'reads other characters')
    } else if (Buffer.isBuffer(value)) {
      must(bytesOfWords(reading.words).equals(value), 'reads other bytes')
    }
    return reading.words
  },
  refuses: never,
  bytesMax,
  examine: examineId,
}

const identities: readonly (readonly [IdentitySpec, TimeSpec])[] = [
  [{ by: 'stamp' }, { by: 'timestamp' }],
  [{ by: 'header', name: 'quipu' }, { by: 'timestamp' }],
  [
    { by: 'header', name: 'h' },
    { by: 'header', name: 'quipu' },
  ],
  [{ by: 'key' }, { by: 'timestamp' }],
  [{ by: 'key' }, { by: 'json', pointer: '/a/b' }],
  [{ by: 'json', pointer: '/a/b' }, { by: 'timestamp' }],
  [
    { by: 'json', pointer: '' },
    { by: 'header', name: '__proto__' },
  ],
  [{ by: 'offset' }, { by: 'timestamp' }],
]
const PLACE = { cluster: 'default', topic: 't', partition: 0, offset: '7' }

export const ids: Target<readonly IdWords[]> = {
  name: 'identity',
  weight: 70,
  valid: stamps.valid,
  odd: stamps.odd!,
  decode: (bytes) => {
    const message = messageOf(bytes)
    const found = identities.flatMap(([id, time]) => {
      const words = identify(message, id, time, PLACE)
      const again = identify(message, id, time, PLACE)
      must(String(words) === String(again), 'the same message has two ids')
      return words === null ? [] : [words]
    })
    return found.length === 0 ? null : found
  },
  refuses: never,
  bytesMax,
  examine: (found) => {
    for (const words of found) examineId(words)
  },
}

const promises: readonly Preserve[] = [
  { value: true, key: false, headers: [] },
  { value: false, key: true, headers: ['h'] },
  { value: true, key: true, headers: ['__proto__', 'h', 'quipu', 'traceparent'] },
]

export const digests: Target<readonly number[]> = {
  name: 'digest',
  weight: 70,
  valid: stamps.valid,
  odd: stamps.odd!,
  decode: (bytes) => {
    const message = messageOf(bytes)
    return promises.map((promise) => digestOf(message, promise))
  },
  refuses: never,
  bytesMax,
  examine: (found, bytes) => {
    for (const digest of found) must(digest >>> 0 === digest, `the digest ${digest}`)
    const again = promises.map((promise) => digestOf(messageOf(bytes), promise))
    must(String(again) === String(found), 'the same message has two digests')
  },
}

function idOf(random: Random): Uint8Array {
  return bytesOfWords(
    wordsOfParts({
      birth: random.size(2 ** 48 - 1),
      version: random.pick([7, 8]),
      tag: random.size(2 ** 40 - 1),
      sequence: random.size(2 ** 24 - 1),
      ordinal: random.size(1023),
    }),
  )
}

function examineId(words: IdWords): void {
  must(words.length === 4 && words.every((word) => word >>> 0 === word), `the words ${words}`)
  must(isId(bytesOfWords(words)), `${bytesOfWords(words).toString('hex')} is no id`)
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}
