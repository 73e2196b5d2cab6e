/**
 * The bounds that all readers share. Every value that is made takes one of `NODES_MAX`, and every list,
 * map and record one of `DEPTH_MAX` levels, before anything is made of it; so memory follows from the
 * bytes that are there, never from what they claim.
 */
import { DEPTH_MAX, NODES_MAX, type Reading, VALUE_BYTES_MAX, type Value } from './reader.ts'

const TOO_LARGE: Reading = { kind: 'too_large' }

/** Ends a reading, from however deep within it. */
class Stop extends Error {
  readonly reading: Reading

  constructor(reading: Reading) {
    super(reading.kind)
    this.reading = reading
  }
}

/** @param reason without anything of the value, and one of few: findings are told apart by it */
export function undecodable(reason: string): never {
  throw new Stop({ kind: 'undecodable', reason })
}

export class Budget {
  #nodes = 0
  #depth = 0

  node(): void {
    if (++this.#nodes > NODES_MAX) throw new Stop(TOO_LARGE)
  }

  enter(): void {
    if (++this.#depth > DEPTH_MAX) throw new Stop(TOO_LARGE)
  }

  leave(): void {
    this.#depth--
  }
}

/** Runs a decoder to its end, whatever comes of it. */
export function bounded(
  payload: Uint8Array,
  decode: (bytes: Buffer, budget: Budget) => Value,
): Reading {
  try {
    if (payload.length > VALUE_BYTES_MAX) return TOO_LARGE
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    return { kind: 'value', value: decode(bytes, new Budget()) }
  } catch (error) {
    // What nobody thought of says nothing about the message: it is not looked into.
    return error instanceof Stop ? error.reading : TOO_LARGE
  }
}
