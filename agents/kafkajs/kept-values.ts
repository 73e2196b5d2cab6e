/**
 * Values of sends without outcome that are looked into when they pass: as they were when they were sent,
 * since the caller may use its buffers again. Bounded; what has no room is not looked into.
 */
import { VALUE_BYTES_MAX } from '../../src/drift/read/reader.ts'
import type { Lookable } from '../../src/drift/shape.ts'
import type { Flight } from './entry.ts'

/** Of all sends of one agent. */
const KEPT_BYTES_MAX = 4 << 20
/** What a kept message takes beside its value. */
const OVERHEAD_BYTES = 200

export interface KeptValue extends Lookable {
  readonly bytes: number
}

export class KeptValues {
  #bytes = 0

  /** Null: there is no room. */
  keep({ value, headers }: Lookable): KeptValue | null {
    const bytes = OVERHEAD_BYTES + sizeOf(value)
    if (this.#bytes + bytes > KEPT_BYTES_MAX) return null
    this.#bytes += bytes
    return { value: copyOf(value), headers, bytes }
  }

  /** All that is kept of the flight. It may be called again. */
  release({ entries }: Flight): void {
    for (const entry of entries) {
      if (entry.kept === null) continue
      this.#bytes -= entry.kept.bytes
      entry.kept = null
    }
  }
}

/** What is too long to be read is not copied: that it is too long does not change. */
function copyOf(value: unknown): unknown {
  return isShortBuffer(value) ? Buffer.from(value) : value
}

/** Texts cannot change, but would be gone without this. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  return isShortBuffer(value) ? value.length : 0
}

function isShortBuffer(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= VALUE_BYTES_MAX
}
