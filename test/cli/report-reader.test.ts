/** What is read of a store, over more windows than are held at once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readReport } from '../../src/cli/report-reader.ts'
import type { TallyDelta } from '../../src/hop/frame.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FLIGHTS } from '../reports/build.ts'
import { deltaOf, enrich, frameOf, WINDOW_MS } from '../store/frames.ts'

const WINDOWS = 250
let dir = ''
let path = ''

/** One message in each window, which took as many ms as the window has a number. */
function measured(w: number): TallyDelta {
  const latencies = new Latencies([99])
  latencies.record(w)
  const bytes = latencies.toBytes()
  return deltaOf(enrich, w * WINDOW_MS, [w], { birthLatency: bytes, hopLatency: bytes })
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-reader-'))
  path = join(dir, 'quipu.db')
  const store = await openSqliteStore(path)
  await store.setFact('pipelines', [FLIGHTS])
  const deltas = Array.from({ length: WINDOWS }, (_, w) => measured(w))
  await store.fold([frameOf(0, { deltas })], {}, 1_000)
  await store.close()
})
afterAll(() => rmSync(dir, { recursive: true }))

const latencyOf = async (since?: number, measured = true) => {
  const options = { store: path, measured, ...(since === undefined ? {} : { since }) }
  const { report } = await readReport(options)
  return report.pipelines[0]?.edges.find(({ edge }) => edge === 'flights → enrich')?.latency
    ?.fromHop
}

it('latencies of all windows, each once', async () => {
  const found = await latencyOf()
  expect(found).toMatchObject({
    ...{ count: WINDOWS, minMs: 0, maxMs: WINDOWS - 1 },
    within: [{ thresholdMs: 99, count: 100, share: 100 / WINDOWS }],
  })
})

it('latencies of windows since a time', async () => {
  const found = await latencyOf(50 * WINDOW_MS)
  expect(found).toMatchObject({ count: WINDOWS - 50, minMs: 50, within: [{ count: 50 }] })
})

it('no latencies where nobody asks for them', async () => {
  expect(await latencyOf(undefined, false)).toBeUndefined()
})
