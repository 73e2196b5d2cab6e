/** What the reading commands share: a store that must exist, and what is asked of it. */
import { existsSync } from 'node:fs'
import { QuipuError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { PIPELINES_FACT } from '../store/facts.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'

export interface ReadOptions {
  readonly store: string
  readonly pipeline?: string
  readonly edge?: string
  /** ms: windows that start in `[since, until)` */
  readonly since?: number
  readonly until?: number
}

export interface Read {
  readonly pipelines: readonly Pipeline[]
  readonly verdicts: readonly EdgeVerdict[]
}

/** The store is closed again whatever happens. @throws QuipuError NOT_FOUND: none is made here */
export async function withStore<T>(path: string, use: (store: Store) => Promise<T>): Promise<T> {
  if (!existsSync(path)) {
    throw new QuipuError('NOT_FOUND', `there is no store at ${path}`, {
      hint: 'Name it with --store FILE; `quipu audit` makes one.',
    })
  }
  const store = await openSqliteStore(path, { readOnly: true })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** @param known pipelines that may be asked for, by those that were audited */
export async function read(
  store: Store,
  options: Omit<ReadOptions, 'store'>,
  known: (audited: readonly Pipeline[]) => readonly Pipeline[] = (audited) => audited,
): Promise<Read> {
  const { pipeline, since, until } = options
  const edge = edgeOf(options)
  const query = {
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(edge === undefined ? {} : { edge }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
  const verdicts = await store.verdicts(query)
  const pipelines = known(await auditedIn(store))
  return select({ pipelines, verdicts }, options)
}

const edgeOf = ({ edge }: Pick<ReadOptions, 'edge'>): string | undefined =>
  edge?.replaceAll(' -> ', ' → ')

/** What is asked for by name. @throws QuipuError NOT_FOUND: nobody knows that name */
export function select(all: Read, options: Pick<ReadOptions, 'pipeline' | 'edge'>): Read {
  const { pipeline } = options
  const edge = edgeOf(options)
  const declared = all.pipelines
  const verdicts = all.verdicts.filter(
    (v) =>
      (pipeline === undefined || v.pipeline === pipeline) &&
      (edge === undefined || v.edge === edge),
  )
  const pipelines = declared
    .filter((p) => pipeline === undefined || p.name === pipeline)
    .map((p) => ({ ...p, edges: p.edges.filter((e) => edge === undefined || e.name === edge) }))
  if (verdicts.length === 0) {
    if (pipeline !== undefined && pipelines.length === 0) {
      throw unknown(
        'pipeline',
        pipeline,
        declared.map((p) => p.name),
      )
    }
    if (edge !== undefined && pipelines.every((p) => p.edges.length === 0)) {
      throw unknown(
        'edge',
        edge,
        declared.flatMap((p) => p.edges.map((e) => e.name)),
      )
    }
  }
  return { pipelines, verdicts }
}

/** The auditor leaves them as a fact; a store that only folded has none yet. */
export async function auditedIn(store: Store): Promise<readonly Pipeline[]> {
  const fact = await store.fact(PIPELINES_FACT)
  return Array.isArray(fact) ? (fact as Pipeline[]) : []
}

/** A name that is not declared is never an empty answer. */
export function unknown(what: string, name: string, known: readonly string[]): QuipuError {
  const listed = known.length === 0 ? 'It knows none.' : `It knows: ${known.join(', ')}.`
  return new QuipuError(
    'NOT_FOUND',
    `the store knows no ${what} \`${name}\`${suggestion(name, known)}`,
    { hint: listed },
  )
}
