import { expect, it } from 'vitest'
import * as api from '../src/index.ts'

it('the public API holds what its readers need, and no more', () => {
  expect(Object.keys(api).sort()).toEqual([
    'QuipuError',
    'Sketch',
    'checkCompatibility',
    'explain',
    'findingCodes',
    'foldSql',
    'mergeSql',
    'openSqliteStore',
    'sketchOfCells',
    'summarize',
  ])
})

it('an empty store sums up to no data', async () => {
  const store = await api.openSqliteStore(':memory:')
  const verdicts = await store.verdicts()
  expect(api.summarize({ pipelines: [], verdicts, now: 0 }).standing).toBe('no_data')
  await store.close()
})
