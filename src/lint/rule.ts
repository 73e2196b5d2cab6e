/** A lint rule: one thing that a file which can be read may still get wrong. Pure. */
import type { Config } from '../config/config.ts'
import type { Path } from '../config/document.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { Objective, Promises } from '../objective/objective.ts'

/**
 * `error`: it cannot work as written. `warning`: it works, and is likely not what was meant. `note`: worth
 * knowing. The words are those of SARIF.
 */
export const lintSeverities = ['error', 'warning', 'note'] as const
export type LintSeverity = (typeof lintSeverities)[number]

export interface LintSubject {
  readonly config: Config
  /** The text at a path as written, with names of variables; null: there is none. */
  readonly sourceAt: (path: Path) => string | null
  /** Why the schema file of a plan cannot be used; null: it can, names none, or nobody looked. */
  readonly schemaTrouble: (plan: NonNullable<HopDeclaration['shape']>) => string | null
}

/** What a rule found: of the value at a path, or of a key of the map there. */
export interface Hit {
  readonly path: Path
  readonly key?: string
  /** What is, and what to do. */
  readonly message: string
}

export interface LintRule {
  /** `QL` and a number that is never given again. */
  readonly id: string
  readonly name: string
  readonly severity: LintSeverity
  /** One sentence: what goes wrong where the rule is broken. */
  readonly purpose: string
  check(subject: LintSubject): readonly Hit[]
}

/** A pipeline and what it promises. */
export interface Promised {
  readonly pipeline: Pipeline
  readonly promises: Promises
}

export function promised({ config }: LintSubject): readonly Promised[] {
  return config.pipelines.map((pipeline, i) => ({
    pipeline,
    promises: config.promises[i] as Promises,
  }))
}

/** Every objective, with its pipeline and its path. */
export function objectivesOf(
  subject: LintSubject,
): readonly { readonly pipeline: Pipeline; readonly objective: Objective; readonly path: Path }[] {
  return promised(subject).flatMap(({ pipeline, promises }) =>
    promises.objectives.map((objective) => ({
      pipeline,
      objective,
      path: ['pipelines', pipeline.name, 'objectives', objective.id],
    })),
  )
}

/** The edges that an objective is about. */
export function scopeOf({ edges }: Pipeline, { scope }: Objective): readonly EdgeDeclaration[] {
  return scope.kind === 'end-to-end' ? edges : edges.filter((e) => e.name === scope.edge)
}

export const endsOf = ({ from, to }: EdgeDeclaration): readonly HopDeclaration[] => [...from, ...to]
