/**
 * The dense-sequence witness (DESIGN section 6): of each tag, which sequences a tally has seen.
 *
 * A producer numbers what it mints without a gap. So where a topic holds the sequences 10 and 20 of a
 * tag and fewer than nine between, something was minted that is not here, even if the producer died
 * before it could report it.
 *
 * Laws: spans of one tag merge by the least low, the greatest high, the sum of counts; merging is
 * commutative and associative. Repetitions count, so `high − low + 1 − count` is never more than what
 * is really missing between: a lower bound, and no accusation rests on a message that came twice.
 */
import type { IdWords } from '../message/id.ts'

export interface TagSpan {
  /** 40 bits */
  readonly tag: number
  /** Lowest and highest sequence seen, 24 bits. */
  readonly low: number
  readonly high: number
  /** Ids seen, with repetitions; derived ids (ordinal above 0) are not counted. */
  readonly count: number
}

/** Tags of one tally. One that sees more witnesses nothing: a tag left out would look like a gap. */
export const TAGS_MAX = 64

interface OpenSpan {
  readonly tagHigh: number
  readonly tagLow: number
  low: number
  high: number
  count: number
}

export class TagSpans {
  readonly #spans = new Map<number, OpenSpan>()
  #last: OpenSpan | null = null
  #isFull = false

  add(words: IdWords): void {
    const [, w1, w2, w3] = words
    // Ids that we did not mint have no sequence; derived ones repeat that of their parent.
    if (((w1 >>> 12) & 15) !== 7 || (w3 & 1023) !== 0) return
    const tagHigh = w1 & 0xfff
    const tagLow = (w2 >>> 2) & 0xfffffff
    const sequence = ((w2 & 3) << 22) | (w3 >>> 10)
    let span = this.#last
    if (span === null || span.tagLow !== tagLow || span.tagHigh !== tagHigh) {
      span = this.#select(tagHigh, tagLow, sequence)
      if (span === null) return
    }
    span.count++
    if (sequence > span.high) span.high = sequence
    else if (sequence < span.low) span.low = sequence
  }

  #select(tagHigh: number, tagLow: number, sequence: number): OpenSpan | null {
    if (this.#isFull) return null
    const tag = tagHigh * 2 ** 28 + tagLow
    let span = this.#spans.get(tag)
    if (span === undefined) {
      if (this.#spans.size === TAGS_MAX) {
        this.#isFull = true
        this.#spans.clear()
        this.#last = null
        return null
      }
      span = { tagHigh, tagLow, low: sequence, high: sequence, count: 0 }
      this.#spans.set(tag, span)
    }
    this.#last = span
    return span
  }

  /** By tag; null where there were too many. */
  list(): TagSpan[] | null {
    if (this.#isFull) return null
    return [...this.#spans]
      .map(([tag, { low, high, count }]) => ({ tag, low, high, count }))
      .sort((a, b) => a.tag - b.tag)
  }
}

/** Null is stronger than any list: what one of both did not witness, their sum does not either. */
export function mergeSpans(
  a: readonly TagSpan[] | null,
  b: readonly TagSpan[] | null,
): readonly TagSpan[] | null {
  if (a === null || b === null) return null
  const sum = new Map(a.map((span) => [span.tag, span]))
  for (const { tag, low, high, count } of b) {
    const known = sum.get(tag)
    sum.set(
      tag,
      known === undefined
        ? { tag, low, high, count }
        : {
            tag,
            low: Math.min(known.low, low),
            high: Math.max(known.high, high),
            count: Math.min(known.count + count, Number.MAX_SAFE_INTEGER),
          },
    )
  }
  if (sum.size > TAGS_MAX) return null
  return [...sum.values()].sort((x, y) => x.tag - y.tag)
}
