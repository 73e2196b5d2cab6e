/** The report as JSON: the same assessment, times in ISO 8601, under a schema name that only grows. */
import { visibleJson } from '../src/base/visible.ts'
import type { Report } from '../src/objective/report.ts'

export function renderJson(report: Report): string {
  return jsonText(report)
}

/** JSON for people and programs: indented, windows as instants, hidden characters escaped. */
export function jsonText(data: unknown, indent = 2): string {
  return `${visibleJson(JSON.stringify(data, windowsAsText, indent))}\n`
}

function windowsAsText(key: string, value: unknown): unknown {
  if (key !== 'window' && key !== 'span') return value
  if (value === null || typeof value !== 'object') return value
  const { start, end } = value as { start: unknown; end: unknown }
  if (typeof start !== 'number' || typeof end !== 'number') return value
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
}
