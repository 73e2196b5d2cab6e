/** The way of one message as JSON of the schema `quipu.trace/v1`: ids as UUIDs, times in ISO 8601. */
import type { Trace, TraceMishap, TraceStep, TraceWay } from '../src/diagnose/trace.ts'
import { isoOf } from '../src/objective/iso.ts'
import { recordLink, type TraceLinks, traceLink } from './trace-links.ts'

/** @param at ms */
export function traceJson(trace: Trace, at: number, links: TraceLinks): Record<string, unknown> {
  const { asked, id, born, state, minted, ways, mishaps, unknown } = trace
  return {
    schema: 'quipu.trace/v1',
    at: isoOf(at),
    asked,
    id,
    born: born === null ? null : isoOf(born),
    state,
    minted,
    pipelines: ways.map((way) => wayJson(way, links)),
    mishaps: mishaps.map(mishapJson),
    unknown,
  }
}

function wayJson({ steps, window, ...way }: TraceWay, links: TraceLinks): object {
  const span = { start: isoOf(window.start), end: isoOf(window.end) }
  return { ...way, window: span, steps: steps.map((step) => stepJson(step, links)) }
}

function stepJson({ places, ...step }: TraceStep, links: TraceLinks): object {
  const { topic } = step
  return {
    ...step,
    places: places.map(({ at, traceId, spanId, ...place }) => ({
      ...place,
      at: isoOf(at),
      traceId: orNull(traceId),
      spanId: orNull(spanId),
      traceUrl: traceLink(links, { traceId, spanId }),
      recordUrl: recordLink(links, { topic, ...place }),
    })),
  }
}

function mishapJson({ at, ...mishap }: TraceMishap): object {
  return { at: isoOf(at), ...mishap }
}

const orNull = (text: string): string | null => (text === '' ? null : text)
