/** What `quipu trace` is asked for: a stamp, a place in a log, or an id that we did not mint. Pure. */
import { createHash } from 'node:crypto'
import {
  hexOfUuid,
  hexOfWords,
  type IdWords,
  isId,
  withOrdinal,
  wordsOfHex,
} from '../message/id.ts'
import { foreignId } from '../message/identity.ts'

export type TraceTarget =
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'place'
      readonly topic: string
      readonly partition: number
      readonly offset: number
    }
  | { readonly kind: 'foreign'; readonly text: string }

const PLACE = /^([A-Za-z0-9._-]{1,249}):(\d{1,9}):(\d{1,15})$/

/** @param isForeign it is a key, a header or a field, whatever it looks like */
export function targetOf(text: string, isForeign = false): TraceTarget {
  if (isForeign) return { kind: 'foreign', text }
  const id = hexOfUuid(text)
  if (id !== null && isId(Buffer.from(id, 'hex'))) return { kind: 'id', id }
  const [, topic, partition, offset] = PLACE.exec(text) ?? []
  if (topic === undefined) return { kind: 'foreign', text }
  return { kind: 'place', topic, partition: Number(partition), offset: Number(offset) }
}

/** What filters of membership know a foreign id by: the first 8 bytes of its hash. */
export function hashOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest().subarray(0, 8)
}

/** The id that `text` gives to a message born at 1970: all but the birth is right. */
export function unbornIdOf(text: string): string {
  return hexOfWords(foreignId(0, Buffer.from(text)))
}

/** The id of the message itself, where `id` may be that of a copy. */
export function parentOf(id: string): string {
  const words: IdWords = wordsOfHex(id)
  return hexOfWords(withOrdinal(words, 0))
}
