/**
 * Any JavaScript value from bytes: what a message may be in somebody else's process. Bytes are read as
 * a recipe, and at their end everything is 0, so every byte string is one value.
 */
const DEPTH_MAX = 3
const HEADER_NAMES = ['quipu', 'h', 'traceparent', '__proto__'] as const
const FIELDS = ['headers', 'key', 'value', 'timestamp'] as const

export interface AnyMessage {
  headers?: unknown
  key?: unknown
  value?: unknown
  timestamp?: unknown
}

/** Headers, key, value and timestamp: each of them whatever it is, or thrown when it is read. */
export function messageOf(bytes: Uint8Array): AnyMessage {
  const recipe = new Recipe(bytes)
  const message = {}
  for (const field of FIELDS) recipe.put(message, field, 0)
  return message
}

/** The recipe of a message with a Buffer in one header, and another one as key and value. */
export function recipeOf(
  header: (typeof HEADER_NAMES)[number],
  stamp: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const name = HEADER_NAMES.indexOf(header)
  const buffer = (bytes: Uint8Array): number[] => [0, BUFFER, bytes.length, ...bytes]
  const [key, value] = [buffer(payload), buffer(payload)]
  return Uint8Array.from([0, HEADERS, 1, name, ...buffer(stamp), ...key, ...value, 0, NUMBER, 9])
}

const NUMBER = 2
const BUFFER = 6
const HEADERS = 7

class Recipe {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** One property, or one that throws. */
  put(target: object, name: PropertyKey, depth: number): void {
    if (this.#byte() >= 250) {
      const get = (): never => {
        throw new TypeError('not to be read')
      }
      Object.defineProperty(target, name, { get, enumerable: true, configurable: true })
      return
    }
    const value = this.value(depth)
    const own = { value, enumerable: true, writable: true, configurable: true }
    Object.defineProperty(target, name, own)
  }

  value(depth: number): unknown {
    const kind = this.#byte() % 24
    if (depth > DEPTH_MAX && kind > BUFFER) return undefined
    switch (kind) {
      case 0:
        return undefined
      case 1:
        return null
      case NUMBER:
        return NUMBERS[this.#byte() % NUMBERS.length]
      case 3:
        return BigInt(this.#byte())
      case 4:
        return Symbol('id')
      case 5:
        return this.#take(this.#byte()).toString(this.#byte() % 2 === 0 ? 'latin1' : 'utf16le')
      case BUFFER:
        return this.#take(this.#byte())
      case HEADERS:
      case 8:
        return this.#headers(kind === 8 ? Object.create(null) : {}, depth + 1)
      case 9:
        return new Uint8Array(this.#take(this.#byte()))
      case 10:
      case 11:
        return Array.from({ length: this.#byte() % 10 }, () => this.value(depth + 1))
      case 12:
        return this.#take(this.#byte()).toString('utf8').repeat(this.#byte())
      case 13: {
        const text = this.value(depth + 1)
        return { toString: () => text, quipu: 1 }
      }
      case 14:
        return Object.create(Uint8Array.prototype)
      case 15:
        return Object.defineProperty(this.#take(16), 'length', { value: this.value(depth + 1) })
      case 16:
        return revoked(depth % 2 === 0 ? {} : [])
      case 17:
        return new Proxy(this.#headers({}, depth + 1), THROWS)
      case 18:
        return new Date(Number.NaN)
      case 19:
        return () => 1
      case 20:
        return new Array(1 + 4 * this.#byte())
      case 21:
        return JSON.stringify({ a: { b: this.#byte() } })
      case 22:
        return new Float64Array(this.#byte())
      default:
        return true
    }
  }

  #headers(into: object, depth: number): object {
    for (let n = this.#byte() % 5; n > 0; n--) {
      this.put(into, HEADER_NAMES[this.#byte() % HEADER_NAMES.length]!, depth)
    }
    return into
  }

  #byte(): number {
    return this.#bytes[this.#at++] ?? 0
  }

  #take(length: number): Buffer {
    const part = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return Buffer.from(part)
  }
}

const NUMBERS = [0, -0, 1, -1, 0.5, Number.NaN, Infinity, 2 ** 31, 2 ** 48, 1.8e12, -1e300, 2 ** 53]

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const THROWS: ProxyHandler<object> = {
  get() {
    throw new RangeError('not to be read')
  },
}
