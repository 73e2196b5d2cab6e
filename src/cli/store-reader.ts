/** What the reading commands share: a store that must exist, and what is asked of it. */
import { existsSync } from 'node:fs'
import { QuipuError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { type HopLatency, mergeLatencies } from '../objective/latency.ts'
import { type Assessment, summarize } from '../objective/summary.ts'
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
  const store = await openSqliteStore(path)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

export async function read(store: Store, options: ReadOptions): Promise<Read> {
  const declared = pipelinesOf(await store.fact('pipelines'))
  const { pipeline, since, until } = options
  const edge = options.edge?.replaceAll(' -> ', ' → ')
  const query = {
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(edge === undefined ? {} : { edge }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
  const verdicts = await store.verdicts(query)
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

/** @param measured whether latencies are asked for: a month of them takes seconds to read */
export async function assess(options: ReadOptions, measured: boolean): Promise<Assessment> {
  return withStore(options.store, async (store) => {
    const [instances, gaps, foreign] = await Promise.all([
      store.instances(),
      store.gaps(),
      store.foreignRecords(),
    ])
    const { pipelines, verdicts } = await read(store, options)
    const { since } = options
    const latencies = measured ? await readLatencies(store, since) : []
    const now = Date.now()
    return summarize({ pipelines, verdicts, latencies, instances, gaps, foreign, now, since })
  })
}

/** Windows whose latencies are held at once; those of one hop and window take 42 KB at most. */
const WINDOWS_MAX = 100

async function readLatencies(store: Store, since: number | undefined): Promise<HopLatency[]> {
  const windows = await store.windows(since)
  let merged: HopLatency[] = []
  for (let i = 0; i < windows.length; i += WINDOWS_MAX) {
    const next = await store.latencies(windows[i], windows[i + WINDOWS_MAX])
    merged = mergeLatencies([...merged, ...next])
  }
  return merged
}

/** The auditor leaves them as a fact; a store that only folded has none yet. */
function pipelinesOf(fact: unknown): readonly Pipeline[] {
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
