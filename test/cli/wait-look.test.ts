/** What an auditor says is held against verdicts that are as new, whenever it writes. */
import { expect, it } from 'vitest'
import { look } from '../../src/cli/wait-look.ts'
import { PIPELINES_FACT, SEEN_UNTIL_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { FLIGHTS, START, verdict } from '../reports/build.ts'

const SAID = START + 1_000

it('a verdict that comes between two questions is not missed', async () => {
  const store = await openSqliteStore(':memory:')
  await store.setFact(PIPELINES_FACT, [FLIGHTS])
  let isJudged = false
  /** Judges after the first answer, and says so. */
  const auditor = async (): Promise<void> => {
    if (isJudged) return
    isJudged = true
    await store.saveVerdicts([{ ...verdict('checkin → flights'), state: 'open' }], SAID)
    await store.setFact(SEEN_UNTIL_FACT, SAID)
  }
  const beside = new Proxy(store, {
    get: (of, name: keyof Store) => {
      const method = of[name] as (...args: unknown[]) => Promise<unknown>
      return async (...args: unknown[]) => {
        const answer = await method.apply(of, args)
        await auditor()
        return answer
      }
    },
  })
  const first = await look(beside, { since: 0 })
  const second = await look(beside, { since: 0 })
  await store.close()
  const of = ({ seenUntil, verdicts }: typeof first) => [seenUntil, verdicts.length]
  // Not what was said of a verdict that is not there.
  expect([of(first), of(second)]).toEqual([
    [null, 1],
    [SAID, 1],
  ])
})
