/** What all exports take and give: promises of the pipeline file in, a file of somebody else's out. */
import type { Pipeline } from '../hop/pipeline.ts'
import type { Promises } from '../objective/objective.ts'

export interface Promised {
  readonly pipeline: Pipeline
  readonly promises: Promises
}

export interface Exported {
  readonly text: string
  /** What the other format cannot express, one sentence each. Never silently left out. */
  readonly warnings: readonly string[]
}
