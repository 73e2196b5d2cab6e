/** Facts that causes rest on, as data; explain-cause.ts puts them into words. */
import type { OffsetRange } from '../../base/intervals.ts'
import type { CauseFact } from '../../finding/cause.ts'
import type { InstanceState } from '../../hop/evidence.ts'
import type { Channel } from '../../hop/frame.ts'
import { describeHop, type HopRef } from '../../hop/hop.ts'
import type { Minter, StoredMishap } from '../../hop/mishap.ts'
import type { Overwritten, SeenCut, WentBack } from '../cause-evidence.ts'
import type { Place, Searched } from '../log.ts'

/** Of many offsets, as many are told. */
const RANGES_MAX = 8

export const mishapFact = (mishap: StoredMishap): CauseFact => {
  const { hop, kind, at, partition, from, to, detail, count, instance, service, host } = mishap
  const where = { partition, from, to }
  return {
    name: 'mishap',
    args: { hop: describeHop(hop), kind, at, ...where, detail, count, instance, service, host },
  }
}

export const cutFact = (topic: HopRef, cut: SeenCut): CauseFact => ({
  name: 'log_cut',
  args: { hop: describeHop(topic), ...cut },
})

export const overwrittenFact = (topic: HopRef, seen: Overwritten): CauseFact => ({
  name: 'overwritten',
  args: { hop: describeHop(topic), ...seen },
})

export const deletedFact = (
  hop: HopRef,
  partition: number,
  from: number,
  to: number,
): CauseFact => ({
  name: 'deleted',
  args: { hop: describeHop(hop), partition, from, to },
})

export const wentBackFact = (hop: HopRef, partition: number, seen: WentBack): CauseFact => ({
  name: 'went_back',
  args: { hop: describeHop(hop), partition, ...seen },
})

/** How sends ended, as their producer counted them. */
export const outcomeFact = (hop: HopRef, outcome: Channel, count: number): CauseFact => ({
  name: 'sends',
  args: { hop: describeHop(hop), outcome, count },
})

export const droppedFact = (hop: string, reasons: readonly string[]): CauseFact => ({
  name: 'dropped',
  args: { hop, reasons },
})

export const placeFact = ({ topic, partition, offset, timestamp }: Place): CauseFact => ({
  name: 'place',
  args: { topic, partition, offset, timestamp },
})

export const searchFact = ({ topic, cluster, records, isComplete }: Searched): CauseFact => ({
  name: 'searched',
  args: { topic, cluster, records, isComplete },
})

export const rangesFact = (hop: HopRef, ranges: readonly OffsetRange[]): CauseFact => ({
  name: 'offsets',
  args: { hop: describeHop(hop), ranges: ranges.slice(0, RANGES_MAX) },
})

export const silentFact = (
  { instance, service, lastSentAt }: InstanceState,
  minter: Minter | undefined,
): CauseFact => ({
  name: 'silent',
  args: { instance, service, host: minter?.host ?? '', lastSentAt },
})

export const minterFact = ({ instance, service, host, client }: Minter): CauseFact => ({
  name: 'minted_by',
  args: { instance, service, host, client },
})

export const hopFact = (name: string, hop: HopRef): CauseFact => ({
  name,
  args: { hop: describeHop(hop) },
})
