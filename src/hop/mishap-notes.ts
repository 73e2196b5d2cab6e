/**
 * What an agent saw go wrong since its last frame, bounded.
 *
 * - The same once more, at the same place, is one that came more often.
 * - A redelivery that goes on is one of a longer span.
 * - When there is no room, a like one counts it, without its place; and as its place is not noted it is
 *   told as dropped, so that nobody takes its absence elsewhere for proof.
 */
import { type HopKey, type HopRef, hopKey } from './hop.ts'
import {
  MISHAP_DETAIL_CHARS_MAX,
  MISHAPS_DROPPED,
  MISHAPS_MAX,
  MISHAPS_OF_KIND_MAX,
  type Mishap,
  type MishapKind,
} from './mishap.ts'

/** A mishap as it is noted: what is left out is none. */
export type Noted = Pick<Mishap, 'hop' | 'kind'> & Partial<Mishap>

type Open = { -readonly [K in keyof Mishap]: Mishap[K] }

const INT_MAX = 0x7fffffff

export class MishapNotes {
  readonly #onDropped: (hop: HopRef, name: string, count: number) => void
  #all: Open[] = []
  /** By hop, kind, partition and detail. */
  #like = new Map<string, Open[]>()
  /** By hop and kind: how many. */
  #ofKind = new Map<string, number>()

  constructor(onDropped: (hop: HopRef, name: string, count: number) => void) {
    this.#onDropped = onDropped
  }

  /** @param now ms */
  add(noted: Noted, now: number): void {
    const mishap = made(noted, now)
    const key = hopKey(noted.hop)
    const of = JSON.stringify([key, mishap.kind, mishap.partition, mishap.detail])
    const like = this.#like.get(of)
    const same = like?.find((other) => isSame(other, mishap))
    if (same !== undefined) {
      same.count = Math.min(same.count + mishap.count, Number.MAX_SAFE_INTEGER)
      return
    }
    const last = like?.at(-1)
    if (last !== undefined && goesOn(last, mishap)) {
      last.to = mishap.to
      return
    }
    if (this.#mayOpen(key, mishap.kind)) {
      this.#all.push(mishap)
      if (like === undefined) this.#like.set(of, [mishap])
      else like.push(mishap)
      return
    }
    if (last !== undefined) {
      last.count = Math.min(last.count + mishap.count, Number.MAX_SAFE_INTEGER)
    }
    this.#onDropped(noted.hop, MISHAPS_DROPPED, mishap.count)
  }

  /** All of them, and none is left. */
  take(): readonly Mishap[] {
    const taken = this.#all
    if (taken.length === 0) return taken
    this.#all = []
    this.#like = new Map()
    this.#ofKind = new Map()
    return taken
  }

  #mayOpen(key: HopKey, kind: MishapKind): boolean {
    const of = `${kind} ${key}`
    const count = this.#ofKind.get(of) ?? 0
    if (this.#all.length >= MISHAPS_MAX || count >= MISHAPS_OF_KIND_MAX) return false
    this.#ofKind.set(of, count + 1)
    return true
  }
}

/** Whatever was noted, a frame can hold it: a value out of its range would have it refused whole. */
function made(noted: Noted, now: number): Open {
  const { hop, kind, at = now, partition = -1, from = -1, to = -1, id = '' } = noted
  const { traceId = '', spanId = '', detail = '', count = 1 } = noted
  const hasSpan = isWhole(from) && isWhole(to) && from <= to
  const hasTrace = isHex(traceId, 32) && isHex(spanId, 16)
  return {
    hop,
    kind,
    at: isWhole(at) ? at : 0,
    partition: isWhole(partition) && partition <= INT_MAX ? partition : -1,
    from: hasSpan ? from : -1,
    to: hasSpan ? to : -1,
    id: isHex(id, 32) ? id : '',
    traceId: hasTrace ? traceId : '',
    spanId: hasTrace ? spanId : '',
    detail: detail.slice(0, MISHAP_DETAIL_CHARS_MAX),
    count: isWhole(count) && count > 0 ? count : 1,
  }
}

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

const isHex = (text: string, length: number): boolean =>
  text.length === length && /^[0-9a-f]*$/.test(text)

const isSame = (a: Mishap, b: Mishap): boolean =>
  a.from === b.from && a.to === b.to && a.id === b.id

function goesOn(last: Mishap, next: Mishap): boolean {
  return (
    next.kind === 'redelivered' && next.from >= 0 && next.from === last.to && next.id === last.id
  )
}
