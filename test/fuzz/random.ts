/**
 * Draws from a seed: input number `i` of a seed is the same on every machine, whatever was drawn before
 * it, so that any single one can be made again.
 */
export class Random {
  #state: number
  readonly #step: number

  constructor(seed: number, stream: number) {
    this.#state = mixed((seed ^ mixed(stream)) >>> 0)
    // Odd, so that the counter comes by every state.
    this.#step = (mixed((seed + 0x6b43a9b5) ^ stream) | 1) >>> 0
  }

  uint32(): number {
    this.#state = (this.#state + this.#step) >>> 0
    return mixed(this.#state)
  }

  /** A whole number in `[0, limit)`; limits up to 2^53. */
  below(limit: number): number {
    const high = this.uint32() >>> 11
    return Math.floor(((high * 2 ** 32 + this.uint32()) / 2 ** 53) * limit)
  }

  /** A whole number in `[least, most]`. */
  from(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** Small ones mostly, and the ends of `[0, most]`. */
  size(most: number): number {
    if (this.oneIn(16)) return this.pick([0, 1, most - 1, most])
    return this.below(2 ** this.from(0, Math.ceil(Math.log2(most + 1)))) % (most + 1)
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      // Whole words where there are many: most inputs are small, the huge ones must not be slow.
      if (i % 4 === 0 && i + 4 <= length) {
        const word = this.uint32()
        bytes[i] = word
        bytes[i + 1] = word >>> 8
        bytes[i + 2] = word >>> 16
        bytes[i + 3] = word >>> 24
        i += 3
      } else bytes[i] = this.uint32() >>> 24
    }
    return bytes
  }

  list<T>(length: number, item: (i: number) => T): T[] {
    return Array.from({ length }, (_, i) => item(i))
  }
}

function mixed(x: number): number {
  let y = Math.imul(x ^ (x >>> 16), 0x7ab3d5e7)
  y = Math.imul(y ^ (y >>> 15), 0x5d29c4b3)
  return (y ^ (y >>> 16)) >>> 0
}
