/** How things stood in an earlier check: only what is worse now fails a build. */
import { type OutcomeState, states } from './states.ts'

/** By what is judged, how it stood. */
export type Baseline = ReadonlyMap<string, OutcomeState>

interface Stands {
  readonly of: string
  readonly key: readonly [pipeline: string, name: string]
  readonly state: OutcomeState
}

/** The same for the same in every run. */
export const baselineKey = (of: string, pipeline: string, name: string): string =>
  JSON.stringify([of, pipeline, name])

/** What is new has no excuse. */
export function worseThan({ of, key, state }: Stands, baseline: Baseline): boolean {
  const before = baseline.get(baselineKey(of, ...key))
  return before === undefined || states.indexOf(state) < states.indexOf(before)
}
