/**
 * A recorded run: what was judged, as lines of JSON, so that it can be judged again anywhere: without a
 * store or a broker, at the time of the recording, with the objectives of then or others.
 *
 * The first line names the schema, the time, the pipelines and what they promised; each further one holds
 * a verdict, the latencies of one hop and window, or what drifted in one pipeline; the last says how many
 * there are. Lines are at most
 * `LINE_MAX` characters; a line that is not understood is an error with its number, never left out, and so
 * is a run without its end: what was cut off may be the loss.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { z } from 'zod'
import { messageOf, QuipuError } from '../base/errors.ts'
import type { Drift } from '../drift/judge.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { StoredLatency } from '../hop/evidence.ts'
import { hopKey, hopOfKey } from '../hop/hop.ts'
import { isoOf } from '../objective/iso.ts'
import type { Promises } from '../objective/objective.ts'
import { TimelinessFold } from '../objective/timings.ts'
import { Latencies } from '../sketch/latency.ts'
import { PROMISES_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { driftAsked } from './drift-asked.ts'
import { driftOf } from './drift-reader.ts'
import {
  firstAsked,
  type Input,
  latenciesFrom,
  type Named,
  promisesFor,
  withNamed,
} from './report-input.ts'
import { RUN_SCHEMA, type RunHead, runHead, runLine } from './run-lines.ts'
import { auditedIn, type ReadOptions, select } from './store-reader.ts'

const LINE_MAX = 64_000_000

/** The lines of what a store holds, from `since` (ms) on. @param now ms */
export async function* recordRun(
  store: Store,
  { since, ...rest }: Omit<ReadOptions, 'store'>,
  now: number,
): AsyncGenerator<string> {
  const [audited, promised] = [await auditedIn(store), await store.fact(PROMISES_FACT)]
  const all = {
    pipelines: audited,
    verdicts: await store.verdicts(since === undefined ? {} : { since }),
  }
  const { pipelines, verdicts } = select(all, rest)
  const promises = promisesFor(pipelines, (promised ?? []) as readonly Promises[])
  const instances = await store.instances()
  const [gaps, foreign] = [await store.gaps(), await store.foreignRecords()]
  const what = { pipelines, promises, instances, gaps, foreign }
  const from = since === undefined ? null : isoOf(since)
  yield `${JSON.stringify({ schema: RUN_SCHEMA, at: isoOf(now), since: from, ...what })}\n`
  for (const one of verdicts) yield `${JSON.stringify({ verdict: one })}\n`
  let latencies = 0
  for await (const { hop, fromBirth, fromHop, ...own } of latenciesFrom(store, since)) {
    const bytes = { fromBirth: base64(fromBirth), fromHop: base64(fromHop) }
    yield `${JSON.stringify({ latency: { ...own, key: hopKey(hop), ...bytes } })}\n`
    latencies++
  }
  const drifted = await driftOf(store, { audited, pipeline: rest.pipeline, since, now })
  const drift = driftAsked(drifted, pipelines, rest.edge !== undefined)
  for (const one of drift) yield `${JSON.stringify({ drift: one })}\n`
  const end = { verdicts: verdicts.length, latencies, drift: drift.length }
  yield `${JSON.stringify({ end })}\n`
}

const base64 = (latencies: Latencies): string => Buffer.from(latencies.toBytes()).toString('base64')

const latenciesOf = (text: string): Latencies => Latencies.fromBytes(Buffer.from(text, 'base64'))

/** What a report is made of. @throws QuipuError NOT_FOUND, FORMAT: with the number of the line */
export async function inputOfRun(
  path: string,
  options: ReadOptions,
  named: Named | null,
): Promise<Input> {
  let run: RunHead | null = null
  const verdicts: EdgeVerdict[] = []
  const latencies: StoredLatency[] = []
  const drift: Drift[] = []
  let isWhole = false
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
      const first = runHead.safeParse(data)
      if (!first.success)
        throw wrong(`expected a run of the schema ${RUN_SCHEMA}: ${whatOf(first)}`)
      run = first.data
      continue
    }
    if (isWhole) throw wrong('expected nothing after the end of the run')
    const parsed = runLine.safeParse(data)
    if (!parsed.success) throw wrong(`expected a verdict, a latency or drift: ${whatOf(parsed)}`)
    if ('verdict' in parsed.data) {
      verdicts.push(parsed.data.verdict)
      continue
    }
    if ('drift' in parsed.data) {
      drift.push(parsed.data.drift)
      continue
    }
    if ('end' in parsed.data) {
      const { end: told } = parsed.data
      const got = { verdicts: verdicts.length, latencies: latencies.length, drift: drift.length }
      const isAll = (Object.keys(got) as (keyof typeof got)[]).every((of) => told[of] === got[of])
      if (!isAll) throw wrong(`expected ${countsText(told)}, got ${countsText(got)}`)
      isWhole = true
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
  if (run === null) throw wrong(`expected a run of the schema ${RUN_SCHEMA}, got nothing`)
  if (!isWhole) throw wrong('expected more: the end of the run is missing')
  const now = Date.parse(run.at)
  const { since: asked, ...rest } = options
  // What was not recorded was not judged: the report says from when on.
  const begins = run.since === null ? undefined : Date.parse(run.since)
  const since = begins === undefined || (asked ?? begins) > begins ? asked : begins
  const pipelines = withNamed(run.pipelines, named)
  const declared = named?.promises ?? run.promises
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
    instances: run.instances,
    gaps: run.gaps,
    drift: driftAsked(drift, chosen.pipelines, rest.edge !== undefined),
  }
}

function countsText(of: Record<'verdicts' | 'latencies' | 'drift', number>): string {
  return `${of.verdicts} verdicts, ${of.latencies} latencies and drift of ${of.drift} pipelines`
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

/** What is wrong, and where: of several things that it could be, of the one that it is most like. */
function whatOf({ error }: { readonly error: z.ZodError }): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'something else'
  const { path, message } = deepest(issue)
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

function deepest(issue: z.core.$ZodIssue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.flat().map(deepest)
  const [found = issue] = inner.sort((a, b) => b.path.length - a.path.length)
  return found === issue ? issue : { ...found, path: [...issue.path, ...found.path] }
}
