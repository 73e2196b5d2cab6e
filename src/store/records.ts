/**
 * How many records agents have counted, of each hop: a sum of all frames there ever were. It is added to
 * as a frame is taken, in the same transaction: so what comes twice counts once, and what is pruned stays.
 *
 * A store from before has counted nothing of what it had taken by then.
 */
import type { Channel, Frame } from '../hop/frame.ts'
import { hopKey } from '../hop/hop.ts'
import { ID_ELEMENT } from '../hop/params.ts'
import { RECORDS } from '../hop/records.ts'
import type { Statements } from './statements.ts'

/** Each record is in one of them; what is in the others is in these, too. */
const ONCE: ReadonlySet<Channel> = new Set([
  'passed',
  'rejected',
  'withdrawn',
  'unconfirmed',
  'unidentified',
])

/** @param frames that were not taken before */
export function addRecords(sql: Statements, frames: readonly Pick<Frame, 'deltas'>[]): void {
  const sums = new Map<string, { readonly key: string; readonly name: string; count: number }>()
  for (const { hop, channel, element, oneIn, count } of frames.flatMap((f) => f.deltas)) {
    // With a digest, or at another rate, the same records are counted once more.
    if (element !== ID_ELEMENT || !ONCE.has(channel)) continue
    const [key, name] = [hopKey(hop), RECORDS + oneIn]
    const sum = sums.get(`${key} ${name}`) ?? { key, name, count: 0 }
    sum.count = Math.min(sum.count + Math.max(0, count), Number.MAX_SAFE_INTEGER)
    sums.set(`${key} ${name}`, sum)
  }
  for (const { key, name, count } of sums.values())
    if (count > 0) sql.run(ADD, '', key, name, count)
}

/** Sums stay numbers that JavaScript can read back, whatever frames claim. */
const ADD =
  'INSERT INTO totals (pipeline, edge, name, value) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE ' +
  `SET value = min(value + excluded.value, ${Number.MAX_SAFE_INTEGER})`
