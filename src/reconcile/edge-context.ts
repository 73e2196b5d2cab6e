/** What the judgement of one edge and window rests on. */
import type { HopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { WindowEvidence } from './evidence.ts'
import type { Passage } from './passage.ts'

/** Copies found so far further up: by the id they are copies of, how many. */
export type Inherited = ReadonlyMap<string, number>

/** What a group has handled by its committed offsets only: ids, each with how often. */
export type Handled = ReadonlyMap<string, number>

export interface EdgeContext {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  readonly evidence: WindowEvidence
  /** Passages of hops judged before, as `to` of an earlier edge. */
  readonly passages: ReadonlyMap<HopKey, Passage>
  readonly inherited: Inherited
  /** Per consumer hop, messages that the edge into it takes for handled though no agent told of them. */
  readonly handled?: ReadonlyMap<HopKey, Handled>
  /** Consumer hops of which a commit speaks for messages that nobody told of: some may be copies. */
  readonly handledMore?: ReadonlySet<HopKey>
  /** Edges before could not name all copies that they found. */
  readonly copiesUnnamed?: boolean
}
