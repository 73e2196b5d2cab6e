/**
 * A recorded run: what was judged, as lines of JSON, so that it can be judged again anywhere: without a
 * store or a broker, at the time of the recording, with the objectives of then or others.
 *
 * The first line names the schema, the time, the pipelines and what they promised; each further one holds
 * a verdict or the latencies of one hop and window. Lines are at most `LINE_MAX` characters; a line that
 * is not understood is an error with its number, never left out.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { messageOf, QuipuError } from '../base/errors.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { HopGap, InstanceState, StoredLatency } from '../hop/evidence.ts'
import { hopKey, hopOfKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { isoOf } from '../objective/iso.ts'
import type { Promises } from '../objective/objective.ts'
import { TimelinessFold } from '../objective/timings.ts'
import { Latencies } from '../sketch/latency.ts'
import { PIPELINES_FACT, PROMISES_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { firstAsked, type Input, type Named, promisesFor, withNamed } from './report-input.ts'
import { type ReadOptions, select } from './store-reader.ts'

const SCHEMA = 'quipu.run/v1'
const LINE_MAX = 64_000_000
/** Windows whose latencies are held at once. */
const WINDOWS_MAX = 100

const count = z.number().int().min(0)
const window = z.object({ start: z.number().int(), end: z.number().int() })
const hopPassage = z.looseObject({
  hop: z.string(),
  count: z.number(),
  passage: z.enum(['passed', 'behind', 'hole', 'out_of_scope']),
  why: z.array(z.string()),
})
const finding = z.looseObject({
  code: z.string(),
  window,
  count: z.number(),
  ids: z.array(z.looseObject({ id: z.string().regex(/^[0-9a-f]{32}$/), times: z.number() })),
  evidence: z.enum(['exact', 'estimated', 'sampled', 'committed']),
  args: z.record(z.string(), z.unknown()),
})
const verdict = z.looseObject({
  pipeline: z.string(),
  edge: z.string(),
  window,
  state: z.enum(['open', 'settled', 'revised']),
  revision: count,
  verdict: z.enum(['met', 'breached', 'indeterminate', 'no_data']),
  evidence: z.enum(['exact', 'estimated', 'sampled', 'committed']),
  oneIn: z.number(),
  counts: z.record(z.string(), z.number()),
  from: z.array(hopPassage),
  to: z.array(hopPassage),
  findings: z.array(finding),
})
const latency = z.object({
  key: z.string(),
  origin: z.object({ topic: z.string(), group: z.string() }).nullable(),
  window: z.number().int(),
  oneIn: z.number().min(1),
  fromBirth: z.base64(),
  fromHop: z.base64(),
})
const head = z.looseObject({
  schema: z.literal(SCHEMA),
  at: z.iso.datetime(),
  pipelines: z.array(
    z.looseObject({
      name: z.string(),
      windowMs: z.number().positive(),
      latenessMs: z.number().min(0),
      hops: z.array(z.looseObject({ name: z.string(), hop: z.looseObject({ role: z.string() }) })),
      edges: z.array(
        z.looseObject({ name: z.string(), from: z.array(z.any()), to: z.array(z.any()) }),
      ),
    }),
  ),
  promises: z.array(z.looseObject({ pipeline: z.string(), objectives: z.array(z.any()) })),
  instances: z.array(z.looseObject({ service: z.string() })),
  gaps: z.array(z.looseObject({ reason: z.string(), count: z.number() })),
  foreign: count,
})
const line = z.union([z.strictObject({ verdict }), z.strictObject({ latency })])

/** The lines of what a store holds, from `since` (ms) on. @param now ms */
export async function* recordRun(
  store: Store,
  { since, ...rest }: Omit<ReadOptions, 'store'>,
  now: number,
): AsyncGenerator<string> {
  const [declared, promised] = [await store.fact(PIPELINES_FACT), await store.fact(PROMISES_FACT)]
  const all = {
    pipelines: (declared ?? []) as readonly Pipeline[],
    verdicts: await store.verdicts(since === undefined ? {} : { since }),
  }
  const { pipelines, verdicts } = select(all, rest)
  const promises = promisesFor(pipelines, (promised ?? []) as readonly Promises[])
  const instances = await store.instances()
  const [gaps, foreign] = [await store.gaps(), await store.foreignRecords()]
  const what = { pipelines, promises, instances, gaps, foreign }
  yield `${JSON.stringify({ schema: SCHEMA, at: isoOf(now), ...what })}\n`
  for (const one of verdicts) yield `${JSON.stringify({ verdict: one })}\n`
  const windows = await store.windows(since)
  for (let i = 0; i < windows.length; i += WINDOWS_MAX)
    for (const { hop, fromBirth, fromHop, ...own } of await store.latencies(
      windows[i],
      windows[i + WINDOWS_MAX],
    )) {
      const bytes = { fromBirth: base64(fromBirth), fromHop: base64(fromHop) }
      yield `${JSON.stringify({ latency: { ...own, key: hopKey(hop), ...bytes } })}\n`
    }
}

