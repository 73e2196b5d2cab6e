/** Builds what the rules of causes look at from plain words, so that a test reads as a table. */

import type { CauseEvidence } from '../../src/diagnose/cause-evidence.ts'
import type { LogEvidence, Place } from '../../src/diagnose/log.ts'
import type { Cause } from '../../src/finding/cause.ts'
import type { Finding, FindingCode, FoundId } from '../../src/finding/finding.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { NO_COUNTS } from '../../src/finding/verdict.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import type { Minter, MishapKind, StoredMishap } from '../../src/hop/mishap.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { partsOfWords } from '../../src/message/id.ts'
import { DEADLINE, EDGES, hex, id, PIPELINE, W, WINDOW_MS } from '../reconcile/build.ts'

const WINDOW: EdgeVerdict['window'] = { start: W, end: W + WINDOW_MS }
/** The tag of all ids of `build.ts`. */
export const TAG: number = partsOfWords(id(0)).tag
export const HOST_7: Minter = {
  instance: '0123456789abcdef0123456789abcdef',
  service: 'checkin',
  host: 'host-7',
  client: 'kafkajs/2.2.4',
}

export const found = (...numbers: readonly number[]): FoundId[] =>
  numbers.map((n) => ({ id: hex(n), times: 1 }))

export function finding(
  code: FindingCode,
  ids: readonly FoundId[],
  words: Partial<Finding> = {},
): Finding {
  return {
    ...{ code, pipeline: PIPELINE.name, edge: EDGES.produce.name, window: WINDOW, ids },
    count: ids.reduce((n, { times }) => n + times, 0),
    evidence: 'exact',
    args: {},
    ...words,
  }
}

export function evidence(
  edge: EdgeDeclaration,
  words: Partial<CauseEvidence> & { readonly findings?: readonly Finding[] } = {},
): CauseEvidence {
  const { findings = [], ...rest } = words
  return {
    pipeline: PIPELINE,
    edge,
    verdict: {
      pipeline: PIPELINE.name,
      edge: edge.name,
      window: WINDOW,
      state: 'settled',
      revision: 0,
      verdict: 'breached',
      evidence: 'exact',
      oneIn: 1,
      counts: NO_COUNTS,
      from: [],
      to: [],
      findings,
    },
    now: DEADLINE,
    mishaps: [],
    unnoted: new Set(),
    tallies: [],
    instances: [],
    minters: new Map(),
    cuts: new Map(),
    deleted: new Map(),
    log: null,
    ...rest,
  }
}

export function mishap(
  hop: HopRef,
  kind: MishapKind,
  words: Partial<StoredMishap> = {},
): StoredMishap {
  return {
    ...{ hop, kind, at: W + 1_000, partition: 0, from: -1, to: -1 },
    ...{ id: '', traceId: '', spanId: '', detail: '', count: 1 },
    ...{ instance: HOST_7.instance, service: 'enrich', host: 'host-3', client: 'kafkajs/2.2.4' },
    ...words,
  }
}

/** Offsets of partition 0 at which ids lie; an empty list: looked for, and not found. */
export type Lying = Readonly<Record<number, readonly number[]>>

export function log(
  topic: HopRef,
  lying: Lying,
  words: Partial<LogEvidence['searched'][number]> & { readonly times?: readonly number[] } = {},
): LogEvidence {
  const { times = [], ...rest } = words
  const place = (offset: number, i: number): Place => ({
    ...{ topic: topic.topic, partition: 0, offset, timestamp: times[i] ?? W + offset },
    ...{ leaderEpoch: 14, traceId: '', spanId: '' },
  })
  return {
    places: new Map(Object.entries(lying).map(([n, at]) => [hex(Number(n)), at.map(place)])),
    searched: [
      {
        ...{ cluster: 'default', topic: topic.topic, records: 100, isComplete: true, why: [] },
        partitions: [{ partition: 0, from: 0, to: 100 }],
        ...rest,
      },
    ],
  }
}

/** `truncated 3 proven C10`, in their order. */
export const told = (causes: readonly Cause[]): string[] =>
  causes.map(({ code, count, certainty, rule }) =>
    code === 'unknown' ? `unknown ${count}` : `${code} ${count} ${certainty} ${rule}`,
  )
