/** Ids of findings, one JSON object a line: the same rows as of `quipu losses --json`. */
import type { LossRow } from '../src/objective/losses.ts'
import { jsonText } from './json.ts'

/** Lines with their ends; rows may be without end, so they are never held together. */
export function* renderNdjson(rows: Iterable<LossRow>): Generator<string> {
  for (const row of rows) yield jsonText(row, 0)
}