const base64 = (latencies: Latencies): string => Buffer.from(latencies.toBytes()).toString('base64')

const latenciesOf = (text: string): Latencies => Latencies.fromBytes(Buffer.from(text, 'base64'))

/** What a report is made of. @throws QuipuError NOT_FOUND, FORMAT: with the number of the line */
export async function inputOfRun(
  path: string,
  options: ReadOptions,
  named: Named | null,
): Promise<Input> {
  let run: z.infer<typeof head> | null = null
  const verdicts: EdgeVerdict[] = []
  const latencies: StoredLatency[] = []
  let number = 0
  const wrong = (why: string): QuipuError =>
    new QuipuError('FORMAT', `${path}, line ${number}: ${why}`, {
      hint: 'A run is recorded by `quipu record`.',
    })
  for await (const text of linesOf(path)) {
    number++
    if (text.length > LINE_MAX) throw wrong(`longer than ${LINE_MAX} characters`)
    if (text === '') continue
    let data: unknown
    try {
      data = JSON.parse(text)
    } catch (error) {
      throw wrong(`expected JSON: ${messageOf(error)}`)
    }
    if (run === null) {
      const first = head.safeParse(data)
      if (!first.success) throw wrong(`expected a run of the schema ${SCHEMA}: ${whatOf(first)}`)
      run = first.data
      continue
    }
    const parsed = line.safeParse(data)
    if (!parsed.success) throw wrong(`expected a verdict or a latency: ${whatOf(parsed)}`)
    if ('verdict' in parsed.data) {
      verdicts.push(parsed.data.verdict as unknown as EdgeVerdict)
      continue
    }
    const { key, fromBirth, fromHop, ...own } = parsed.data.latency
    try {
      const times = { fromBirth: latenciesOf(fromBirth), fromHop: latenciesOf(fromHop) }
      const hop = hopOfKey(key as ReturnType<typeof hopKey>)
      latencies.push({ ...own, hop, key: hopKey(hop), ...times } as StoredLatency)
    } catch (error) {
      throw wrong(`expected latencies: ${messageOf(error)}`)
    }
  }
  if (run === null) throw wrong(`expected a run of the schema ${SCHEMA}, got nothing`)
  const now = Date.parse(run.at)
  const { since, ...rest } = options
  const pipelines = withNamed(run.pipelines as unknown as readonly Pipeline[], named)
  const declared = named?.promises ?? (run.promises as unknown as readonly Promises[])
  const first = firstAsked(declared, since, now)
  const chosen = select(
    { pipelines, verdicts: verdicts.filter((v) => first === undefined || v.window.start >= first) },
    rest,
  )
  const promises = promisesFor(chosen.pipelines, declared)
  const timings = new TimelinessFold(promises, since)
  for (const one of latencies) if (first === undefined || one.window >= first) timings.add(one)
  return {
    ...{ ...chosen, promises, timings, now, since, foreign: run.foreign },
    instances: run.instances as unknown as readonly InstanceState[],
    gaps: run.gaps as unknown as readonly HopGap[],
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, 'utf8')
  try {
    // `for await` alone would miss an error that comes before the first line.
    const opened = new Promise<void>((resolve, reject) => {
      stream.once('ready', resolve)
      stream.once('error', reject)
    })
    await opened
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (cause) {
    throw new QuipuError('NOT_FOUND', `cannot read the run ${path}: ${messageOf(cause)}`, {
      hint: 'Name a file that `quipu record` wrote.',
      cause,
    })
  } finally {
    stream.destroy()
  }
}

/** The first thing that is wrong, and where. */
function whatOf({ error }: { readonly error: z.ZodError }): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'something else'
  const inner = issue.code === 'invalid_union' ? issue.errors.flat().at(-1) : undefined
  const { path, message } = inner ?? issue
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
