/** Promises as a pipeline file makes them. */
import { parseConfig } from '../../src/config/parse.ts'
import type { Promised } from '../../src/export/exported.ts'

/** Of the flights pipeline; a second sink is fed by an edge of its own where asked for. */
export function flightsFile({
  objectives,
  agreement = '',
  window = '1m',
  burnRate = '',
  fork = false,
  schema = '',
}: {
  readonly objectives: readonly string[]
  readonly agreement?: string
  readonly window?: string
  readonly burnRate?: string
  readonly fork?: boolean
  /** Of the first topic. */
  readonly schema?: string
}): string {
  return `version: 1
window: ${window}
lateness: 2m
${burnRate}
kafka: { brokers: ["\${BROKERS_OF_NOBODY}"] }
pipelines:
  flights:
    owner: { team: network-ops, contact: "#flights", runbook: https://wiki.example/flights }
    hops:
      checkin: { producer: flights, service: checkin }
      flights: { topic: flights${schema === '' ? '' : `, schema: ${schema}`} }
      enrich: { consumer: flights, group: enrich }
      enriched: { topic: flights.enriched }
      dlq: { topic: flights.dlq, role: dead-letter }
      store: { sink: warehouse }
      ${fork ? 'copy: { sink: copy }' : ''}
    edges:
      - { from: checkin, to: flights, preserve: [value] }
      - { from: flights, to: enrich }
      - { from: enrich, to: [enriched, dlq], filter: cancelled }
      - { from: enriched, to: store }
      ${fork ? '- { from: enriched, to: copy }' : ''}
    objectives:
${objectives.map((line) => `      ${line}`).join('\n')}
    ${agreement === '' ? '' : `agreement: ${agreement}`}
`
}

export function promisedOf(parts: Parameters<typeof flightsFile>[0]): Promised {
  const result = parseConfig(flightsFile(parts), 'quipu.yaml', { BROKERS_OF_NOBODY: 'b:9092' })
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  const [pipeline] = result.config.pipelines
  const [promises] = result.config.promises
  if (pipeline === undefined || promises === undefined) throw new Error('no pipeline')
  return { pipeline, promises }
}

export const NO_LOSS =
  'no-loss: { indicator: completeness, target: 99.99%, period: 30d, severity: page }'

export const SHAPE = 'shape: { indicator: validity, target: 99% }'

/** One of each kind, over an edge and end to end. */
export const ALL: readonly string[] = [
  NO_LOSS,
  'once: { indicator: uniqueness, target: 99.9%, scope: { edge: flights -> enrich } }',
  'unaltered: { indicator: integrity, target: 99.9%, scope: { edge: checkin -> flights } }',
  'on-time: { indicator: timeliness, threshold: 60s, target: 99.5% }',
  'flowing: { indicator: freshness, threshold: 5m, target: 99.9%, period: { calendar: month } }',
  'enough: { indicator: volume, volume: { min: 100, max: 5000 }, target: 99% }',
  'seen: { indicator: audit-coverage, target: 99% }',
  'by-window: { indicator: completeness, target: 99%, budget: windows, windowTarget: 99.9% }',
  'exact: { indicator: completeness, target: 100%, severity: page }',
  SHAPE,
]
