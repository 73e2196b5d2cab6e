/** What the books of an auditor that runs hold, looked at from outside. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'

export async function verdictsIn(path: string): Promise<readonly EdgeVerdict[]> {
  const store = await openSqliteStore(path)
  try {
    return await store.verdicts()
  } finally {
    await store.close()
  }
}

/** Looks, 500 ms apart. */
const LOOKS_MAX = 240

/**
 * Waits until all is known and judged: no window is open, nothing is under way or undetermined. What is
 * known by then may be settled while the rest is still to come, so it counts. Bounded: what never comes
 * is for the test to say.
 *
 * @param expected messages that all edges together expect
 */
export async function untilJudged(path: string, expected: number): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    await sleep(500)
    const verdicts = await verdictsIn(path)
    const known = verdicts.reduce((n, { counts }) => n + counts.expected, 0)
    if (known === expected && verdicts.every(isJudged)) return
  }
}

const isJudged = ({ state, counts }: EdgeVerdict): boolean =>
  state !== 'open' && counts.in_flight === 0 && counts.undetermined === 0
