/**
 * The auditor's metrics as Prometheus scrapes them, and selectors of them. Counters grow when a window is
 * judged, not when a message is born, and never shrink.
 */
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { type MessageCount, prometheusName } from '../telemetry/catalogue.ts'

/** For whoever loads the file: better a word than rules that wait for ever. */
export const SERVED_BY =
  '`quipu audit --metrics` serves these metrics: docs/telemetry.md lists them.'

export type Counter = Exclude<MessageCount, 'unexpected'>

export const counterName = (counter: Counter): string => prometheusName(`quipu.messages.${counter}`)
/** Seconds, by `quipu_latency_kind`: `edge` from the hop before, `full` from birth. */
export const LATENCY: string = prometheusName('quipu.edge.latency')
export const FRESHNESS: string = prometheusName('quipu.edge.freshness')
export const AUDIT_COVERAGE: string = prometheusName('quipu.audit.coverage')
/** By `quipu_burn_window`: of the last closed windows, as the auditor judges. No series: no events. */
export const BURN_RATE: string = prometheusName('quipu.objective.burn_rate')
/** 1 for the verdict in `quipu_objective_status`, 0 for the others. */
export const STATUS: string = prometheusName('quipu.objective.status')

export type Matchers = Readonly<Record<string, string>>

/** `{a="x",b=~"y|z"}`; a value that begins with `~` is a regular expression. */
export function selectorOf(matchers: Matchers): string {
  const list = Object.entries(matchers).map(([label, value]) =>
    value.startsWith('~') ? `${label}=~${quoted(value.slice(1))}` : `${label}=${quoted(value)}`,
  )
  return `{${list.join(',')}}`
}

/** A text of PromQL: escapes are those of Go, of which JSON's are a part. */
const quoted = (text: string): string => JSON.stringify(text)

/** A regular expression that is that text and no other. */
export const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A hop is `to` of one edge only, so `to` says which. */
export function edgeMatchers(pipeline: string, edges: readonly EdgeDeclaration[]): Matchers {
  const to = edges.map((edge) => namesOf(edge.to))
  const [only] = edges
  return {
    quipu_pipeline_name: safe(pipeline),
    ...(edges.length === 1 && only !== undefined
      ? { quipu_edge_from: safe(namesOf(only.from)), quipu_edge_to: safe(namesOf(only.to)) }
      : { quipu_edge_to: `~${to.map(literal).join('|')}` }),
  }
}

const namesOf = (hops: EdgeDeclaration['to']): string => hops.map((h) => h.name).join(' + ')

export const objectiveMatchers = (pipeline: string, objective: string): Matchers => ({
  quipu_pipeline_name: safe(pipeline),
  quipu_objective_id: safe(objective),
})

/** So that no name is taken for a regular expression. */
const safe = (text: string): string => (text.startsWith('~') ? `~${literal(text)}` : text)
