/**
 * Sightings to findings: one of each code, topic, schema and path. What it says of time and counts, it says
 * of one hop: of those that show it in its first window the first, as messages travel. Mostly that is the
 * producer; where its own first windows tell nothing, as of a send that failed and landed, a later hop does.
 */

import { byText } from '../../base/by-text.ts'
import {
  DRIFT_IDS_MAX,
  type DriftArg,
  type DriftCode,
  type DriftFinding,
  type DriftProducer,
  driftCodes,
  PRODUCERS_MAX,
} from '../finding.ts'
import type { DriftInput } from '../judge.ts'
import type { LookedAt } from './looked.ts'
import type { Sighting } from './sighting.ts'
import { sum } from './sum.ts'

/** Findings of one pipeline; the worst ones are kept. */
const FINDINGS_MAX = 1_000
/** Schemas of which one fault is told apart; the rest is one finding that names none. */
const SCHEMAS_TOLD_MAX = 8
/** Texts of what came, and values. */
const TOLD_MAX = 3

type Input = Pick<DriftInput, 'pipeline' | 'hops' | 'since'>

export function collectFindings(
  { pipeline, hops, since }: Input,
  sightings: readonly Sighting[],
  looked: LookedAt,
): DriftFinding[] {
  const findings = grouped(folded(sightings)).flatMap((group): (DriftFinding & Ordered)[] => {
    const shown = group.filter(({ end }) => end > since)
    const begun = Math.min(...shown.map(({ window }) => window))
    const at = Math.min(...shown.flatMap((one) => (one.window === begun ? [one.at] : [])))
    const first = shown.filter((one) => one.at === at)
    const lead = first[0]
    const hop = hops[at]
    if (lead === undefined || hop === undefined) return []
    const from = Math.min(...first.map(({ window }) => window))
    const until = Math.max(...first.map(({ end }) => end))
    const earlier = Math.min(...group.map(({ window }) => window))
    const places = [...new Set(shown.map((one) => one.at))].sort((a, b) => a - b)
    const others = [at, ...places.filter((place) => place !== at)]
    return [
      {
        ...{ code: lead.code, severity: driftCodes[lead.code], pipeline, hop: hop.hop, at },
        hops: others.flatMap((other) => hops[other]?.hop ?? []),
        ...{ topic: lead.topic, edge: lead.edge, subject: lead.subject },
        ...{ schema: lead.schema, path: lead.path, since: from, until },
        open: until >= looked.until(at),
        windows: new Set(first.map(({ window }) => window)).size,
        count: sum(first.map(({ count }) => count)),
        of: looked.of(at, from, until),
        oneIn: lead.oneIn,
        producers: producersOf(shown, looked, from, until),
        ids: idsOf(first),
        args: { ...argsOf(first), ...(earlier < from ? { earlier } : {}) },
      },
    ]
  })
  return withNames(findings)
    .sort(byWeight)
    .slice(0, FINDINGS_MAX)
    .map(({ at: _, ...finding }) => finding)
}

interface Ordered {
  /** Its hop's place in the list. */
  readonly at: number
}

const codes = Object.keys(driftCodes) as DriftCode[]
const severities = ['error', 'warning', 'info']

function byWeight(a: DriftFinding & Ordered, b: DriftFinding & Ordered): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    a.at - b.at ||
    a.since - b.since ||
    codes.indexOf(a.code) - codes.indexOf(b.code) ||
    byText(a.path, b.path) ||
    byText(a.schema, b.schema) ||
    byText(a.edge ?? '', b.edge ?? '')
  )
}

const faultOf = ({ code, topic, path, edge, kind }: Sighting): string =>
  [code, topic, path, edge ?? '', kind ?? ''].join('\u0000')

/** Whoever writes noise names a new schema in each message: those beyond the most frequent are one. */
function folded(sightings: readonly Sighting[]): Sighting[] {
  const counts = new Map<string, Map<string, number>>()
  for (const sighting of sightings) {
    const schemas = counts.get(faultOf(sighting)) ?? new Map<string, number>()
    counts.set(faultOf(sighting), schemas)
    schemas.set(sighting.schema, (schemas.get(sighting.schema) ?? 0) + sighting.count)
  }
  return sightings.map((sighting) => {
    const schemas = counts.get(faultOf(sighting))
    if (schemas === undefined || schemas.size <= SCHEMAS_TOLD_MAX) return sighting
    const told = [...schemas].sort(([a, n], [b, m]) => m - n || byText(a, b))
    if (told.slice(0, SCHEMAS_TOLD_MAX).some(([schema]) => schema === sighting.schema)) {
      return sighting
    }
    const others = { schemas: schemas.size - SCHEMAS_TOLD_MAX }
    return { ...sighting, schema: '', args: { ...sighting.args, ...others } }
  })
}

