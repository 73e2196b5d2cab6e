/**
 * Real flights through a whole pipeline, with one thing that somebody writes wrongly from some message on:
 * found is what was done, since when, by whom, no more and no fewer.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shutdown } from '../../agents/kafkajs.ts'
import { type DeclaredOptions, declareFlights } from '../support/drift-declared.ts'
import { expectedOf, expectFigures, faultsOf, found } from '../support/drift-expected.ts'
import { formOf, subjectsOf, type Writing, writings } from '../support/drift-forms.ts'
import { EPOCH, memoryGround, WINDOW_MS } from '../support/drift-memory.ts'
import {
  drawFault,
  type Fault,
  PER_WINDOW,
  runFlights,
  WINDOWS,
} from '../support/drift-pipeline.ts'
import { type Format, formats, type Row } from '../support/drift-schemas.ts'
import { startFakeRegistry } from '../support/fake-registry.ts'
import { flightRecords, flightType } from '../support/flights/records.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-drift-'))
afterAll(async () => {
  await shutdown()
  rmSync(folder, { recursive: true, force: true })
})

const rows: Row[] = []
beforeAll(async () => {
  for await (const block of flightRecords(WINDOWS * PER_WINDOW))
    rows.push(...block.map((value) => flightType.fromBuffer(value) as Row))
})

const place = {
  ...{ epochMs: EPOCH, windowMs: WINDOW_MS },
  topics: { flights: 'flights', enriched: 'enriched' },
}
let runs = 0

async function play(format: Format, fault: Fault, more: Partial<DeclaredOptions> = {}) {
  const second = writings.find((writing): writing is Writing => writing === fault.kind) ?? null
  const subjects = format === 'json' ? {} : subjectsOf(format, second)
  const registry = format === 'json' ? null : await startFakeRegistry({ subjects })
  try {
    const ids = registry === null ? null : await idsIn(registry.url, subjects)
    const { text, path } = declareFlights({
      ...{ folder: join(folder, String(runs++)), format, registry: registry?.url ?? null },
      ...more,
    })
    const ground = await memoryGround(text, path)
    const sent = await runFlights(ground, formOf(format, second, ids), rows, fault)
    return { sent, drift: await ground.end() }
  } finally {
    await registry?.close()
  }
}

/** As a serializer would ask for them. */
async function idsIn(
  url: string,
  subjects: Readonly<Record<string, readonly unknown[]>>,
): Promise<(subject: string, version: number) => number> {
  const ids = new Map<string, number>()
  for (const [subject, versions] of Object.entries(subjects))
    for (const version of versions.keys()) {
      const answer = await fetch(`${url}/subjects/${subject}/versions/${version + 1}`)
      const { id } = (await answer.json()) as { id: number }
      ids.set(`${subject} ${version + 1}`, id)
    }
  return (subject, version) => ids.get(`${subject} ${version}`) ?? 0
}

describe.each(formats)('flights in %s', (format) => {
  it('as they are promised: nothing is found', async () => {
    const { drift } = await play(format, drawFault(1, null))
    expect(found(drift.findings, place)).toEqual([])
    // It was looked at, or nothing could be found.
    const looked = drift.cells.reduce((n, cell) => n + cell.looked, 0)
    const unclear = drift.cells.reduce((n, cell) => n + cell.invalid + cell.unknown, 0)
    expect([looked, unclear]).toEqual([6 * WINDOWS * PER_WINDOW, 0])
  })

  it.each(faultsOf(format))('%s: found is what was done, by whom, since when', async (kind) => {
    const seed = formats.indexOf(format) * 100 + faultsOf(format).indexOf(kind)
    const fault = drawFault(seed, kind)
    const { sent, drift } = await play(format, fault)
    expect(found(drift.findings, place)).toEqual(expectedOf(format, fault))
    expectFigures(drift.findings, sent, place)
  })
})
