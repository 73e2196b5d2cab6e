/**
 * The public API: read the evidence, the verdicts and what they mean; fold sketches elsewhere. Agents
 * have paths of their own.
 */
export { type ErrorCode, QuipuError } from './base/errors.ts'
export type { OffsetRange, Window } from './base/intervals.ts'
export {
  type Compatibility,
  type CompatibilityRequest,
  checkCompatibility,
} from './evolution/compatibility.ts'
export type { Counterexample, Policy, SchemaFormat } from './evolution/engine.ts'
export type { EvolutionFinding } from './evolution/finding.ts'
export type { Mode } from './evolution/modes.ts'
export { type Explanation, explain } from './finding/explain.ts'
export {
  type Finding,
  type FindingArg,
  type FindingCode,
  type FoundId,
  findingCodes,
  type Severity,
} from './finding/finding.ts'
export type {
  Counts,
  EdgeVerdict,
  HopPassage,
  WindowState,
  WindowVerdict,
} from './finding/verdict.ts'
export type { HopKey, HopRef, HopRole } from './hop/hop.ts'
export type { EdgeDeclaration, HopDeclaration, Pipeline } from './hop/pipeline.ts'
export {
  type Assessment,
  type EdgeSummary,
  type FindingSummary,
  type PipelineSummary,
  type Standing,
  summarize,
} from './objective/summary.ts'
export { type CellRow, sketchOfCells } from './sketch/cells.ts'
export { Sketch } from './sketch/sketch.ts'
export { type FoldSqlOptions, foldSql, type MergeSqlOptions, mergeSql } from './sketch/sql.ts'
export { openSqliteStore } from './store/sqlite.ts'
export type { Store, VerdictQuery } from './store/store.ts'
