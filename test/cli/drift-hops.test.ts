/** Which hops of a pipeline are looked at, in which order, and by which names. */
import { describe, expect, it } from 'vitest'
import { plansOf, watchOf } from '../../src/cli/drift-hops.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { consumerHop, producerHop } from '../../src/hop/hop.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'

function pipelinesOf(text: string): readonly Pipeline[] {
  const parsed = parseConfig(`version: 1\npipelines:\n${text}`, 'quipu.yaml', {})
  if (!parsed.ok) throw new Error(parsed.issues[0]?.message)
  return parsed.config.pipelines
}

const LINE = `
  p:
    hops:
      store: { sink: warehouse }
      served: { consumer: enriched, group: serve }
      out: { producer: enriched, service: enricher }
      enriched: { topic: enriched, schema: { file: e.json } }
      enrich: { consumer: flights, group: enrich }
      flights: { topic: flights, schema: observe }
      checkin: { producer: flights, service: checkin }
      bare: { topic: bare }
    edges:
      - { from: checkin, to: flights }
      - { from: flights, to: enrich, preserve: [key] }
      - { from: [enrich, out], to: [enriched, bare], keep: [/origin] }
      - { from: enriched, to: served, preserve: [value] }
      - { from: served, to: store }`

const watch = (text: string, heard: Parameters<typeof watchOf>[2] = [], at = 0) => {
  const pipelines = pipelinesOf(text)
  return watchOf(pipelines[at] as Pipeline, plansOf(pipelines), heard)
}

describe('hops that are looked at', () => {
  it('come as messages travel, whatever the order in the file: producers, topic, consumers', () => {
    expect(watch(LINE).hops.map(({ hop, role }) => `${role} ${hop}`)).toEqual([
      ...['producer checkin', 'topic flights', 'consumer enrich'],
      ...['producer out', 'topic enriched', 'consumer served'],
    ])
  })

  it('all have the plan of their topic', () => {
    const { hops } = watch(LINE)
    expect(hops.map(({ topic, plan }) => [topic, plan.file?.split('/').at(-1) ?? null])).toEqual([
      ...['flights', 'flights', 'flights'].map((topic) => [topic, null]),
      ...['enriched', 'enriched', 'enriched'].map((topic) => [topic, 'e.json']),
    ])
  })

  it('are also producers that nobody declared, by their coordinates, and no such groups', () => {
    const other = producerHop('default', 'flights', 'kiosk')
    const elsewhere = producerHop('other', 'flights', 'kiosk')
    const declared = producerHop('default', 'flights', 'checkin')
    const group = consumerHop('default', 'flights', 'spy')
    const { hops, names } = watch(LINE, [other, elsewhere, declared, group])
    expect(hops.map(({ hop }) => hop).slice(0, 4)).toEqual([
      ...['checkin', 'service kiosk into flights', 'flights', 'enrich'],
    ])
    expect(hops).toHaveLength(7)
    expect([...names.values()]).toEqual(hops.map(({ hop }) => hop))
  })

  it('have edges by all their ends, looked at or not', () => {
    expect(watch(LINE).edges.map(({ edge: _, ...of }) => of)).toEqual([
      { from: ['checkin'], to: ['flights'], preserves: false, keep: [] },
      // The key is not the value.
      { from: ['flights'], to: ['enrich'], preserves: false, keep: [] },
      { from: ['enrich', 'out'], to: ['enriched', 'bare'], preserves: false, keep: ['/origin'] },
      { from: ['enriched'], to: ['served'], preserves: true, keep: [] },
      { from: ['served'], to: ['store'], preserves: false, keep: [] },
    ])
  })

  it('are listed once where messages go round', () => {
    const { hops } = watch(`
  p:
    hops:
      work: { topic: work, schema: observe }
      worker: { consumer: work, group: worker }
      retry: { topic: retry, schema: observe }
      retrier: { consumer: retry, group: retrier }
    edges:
      - { from: work, to: worker }
      - { from: worker, to: retry }
      - { from: retry, to: retrier }
      - { from: retrier, to: work }`)
    expect(hops.map(({ hop }) => hop)).toEqual(['work', 'worker', 'retry', 'retrier'])
  })

  it('of a topic that another pipeline declares are only those that this one names', () => {
    const text = `${LINE}
  q:
    hops:
      bill: { consumer: flights, group: bill }
      bills: { topic: bills }
    edges: [{ from: bill, to: bills }]`
    const kiosk = producerHop('default', 'flights', 'kiosk')
    expect(watch(text, [kiosk], 1).hops.map(({ hop }) => hop)).toEqual(['bill'])
  })

  it('are none where no topic says anything of its schema', () => {
    const text = LINE.replaceAll(/, schema: (observe|\{[^}]*\})/g, '')
    expect(watch(text, [producerHop('default', 'flights', 'kiosk')]).hops).toEqual([])
  })
})
