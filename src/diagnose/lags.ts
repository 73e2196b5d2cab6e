/** Samples of lags as the auditor leaves them in the store: numbers only, since there are many. */
import { type HopKey, hopKey, hopOfKey } from '../hop/hop.ts'
import type { GroupLags, LagSample } from './forecast.ts'

/** `at`, `low`, `high`, `committed`. */
type Row = readonly [number, number, number, number]

export interface LagsFact {
  readonly groups: readonly {
    readonly group: HopKey
    readonly isCompacted: boolean
    readonly partitions: readonly (readonly [partition: number, rows: readonly Row[]])[]
  }[]
}

export function factOfLags(lags: readonly GroupLags[]): LagsFact {
  return {
    groups: lags.map(({ group, isCompacted, partitions }) => ({
      group: hopKey(group),
      isCompacted,
      partitions: partitions.map(({ partition, samples }) => [
        partition,
        samples.map(({ at, low, high, committed }): Row => [at, low, high, committed]),
      ]),
    })),
  }
}

/** @param fact undefined: nobody has left one yet */
export function lagsOf(fact: unknown): readonly GroupLags[] {
  if (fact === undefined || fact === null) return []
  return (fact as LagsFact).groups.map(({ group, isCompacted, partitions }) => ({
    group: hopOfKey(group),
    isCompacted,
    partitions: partitions.map(([partition, rows]) => ({
      partition,
      samples: rows.map(([at, low, high, committed]): LagSample => ({ at, low, high, committed })),
    })),
  }))
}
