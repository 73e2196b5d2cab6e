/** Ids of findings, one JSON object a line: the rows of `quipu losses --json`, and those of drift. */
import type { IdRow } from '../src/objective/shape-rows.ts'
import { jsonText } from './json.ts'

/** Lines with their ends; rows may be without end, so they are never held together. */
export function* renderNdjson(rows: Iterable<IdRow>): Generator<string> {
  for (const row of rows) yield jsonText(row, 0)
}
