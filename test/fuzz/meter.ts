/**
 * Meters of work that do not depend on the machine: bytes asked for, and bytes looked at.
 *
 * While something is metered, arrays that are made by a length are counted, and refused beyond the limit
 * before memory is taken; so a decoder that believes a length is caught by one small input. Not counted:
 * what grows piece by piece, which reads a byte for each piece and shows in the other meter.
 */

/** A meter has stopped what it measured. */
class MeterError extends Error {}

export interface Metered<T> {
  /** What came of it; `error` if something was thrown. */
  readonly value: T | undefined
  readonly error: unknown
  readonly threw: boolean
  /** Asked for, granted or not. */
  readonly bytes: number
}

type Constructor = new (...args: never[]) => object

const counted: ReadonlyArray<readonly [name: string, bytesPerItem: number]> = [
  ['Array', 8],
  ['ArrayBuffer', 1],
  ['Uint8Array', 1],
  ['Uint16Array', 2],
  ['Uint32Array', 4],
  ['Int32Array', 4],
  ['Float64Array', 8],
  ['BigUint64Array', 8],
]
const bufferMakers = ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const

/** Runs it to its end; not for what waits. */
export function metered<T>(limitBytes: number, run: () => T): Metered<T> {
  let bytes = 0
  const ask = (length: unknown, bytesPerItem: number): void => {
    if (typeof length !== 'number' || !(length > 0)) return
    bytes += length * bytesPerItem
    if (bytes > limitBytes) throw new MeterError(`asks for more than ${limitBytes} bytes`)
  }
  const undo = [...counted.map((row) => countConstructor(...row, ask)), ...countBuffers(ask)]
  try {
    const value = run()
    return { value, error: undefined, threw: false, bytes }
  } catch (error) {
    return { value: undefined, error, threw: true, bytes }
  } finally {
    for (const one of undo) one()
  }
}

type Ask = (length: unknown, bytesPerItem: number) => void

function countConstructor(name: string, bytesPerItem: number, ask: Ask): () => void {
  const all = globalThis as unknown as Record<string, Constructor>
  const plain = all[name] as Constructor
  all[name] = new Proxy(plain, {
    construct(target, args, newTarget) {
      if (args.length === 1) ask(args[0], bytesPerItem)
      return Reflect.construct(target, args, newTarget === all[name] ? target : newTarget)
    },
  })
  return () => {
    all[name] = plain
  }
}

function countBuffers(ask: Ask): (() => void)[] {
  return bufferMakers.map((name) => {
    const plain = Buffer[name]
    Buffer[name] = ((size: number, ...rest: never[]) => {
      ask(size, 1)
      return plain(size, ...rest)
    }) as typeof plain
    return () => {
      Buffer[name] = plain as never
    }
  })
}

export interface CountingView {
  /** The same bytes; each look at one of them is counted. */
  readonly bytes: Uint8Array
  reads(): number
}

/** For decoders that read byte by byte. It stops one that reads beyond `limit`. */
export function countingView(bytes: Uint8Array, limit: number): CountingView {
  let reads = 0
  const view = new Proxy(bytes, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) {
        if (++reads > limit) throw new MeterError(`looks at more than ${limit} bytes`)
        return target[Number(name)]
      }
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { bytes: view, reads: () => reads }
}
