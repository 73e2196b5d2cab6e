/** What is fuzzed, and the one place that says what must hold. */

import { countingView, metered } from './meter.ts'
import { type Base, type Input, inputOf } from './mutate.ts'
import { Random } from './random.ts'

export interface Target<T = unknown> extends Base {
  readonly name: string
  /** How often it is drawn, beside the others: dear ones rarely. */
  readonly weight: number
  /** Null, or an error that `refuses` knows, if the bytes are not accepted. */
  decode(bytes: Uint8Array): T | null
  /** Whether this is how it says no. */
  refuses(error: unknown): boolean
  /** Bytes that it may ask for, for an input so long. */
  bytesMax(length: number): number
  /** Reads byte by byte, so that its looks can be counted: so many a byte of the input at most. */
  readonly looksMax?: number
  /** Throws, or rejects with, what is wrong with a value that was accepted. */
  examine(value: T, bytes: Uint8Array): void | Promise<void>
}

export interface Flaw {
  readonly target: string
  readonly kind: string
  readonly bytes: Uint8Array
  readonly why: string
}

/** Beyond this, looks are counted for one input in some only: counting takes 100 ns a byte. */
const COUNTED_LENGTH = 2048
/** Every decoder may look at a few bytes again. */
const LOOKS_BASE = 512

export async function flawIn(
  target: Target,
  input: Input,
  countsLooks = true,
): Promise<Flaw | null> {
  const { kind, bytes } = input
  const flaw = (why: string): Flaw => ({ target: target.name, kind, bytes, why })
  const { length } = bytes
  const looksMax = LOOKS_BASE + (target.looksMax ?? 0) * length
  const isCounted = target.looksMax !== undefined && countsLooks
  const view = isCounted ? countingView(bytes, looksMax) : null
  const limit = target.bytesMax(length)

  const before = Buffer.from(bytes)
  const made = metered(limit, () => target.decode(view?.bytes ?? bytes))
  if (made.bytes > limit) return flaw(`asks for ${made.bytes} bytes, more than ${limit}`)
  if (view !== null && view.reads() > looksMax) return flaw(`looks at more than ${looksMax} bytes`)
  if (made.threw && !target.refuses(made.error)) return flaw(`throws ${wordsOf(made.error)}`)
  if (!before.equals(bytes)) return flaw('changes its input')
  const { value } = made
  if (made.threw || value === null) {
    if (kind !== 'valid') return null
    return flaw(`refuses what is valid: ${wordsOf(made.error)}`)
  }
  try {
    await target.examine(value, bytes)
    return null
  } catch (error) {
    return flaw(wordsOf(error))
  }
}

/** Input number `i` of the seed: which decoder gets it, unless it is given, and what it is. */
export function drawn(
  targets: readonly Target[],
  seed: number,
  i: number,
): { readonly target: Target; readonly input: Input; readonly countsLooks: boolean } {
  const which = new Random(seed, 2 * i)
  const target = weighted(targets, which)
  const input = inputOf(target, new Random(seed, 2 * i + 1))
  return { target, input, countsLooks: input.bytes.length < COUNTED_LENGTH || i % 16 === 0 }
}

function weighted(targets: readonly Target[], random: Random): Target {
  let at = random.below(targets.reduce((sum, { weight }) => sum + weight, 0))
  for (const target of targets) {
    at -= target.weight
    if (at < 0) return target
  }
  throw new Error('expected targets')
}

/** For `examine`: what must hold. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
