/** Every remaining id gets its meaning, once. */
import type { FoundId } from '../finding/finding.ts'
import type { PeeledId } from '../sketch/sketch.ts'
import type { EdgeContext, Inherited } from './edge-context.ts'
import {
  type ExtraMeaning,
  extraRules,
  type Ground,
  meaningOf,
  missingRules,
  parentOf,
} from './rules.ts'

export interface Sorted {
  readonly missing: ReadonlyMap<string, readonly FoundId[]>
  readonly extra: ReadonlyMap<string, readonly FoundId[]>
  readonly copies: Inherited
}

/** Gives each remaining id its meaning. A missing id whose own copy came instead has arrived. */
export function sortOut(
  ids: readonly PeeledId[],
  ground: Ground,
  { edge, inherited }: EdgeContext,
): Sorted {
  const times = new Map(ids.map(({ hex, times }) => [hex, times]))
  // Ids are derived in services; between a topic and who writes or reads it they stay what they are.
  const derives = edge.from.some(({ hop }) => hop.role !== 'producer' && hop.role !== 'topic')
  for (const [id, n] of times) {
    const parent = parentOf(id)
    const lacking = parent === id || !derives ? 0 : (times.get(parent) ?? 0)
    if (n >= 0 || lacking <= 0) continue
    const instead = Math.min(-n, lacking)
    times.set(id, n + instead)
    times.set(parent, lacking - instead)
  }
  const missing = new Map<string, FoundId[]>()
  const extra = new Map<string, FoundId[]>()
  const copies = new Map<string, number>(inherited)
  for (const [id, n] of [...times].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parent = parentOf(id)
    if (n > 0) {
      let rest = n
      if (meaningOf(missingRules, id, ground) === 'copy_removed') {
        const removed = Math.min(rest, ground.copiesMissing.get(id) ?? 0)
        push(missing, 'copy_removed', { id, times: removed })
        copies.set(parent, Math.max(0, (copies.get(parent) ?? 0) - removed))
        rest -= removed
      }
      if (rest > 0) {
        const message = { ...ground, copiesMissing: NONE }
        push(missing, meaningOf(missingRules, id, message), { id, times: rest })
      }
    } else if (n < 0) {
      const meaning = meaningOf(extraRules, id, ground)
      push(extra, meaning, parent === id ? { id, times: -n } : { id, times: -n, copyOf: parent })
      // Also where nothing is proven: only where one of it arrives further down is a missing one a copy.
      if (COPIES.has(meaning)) copies.set(parent, (copies.get(parent) ?? 0) - n)
    }
  }
  return { missing, extra, copies }
}

const COPIES: ReadonlySet<ExtraMeaning> = new Set(['duplicated', 'extra', 'undetermined_extra'])
const NONE: ReadonlyMap<string, number> = new Map()

function push(map: Map<string, FoundId[]>, key: string, id: FoundId): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [id])
  else list.push(id)
}
