/** Lost messages of the store, sought in the logs before their loss. */

import { messageOf } from '../base/errors.ts'
import { SOUGHT_MAX, searchLog } from '../diagnose/log-search.ts'
import {
  type EdgeReplay,
  type Lost,
  type LostAt,
  type NotFound,
  type Resend,
  rangesOf,
  type Way,
  wayOf,
} from '../diagnose/replay.ts'
import { soughtOf } from '../diagnose/search-ranges.ts'
import type { FindingCode } from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { HopRef } from '../hop/hop.ts'
import type { Minter } from '../hop/mishap.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { birthOf, partsOfWords, wordsOfHex } from '../message/id.ts'
import { DEFAULT_BOUNDS } from '../message/window.ts'
import type { LogReader } from '../transport/log.ts'
import type { OpenLogs } from './explain-clusters.ts'
import { readingOf } from './explain-sample.ts'

/** Of each topic and `SOUGHT_MAX` messages: so much is read before a search gives up, and says so. */
const BUDGET = { records: 2_000_000, ms: 30_000 }

export interface LostOfEdge {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  readonly lost: readonly Lost[]
  readonly unnamed: number
}

/** @param kinds findings that say that a message is missing */
export function lostOf(
  pipelines: readonly Pipeline[],
  verdicts: readonly EdgeVerdict[],
  kinds: readonly FindingCode[],
): LostOfEdge[] {
  return pipelines.flatMap((pipeline) =>
    pipeline.edges.flatMap((edge) => {
      const findings = verdicts
        .filter((v) => v.pipeline === pipeline.name && v.edge === edge.name)
        .flatMap((v) => v.findings)
        .filter(({ code }) => kinds.includes(code))
      if (findings.length === 0) return []
      const ids = new Set(findings.flatMap((f) => f.ids.map(({ id }) => id)))
      const named = findings.reduce((n, f) => n + f.ids.reduce((m, { times }) => m + times, 0), 0)
      const all = findings.reduce((n, { count }) => n + count, 0)
      const lost = [...ids].map((id) => ({ id, born: bornAt(id) }))
      return [{ pipeline, edge, lost, unnamed: Math.max(0, all - named) }]
    }),
  )
}

type Logs = Pick<OpenLogs, 'readers' | 'lacking'>

/** Where the messages lie that each edge has lost; what is in no log stands with its producer. */
export async function replayOf(
  lost: readonly LostOfEdge[],
  logs: Logs,
  minters: ReadonlyMap<number, Minter>,
): Promise<readonly EdgeReplay[]> {
  const edges: EdgeReplay[] = []
  for (const one of lost) edges.push(await replayOfEdge(one, logs, minters))
  return edges
}

async function replayOfEdge(
  { pipeline, edge, lost, unnamed }: LostOfEdge,
  logs: Logs,
  minters: ReadonlyMap<number, Minter>,
): Promise<EdgeReplay> {
  const way = wayOf(edge)
  const of = { pipeline: pipeline.name, edge: edge.name, repair: way.repair, unnamed }
  if (way.repair.by === 'producer') {
    const [topic = ''] = edge.from.map(({ hop }) => hop.topic)
    const resends = lost.map((one) => resendOf(one, topic, minters))
    return { ...of, ranges: [], resends, notFound: [] }
  }
  const { places, notFound } = await placesOf(pipeline, way, lost, logs)
  return { ...of, ranges: rangesOf(places), resends: [], notFound }
}

function resendOf(lost: Lost, topic: string, minters: ReadonlyMap<number, Minter>): Resend {
  const minter = minters.get(partsOfWords(wordsOfHex(lost.id)).tag)
  return {
    ...{ ...lost, topic },
    ...{ instance: minter?.instance ?? null, service: minter?.service ?? null },
  }
}

async function placesOf(
  pipeline: Pipeline,
  { sources }: Way,
  lost: readonly Lost[],
  { readers, lacking }: Logs,
): Promise<{ readonly places: readonly LostAt[]; readonly notFound: readonly NotFound[] }> {
  const places = new Map<string, LostAt>()
  const why: string[] = sources.length === 0 ? ['it lies in no log'] : []
  for (const source of sources) {
    const reader = readers.get(source.cluster)
    if (reader === undefined) {
      const said = lacking.get(source.cluster) ?? 'its cluster was not asked'
      why.push(`${source.topic} was not searched: ${said}`)
      continue
    }
    for (let at = 0; at < lost.length; at += SOUGHT_MAX) {
      const sought = lost.slice(at, at + SOUGHT_MAX).filter(({ id }) => !places.has(id))
      const doubts = await seekIn(reader, pipeline, source, sought, places)
      if (doubts.length > 0) why.push(`${source.topic}: ${doubts.join('; ')}`)
    }
  }
  const words = why.length === 0 ? 'it is not in the log' : [...new Set(why)].join('; ')
  return {
    places: [...places.values()],
    notFound: lost.filter(({ id }) => !places.has(id)).map((one) => ({ ...one, why: words })),
  }
}

/** Why one that was not found may be there all the same. */
async function seekIn(
  reader: LogReader,
  pipeline: Pipeline,
  { cluster, topic }: HopRef,
  lost: readonly Lost[],
  places: Map<string, LostAt>,
): Promise<readonly string[]> {
  const { identity, time } = readingOf(pipeline, {
    role: 'topic',
    cluster,
    topic,
    group: '',
    name: '',
  })
  try {
    const result = await searchLog({
      reader,
      topic: { cluster, topic, identity, time },
      sought: lost.map(({ id }) => soughtOf(id)),
      latenessMs: pipeline.latenessMs,
      skewMs: DEFAULT_BOUNDS.skewMs,
      budget: BUDGET,
      until: 'found',
    })
    for (const { id } of lost) {
      // Of copies the first: each of them is the message.
      const [place] = result.places.get(id) ?? []
      if (place === undefined) continue
      const { partition, offset } = place
      places.set(id, { id, cluster, topic, partition, offset })
    }
    return result.searched.why
  } catch (error) {
    return [`it was not searched: ${messageOf(error)}`]
  }
}

/** ms, from the id */
function bornAt(id: string): number {
  const [w0, w1] = wordsOfHex(id)
  return birthOf(w0, w1)
}
