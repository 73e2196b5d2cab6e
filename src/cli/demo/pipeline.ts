/** The demo's pipeline, as a file that anybody could write. */
import { parseConfig } from '../../config/parse.ts'
import type { Pipeline } from '../../hop/pipeline.ts'

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
`
}

export function demoPipeline(params: DemoPipelineParams): Pipeline {
  const result = parseConfig(demoYaml(params), 'demo.yaml', {})
  const pipeline = result.ok ? result.config.pipelines[0] : undefined
  if (!result.ok || pipeline === undefined)
    throw new Error(result.ok ? 'no pipeline' : (result.issues[0]?.message ?? ''))
  return pipeline
}
