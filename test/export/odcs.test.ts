import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { exportOdcs } from '../../src/export/odcs.ts'
import { isContract } from './odcs-schema.ts'
import { ALL, NO_LOSS, promisedOf } from './promised.ts'

type Doc = ReturnType<typeof JSON.parse>

/** Every contract that a test reads is valid. */
function exported(...args: Parameters<typeof promisedOf>) {
  const { text, warnings } = exportOdcs(promisedOf(...args))
  const contract = parse(text) as Doc
  expect([contract, isContract(contract)]).toEqual([contract, true])
  return { contract, text, warnings }
}

const AGREEMENT =
  '{ consumers: [{ name: finance-bi, contact: "#bi" }], promises: [no-loss, on-time], ' +
  'driver: regulatory, review: 2027-01-01, consequence: the day is closed by hand }'

it('is checked by a schema that refuses what the standard does', () => {
  const contract = (): Doc => exported({ objectives: [NO_LOSS] }).contract
  const flaws: ((c: Doc) => unknown)[] = [
    (c) => delete c.version,
    (c) => Object.assign(c, { kind: 'Contract' }),
    (c) => Object.assign(c.schema[0].quality[0], { dimension: 'integrity' }),
    (c) => delete c.schema[0].quality[0].engine,
    (c) => Object.assign(c.slaProperties[0], { id: 'a.b' }),
    (c) => Object.assign(c, { owner: 'x' }),
  ]
  for (const flaw of flaws) {
    const bad = contract()
    flaw(bad)
    expect(isContract(bad)).toBe(false)
  }
})

it('has every promise as a rule of its own where it ends, and in the words of SLAs', () => {
  const { contract } = exported({ objectives: ALL, agreement: AGREEMENT })
  const [store, ...others] = contract.schema
  expect(others).toEqual([])
  expect(store).toMatchObject({ name: 'store', physicalName: 'warehouse', physicalType: 'sink' })
  expect(store.quality[0]).toEqual({
    ...{ id: 'flights-no-loss', name: 'no-loss' },
    description: 'Of the messages of 30 days at least 99.99% arrive.',
    ...{ type: 'custom', engine: 'quipu', method: 'reconciliation', dimension: 'completeness' },
    ...{ severity: 'error', businessImpact: 'the day is closed by hand' },
    implementation: {
      ...{ pipeline: 'flights', objective: 'no-loss', indicator: 'completeness' },
      ...{ scope: 'end-to-end', target: '99.99%', period: '30d' },
    },
  })
  expect(store.quality).toHaveLength(2)
  expect(contract.slaProperties).toEqual([
    {
      ...{ id: 'flights-no-loss', property: 'errorRate', value: 0.01, unit: 'percent' },
      ...{ element: 'store', driver: 'regulatory' },
      description: 'Of the messages of 30 days at least 99.99% arrive.',
    },
    {
      ...{ id: 'flights-on-time', property: 'latency', value: 60, unit: 's' },
      ...{ element: 'store', driver: 'regulatory' },
      description: 'Of the messages of 30 days at least 99.5% arrive within 1 minute.',
    },
  ])
  expect(contract.customProperties).toEqual([
    { property: 'consumers', value: [{ name: 'finance-bi', contact: '#bi' }] },
    { property: 'review', value: '2027-01-01' },
    { property: 'consequence', value: 'the day is closed by hand' },
  ])
})

it('warns of each objective that is promised to nobody, and of what the standard has no field for', () => {
  const { warnings, text } = exported({ objectives: ALL, agreement: AGREEMENT })
  expect(warnings.filter((w) => w.endsWith('promised to nobody; left out'))).toEqual(
    ['once', 'unaltered', 'flowing', 'enough', 'seen', 'by-window', 'exact', 'shape'].map(
      (id) => `flights/${id}: promised to nobody; left out`,
    ),
  )
  expect(warnings.slice(-2)).toEqual([
    'burn rates and severities of alerts have no field; left out',
    'what messages are made of is not known to quipu: elements have no properties',
  ])
  for (const warning of warnings) expect(text).toContain(`# Not expressed: ${warning}\n`)
})

it('without an agreement has all objectives, in the dimensions of the standard', () => {
  const { contract } = exported({ objectives: ALL })
  const rules = contract.schema.flatMap((e: Doc) =>
    e.quality.map((q: Doc) => [e.name, q.name, q.dimension]),
  )
  expect(rules).toEqual([
    ['flights', 'unaltered', 'consistency'],
    ['enrich', 'once', 'uniqueness'],
    ['store', 'no-loss', 'completeness'],
    ['store', 'on-time', 'timeliness'],
    ['store', 'flowing', 'timeliness'],
    ['store', 'enough', 'coverage'],
    ['store', 'seen', 'coverage'],
    ['store', 'by-window', 'completeness'],
    ['store', 'exact', 'completeness'],
    ['store', 'shape', 'conformity'],
  ])
  const enough = contract.slaProperties.find((row: Doc) => row.property === 'throughput')
  expect(enough).toMatchObject({ value: 100, valueExt: 5000, unit: 'messages/1m' })
  const byWindow = contract.schema.at(-1).quality.find((q: Doc) => q.name === 'by-window')
  expect(byWindow.implementation).toMatchObject({ budget: 'windows', windowTarget: '99.9%' })
  expect(contract.customProperties).toEqual([])
})

it('names every end of a pipeline that forks', () => {
  const { contract } = exported({ objectives: [NO_LOSS], fork: true })
  expect(contract.schema.map((e: Doc) => e.name)).toEqual(['store', 'copy'])
  expect(contract.slaProperties[0].element).toBe('store,copy')
})
