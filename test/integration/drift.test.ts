/**
 * Flights on a real broker, in Avro and Protobuf with a registry and in JSON without one, side by side:
 * what somebody writes wrongly from some message on is found, since when and by whom, and nothing else is.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shutdown } from '../../agents/kafkajs.ts'
import type { Drift } from '../../src/drift/judge.ts'
import type { Names } from '../support/drift-declared.ts'
import { expectedOf, expectFigures, found } from '../support/drift-expected.ts'
import { formOf, idsIn, subjectsOf, writings } from '../support/drift-forms.ts'
import { brokerNames, openStage, type Stage } from '../support/drift-kafka.ts'
import {
  drawFault,
  type Fault,
  PER_WINDOW,
  runFlights,
  type Sent,
  WINDOWS,
} from '../support/drift-pipeline.ts'
import type { Format, Row } from '../support/drift-schemas.ts'
import { startFakeRegistry } from '../support/fake-registry.ts'
import { flightRecords, flightType } from '../support/flights/records.ts'
import { quipu } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-drift-'))
afterAll(async () => {
  await shutdown()
  rmSync(folder, { recursive: true, force: true })
})

const pairs: readonly (readonly [Format, Fault['kind']])[] = [
  ['json', 'renamed'],
  ['json', null],
  ['avro', 'unframed'],
  ['avro', 'foreign'],
  ['protobuf', 'retyped'],
  ['protobuf', 'dropped'],
]
const cases = pairs.map(([format, kind], seed) => ({
  ...{ format, kind, name: `${format}-${kind ?? 'clean'}`, fault: drawFault(seed, kind) },
  second: writings.find((writing) => writing === kind) ?? null,
}))

let stage: Stage
const names = new Map<string, Names>()
const ledgers = new Map<string, readonly Sent[]>()
let driftAt: (names: Names) => Drift
beforeAll(async () => {
  const rows: Row[] = []
  for await (const block of flightRecords(WINDOWS * PER_WINDOW))
    rows.push(...block.map((value) => flightType.fromBuffer(value) as Row))
  const subjects = Object.assign(
    {},
    ...cases.map(({ name, format, second }) => subjectsOf(name, format, second)),
  )
  const registry = await startFakeRegistry({ subjects })
  try {
    for (const { name } of cases) names.set(name, await brokerNames(name))
    const pipelines = cases.map(({ name, format }) => ({
      ...{ format, names: names.get(name) as Names, hasRegistry: format !== 'json' },
    }))
    stage = await openStage(folder, registry.url, pipelines)
    const run = async ({ name, format, second, fault }: (typeof cases)[number]): Promise<void> => {
      const own = subjectsOf(name, format, second)
      const ids = format === 'json' ? null : await idsIn(registry.url, name, own)
      const ground = stage.ground(names.get(name) as Names)
      ledgers.set(name, await runFlights(ground, formOf(format, second, ids), rows, fault))
    }
    await Promise.all(cases.map(run))
    driftAt = await stage.end()
  } finally {
    await registry.close()
  }
})

describe('drift on a broker', () => {
  it.each(cases)('$name: found is what was done', ({ name, format, fault }) => {
    const own = names.get(name) as Names
    const { findings } = driftAt(own)
    const place = { ...own, epochMs: stage.epochMs, windowMs: stage.windowMs }
    expect(found(findings, place)).toEqual(expectedOf(format, fault))
    if (fault.kind !== null) expectFigures(findings, ledgers.get(name) ?? [], place)
  })

  it.each([
    ['json-clean', 0, null],
    ['json-renamed', 1, '/delay'],
  ])('%s: a check ends with %i', async (name, code, text) => {
    const check = await quipu(['check', '--store', stage.store, '--pipeline', name])
    expect([check.code, check.stderr]).toEqual([code, ''])
    if (text !== null) expect(check.stdout).toContain(text)
  })
})
