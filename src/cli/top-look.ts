/** One look into the store for `quipu top`. */

import type { TopState } from '../../reports/top-state.ts'
import { lagsOf } from '../diagnose/lags.ts'
import { LAGS_FACT, SEEN_UNTIL_FACT } from '../store/facts.ts'
import { read, withStore } from './store-reader.ts'
import { type TopLook, topStateOf } from './top-state.ts'

export interface TopQuery {
  readonly store: string
  readonly pipeline?: string
  /** ms: windows that start so long ago, and later */
  readonly lastMs: number
}

/** @throws QuipuError */
export async function lookAtTop(query: TopQuery, now: number): Promise<TopState> {
  const { store: path, pipeline, lastMs } = query
  const since = Math.max(0, now - lastMs)
  const asked = { since, ...(pipeline === undefined ? {} : { pipeline }) }
  return withStore(path, async (store) => {
    // First: what it says is true of the verdicts that are read after it.
    const said = await store.fact(SEEN_UNTIL_FACT)
    const seenUntil = typeof said === 'number' ? said : null
    const { pipelines, verdicts } = await read(store, asked)
    const instances = await store.instances(since)
    const lags = lagsOf(await store.fact(LAGS_FACT))
    const look: TopLook = { pipelines, verdicts, instances, lags, seenUntil, since, now }
    return topStateOf(look)
  })
}
