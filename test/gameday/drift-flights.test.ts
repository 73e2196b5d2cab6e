/**
 * Real flights through a whole pipeline, with one thing that somebody writes wrongly from some message on:
 * found is what was done, since when, by whom, no more and no fewer.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shutdown } from '../../agents/kafkajs.ts'
import { Learner } from '../../src/drift/learn/learn.ts'
import { wordsOfHex } from '../../src/message/id.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { type DeclaredPipeline, declareFlights, plainNames } from '../support/drift-declared.ts'
import { expectedOf, expectFigures, faultsOf, found } from '../support/drift-expected.ts'
import { formOf, idsIn, subjectsOf, writings } from '../support/drift-forms.ts'
import { EPOCH, memoryGround, WINDOW_MS } from '../support/drift-memory.ts'
import {
  drawFault,
  type Fault,
  PER_WINDOW,
  runFlights,
  WINDOWS,
} from '../support/drift-pipeline.ts'
import { type Format, formats, type Row } from '../support/drift-schemas.ts'
import { send, startFakeRegistry } from '../support/fake-registry.ts'
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

const place = { ...plainNames, epochMs: EPOCH, windowMs: WINDOW_MS }
let runs = 0

interface PlayOptions {
  readonly format: Format
  readonly fault: Fault
  /** What the file says else. */
  readonly more?: Pick<DeclaredPipeline, 'file' | 'more' | 'sample'>
  readonly isLooked?: (id: string) => boolean
  /** Whether the registry answers anybody but those who write. */
  readonly isDown?: boolean
}

async function play({ format, fault, more = {}, isLooked, isDown = false }: PlayOptions) {
  const second = writings.find((writing) => writing === fault.kind) ?? null
  const subjects = subjectsOf(plainNames.name, format, second)
  let isOpen = true
  const registry = await startFakeRegistry({
    subjects,
    fault: (_, response) => {
      if (isOpen) return false
      send(response, 503, {})
      return true
    },
  })
  try {
    const ids = format === 'json' ? null : await idsIn(registry.url, plainNames.name, subjects)
    isOpen = !isDown
    const { text, path } = declareFlights({
      ...{ folder: join(folder, String(runs++)), registry: registry.url },
      head: 'window: 60s\nlateness: 60s',
      pipelines: [{ names: plainNames, format, hasRegistry: format !== 'json', ...more }],
    })
    const ground = await memoryGround(text, path)
    const sent = await runFlights(ground, formOf(format, second, ids), rows, fault, isLooked)
    return { sent, drift: await ground.end() }
  } finally {
    await registry.close()
  }
}

describe.each(formats)('flights in %s', (format) => {
  it('as they are promised: nothing is found', async () => {
    const { drift } = await play({ format, fault: drawFault(1, null) })
    expect(found(drift.findings, place)).toEqual([])
    // It was looked at, or nothing could be found.
    const looked = drift.cells.reduce((n, cell) => n + cell.looked, 0)
    const unclear = drift.cells.reduce((n, cell) => n + cell.invalid + cell.unknown, 0)
    expect([looked, unclear]).toEqual([6 * WINDOWS * PER_WINDOW, 0])
  })

  it.each(faultsOf(format))('%s: found is what was done, by whom, since when', async (kind) => {
    const seed = formats.indexOf(format) * 100 + faultsOf(format).indexOf(kind)
    const fault = drawFault(seed, kind)
    const { sent, drift } = await play({ format, fault })
    expect(found(drift.findings, place)).toEqual(expectedOf(format, fault))
    expectFigures(drift.findings, sent, place)
  })
})

describe('flights', () => {
  it('of which one in four is looked at: found is what is among those', async () => {
    const ONE_IN = 4
    const isLooked = (id: string): boolean => isSampled(...wordsOfHex(id), DEFAULT_SEED, ONE_IN)
    for (const [format, kind] of [
      ['json', 'renamed'],
      ['avro', 'dropped'],
    ] as const) {
      const fault = drawFault(7, kind)
      const more = { sample: `1/${ONE_IN}` }
      const { sent, drift } = await play({ format, fault, more, isLooked })
      expect(sent.length).toBeLessThan((WINDOWS * PER_WINDOW) / 2)
      expect(found(drift.findings, place)).toEqual(expectedOf(format, fault))
      expectFigures(drift.findings, sent, place)
      expect(drift.findings.map(({ oneIn }) => oneIn)).toEqual(drift.findings.map(() => ONE_IN))
    }
  })

  it('in a version that the pipeline file does not allow are told as that', async () => {
    const fault = drawFault(8, 'added')
    const { sent, drift } = await play({ format: 'avro', fault, more: { more: 'versions: [1]' } })
    expect(found(drift.findings, place)).toEqual(['retired_version flights'])
    expectFigures(drift.findings, sent, place)
  })

  it('of which the registry says nothing accuse nobody', async () => {
    const { drift } = await play({ format: 'avro', fault: drawFault(9, 'foreign'), isDown: true })
    expect(new Set(drift.findings.map(({ code }) => code))).toEqual(new Set(['unread']))
    const looked = drift.cells.reduce((n, cell) => n + cell.looked, 0)
    expect(drift.cells.reduce((n, cell) => n + cell.unknown, 0)).toBe(looked)
    expect(drift.cells.reduce((n, cell) => n + cell.invalid, 0)).toBe(0)
  })

  it.each(faultsOf('json').filter((kind) => kind !== 'dropped'))(
    'held against what was learned from others: %s is found',
    async (kind) => {
      const learner = new Learner()
      for await (const block of flightRecords(5_000))
        for (const value of block) learner.add({ ...flightType.fromBuffer(value) })
      const { schema } = learner.draft({ title: 'flights', seen: {} }, { bounds: false })
      const file = join(folder, 'learned.schema.json')
      writeFileSync(file, JSON.stringify(schema))
      const fault = drawFault(10, kind)
      const { sent, drift } = await play({ format: 'json', fault, more: { file } })
      expect(found(drift.findings, place)).toEqual(expectedOf('json', fault))
      expectFigures(drift.findings, sent, place)
    },
  )
})