/** In order of time, so that neither their order nor how they were cut makes a difference. */
function grouped(sightings: readonly Sighting[]): Sighting[][] {
  const groups = new Map<string, Sighting[]>()
  const sorted = [...sightings].sort(
    (a, b) =>
      a.window - b.window ||
      a.end - b.end ||
      a.at - b.at ||
      byText(a.writer?.instance ?? '', b.writer?.instance ?? ''),
  )
  for (const sighting of sorted) {
    const key = `${faultOf(sighting)}\u0000${sighting.schema}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [sighting])
    else group.push(sighting)
  }
  return [...groups.values()]
}

function producersOf(
  shown: readonly Sighting[],
  looked: LookedAt,
  from: number,
  until: number,
): DriftProducer[] {
  const counts = new Map<string, { writer: NonNullable<Sighting['writer']>; count: number }>()
  for (const { writer, count: own, window, end, by = [] } of shown) {
    if (end <= from || window >= until) continue
    for (const { writer: its, count } of writer === null ? by : [{ writer, count: own }]) {
      const one = counts.get(its.instance)
      if (one === undefined) counts.set(its.instance, { writer: its, count })
      else one.count += count
    }
  }
  return [...counts.values()]
    .map(({ writer, count }) => ({
      ...{ service: writer.service, instance: writer.instance, client: writer.client },
      ...{ host: writer.host, count, of: looked.ofInstance(writer.instance, from, until) },
    }))
    .sort((a, b) => b.count - a.count || byText(a.instance, b.instance))
    .slice(0, PRODUCERS_MAX)
}

const idsOf = (sightings: readonly Sighting[]): string[] =>
  [...new Set(sightings.flatMap(({ ids }) => ids))].sort(byText).slice(0, DRIFT_IDS_MAX)

function argsOf(sightings: readonly Sighting[]): Record<string, DriftArg> {
  const expected = mostOften(sightings, (one) => (one.expected ? [one.expected] : []))[0]
  const came = mostOften(sightings, (one) => one.came ?? [])
  const values = mostOften(sightings, (one) => one.values ?? [])
  return {
    ...summed(sightings),
    ...(expected === undefined ? {} : { expected }),
    ...(came.length === 0 ? {} : { came }),
    ...(values.length === 0 ? {} : { values }),
  }
}

/** Details as the first window has them; what counts messages is added up. */
function summed(sightings: readonly Sighting[]): Record<string, DriftArg> {
  const args: Record<string, DriftArg> = { ...sightings[0]?.args }
  if (sightings[0]?.code !== 'field_dropped') return args
  for (const name of ['before', 'after']) {
    args[name] = sum(sightings.map((one) => Number(one.args?.[name] ?? 0)))
  }
  return args
}

function mostOften(
  sightings: readonly Sighting[],
  textsOf: (sighting: Sighting) => readonly string[],
): string[] {
  const counts = new Map<string, number>()
  for (const sighting of sightings) {
    for (const text of textsOf(sighting)) {
      counts.set(text, (counts.get(text) ?? 0) + sighting.count)
    }
  }
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || byText(a, b))
    .slice(0, TOLD_MAX)
    .map(([text]) => text)
}

/**
 * A field that is missing and another one, unknown, beside it in as many messages from the same window on:
 * probably one that got another name. Only a hint, and only where there is one of each.
 */
function withNames<T extends DriftFinding>(findings: readonly T[]): T[] {
  const isGone = ({ code, args }: DriftFinding): boolean =>
    code === 'missing_field' || (code === 'presence_rate' && args.isUp === false)
  const isNew = ({ code, args }: DriftFinding): boolean =>
    code === 'unknown_field' || (code === 'presence_rate' && args.isUp === true)
  const placeOf = (one: DriftFinding): string =>
    [
      one.topic,
      one.schema,
      one.path.slice(0, one.path.lastIndexOf('/')),
      one.since,
      one.count,
    ].join('\u0000')
  const pair = (
    one: DriftFinding,
    among: (other: DriftFinding) => boolean,
  ): DriftFinding | null => {
    const found = findings.filter((other) => among(other) && placeOf(other) === placeOf(one))
    return found.length === 1 ? (found[0] ?? null) : null
  }
  return findings.map((finding) => {
    const to = isGone(finding) && pair(finding, isGone) !== null ? pair(finding, isNew) : null
    if (to !== null) return { ...finding, args: { ...finding.args, renamedTo: to.path } }
    const from = isNew(finding) && pair(finding, isNew) !== null ? pair(finding, isGone) : null
    return from === null
      ? finding
      : { ...finding, args: { ...finding.args, renamedFrom: from.path } }
  })
}
