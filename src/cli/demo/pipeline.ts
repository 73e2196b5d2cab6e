/** The demo's pipeline, as a file that anybody could write. */
import { parseConfig } from '../../config/parse.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import type { Promises } from '../../objective/objective.ts'

export interface DemoPipelineParams {
  readonly windowMs: number
  readonly latenessMs: number
  readonly suffix: string
}

function demoYaml({ windowMs, latenessMs, suffix }: DemoPipelineParams): string {
  return `version: 1
window: ${windowMs}ms
lateness: ${latenessMs}ms
pipelines:
  flights:
    owner: { team: network-ops, contact: "#flights" }
    hops:
      checkin: { producer: flights${suffix}, service: checkin }
      flights: { topic: flights${suffix} }
      enrich: { consumer: flights${suffix}, group: enrich${suffix} }
      enriched: { topic: flights.enriched${suffix} }
      warehouse: { consumer: flights.enriched${suffix}, group: warehouse${suffix} }
      store: { sink: warehouse }
    edges:
      - { from: checkin, to: flights }
      - { from: flights, to: enrich }
      - { from: enrich, to: enriched, filter: cancelled }
      - { from: enriched, to: warehouse }
      - { from: warehouse, to: store }
    objectives:
      no-loss: { indicator: completeness, target: 99.9%, period: 30d, severity: page }
      no-copies: { indicator: uniqueness, target: 99.5%, period: 30d, severity: ticket }
      on-time: { indicator: timeliness, threshold: 60s, target: 99%, period: 30d, severity: ticket }
      warehouse-whole:
        { indicator: completeness, scope: { edge: enriched..warehouse }, target: 100%, period: 30d }
    agreement:
      consumers: [{ name: finance-bi, contact: "#bi" }]
      promises: [no-loss, on-time]
`
}

export interface DemoPipeline {
  readonly pipeline: Pipeline
  readonly promises: readonly Promises[]
}

export function demoPipeline(params: DemoPipelineParams): DemoPipeline {
  const result = parseConfig(demoYaml(params), 'demo.yaml', {})
  if (!result.ok) throw new Error(result.issues[0]?.message)
  const { promises, pipelines } = result.config
  return { pipeline: pipelines[0] as Pipeline, promises }
}
