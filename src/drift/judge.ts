/**
 * Drift judge: shapes of hops, what was promised and what a registry said → findings, and the versions
 * seen. Pure.
 */
import { byText } from '../base/by-text.ts'
import type { DriftFinding } from './finding.ts'
import { cellsOf } from './judge/cells.ts'
import { collectFindings } from './judge/collect.ts'
import { judgeContent } from './judge/content-rules.ts'
import { judgeEdge, type Places } from './judge/edge-rules.ts'
import { explainedKey, judgeJumps } from './judge/jump-rules.ts'
import { lookedAt } from './judge/looked.ts'
import { judgeMessages } from './judge/message-rules.ts'
import { judgeNewTypes } from './judge/new-types.ts'
import { type Seen, type Sighting, sightingOf, type Told } from './judge/sighting.ts'
import { nameOf, schemaFact, standingOf } from './judge/standing.ts'
import { judgeVersions } from './judge/version-rules.ts'
import { versionsOf } from './judge/versions.ts'
import type { RegistryFacts } from './registry-facts.ts'
import type { Shape, ShapePlan, Writer } from './shape.ts'

/** A hop of a topic whose messages are looked at. */
export interface WatchedHop {
  /** In the pipeline file, or the coordinates of an undeclared one. */
  readonly hop: string
  readonly role: 'producer' | 'topic' | 'consumer'
  readonly topic: string
  readonly plan: ShapePlan
}

export interface WatchedEdge {
  readonly edge: string
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** It promises the value as it is. */
  readonly preserves: boolean
  /** Paths that must be in `to` where they were in `from`. */
  readonly keep: readonly string[]
}

/** One shape of one hop, window and, at producers, instance. */
export interface HopShape {
  readonly hop: string
  /** Null: of all instances together. */
  readonly writer: Writer | null
  /** ms: start, and how long it is; several windows once they are old. */
  readonly window: number
  readonly spanMs: number
  readonly shape: Shape
}

export interface DriftInput {
  readonly pipeline: string
  /** As messages travel: of a topic its producers, the topic, its consumers; before what comes of them. */
  readonly hops: readonly WatchedHop[]
  readonly edges: readonly WatchedEdge[]
  /** In any order. */
  readonly shapes: readonly HopShape[]
  readonly registry: RegistryFacts
  /** ms: findings are of windows from then on; what is before is what they are compared with. */
  readonly since: number
  readonly now: number
}

/** One version of a topic's schema, as it was seen on the wire. */
export interface VersionSeen {
  readonly pipeline: string
  readonly topic: string
  readonly subject: string
  /** As `DriftFinding.schema`. */
  readonly schema: string
  /** Null: not known to the registry, or no registry. */
  readonly version: number | null
  /** ms: start of the first window that holds it, and end of the last one. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** Messages looked at at the first hop, of all looked at there. */
  readonly count: number
  readonly of: number
  readonly oneIn: number
  /** Services that write it, by count. */
  readonly services: readonly string[]
  /** Groups that read it. */
  readonly groups: readonly string[]
  /** Against the version seen before it; empty: the first one, or its schema is not known. */
  readonly changes: readonly FieldChange[]
}

export interface FieldChange {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Types in words; empty where there is none. */
  readonly before: string
  readonly after: string
}

/** How the looked-at messages of one hop and window stand: what `validity` counts. */
export interface ValidityCell {
  readonly hop: string
  /** ms */
  readonly window: number
  readonly spanMs: number
  readonly oneIn: number
  /** valid + invalid + unknown; looked at, not scaled. */
  readonly looked: number
  readonly invalid: number
  readonly unknown: number
  /** Of the same choice, beside `looked`: there is nothing in them that could be valid. Not scaled. */
  readonly tombstones: number
}

/** Of one pipeline. */
export interface Drift {
  readonly pipeline: string
  /** Worst first, then as messages travel, then by time. */
  readonly findings: readonly DriftFinding[]
  /** By topic, then as first seen. */
  readonly versions: readonly VersionSeen[]
  readonly cells: readonly ValidityCell[]
}

/**
 * Rules 1–13 look at one hop and window, 14 and 15 at the windows of a hop, 16 and 17 at two hops, 18–21 at
 * what is usual, 22 at the types of a topic. In this order, but 22 before 18: what an earlier one explains, a
 * later one does not tell again.
 */
export function judgeDrift(input: DriftInput): Drift {
  const { pipeline, hops, edges, shapes, registry, since } = input
  const seen = seenOf(input)
  const looked = lookedAt(seen)
  const accused = new Map<Seen, Told>()
  const named = new Map<string, Set<string>>()
  const sightings: Sighting[] = []
  for (const one of seen) {
    const whole = judgeMessages(one)
    if (whole !== null) accused.set(one, whole)
    // Of the rest of them the content still speaks.
    const isWhole = whole !== null && whole.count >= one.variant.count
    const told = [...(whole === null ? [] : [whole]), ...(isWhole ? [] : judgeContent(one))]
    for (const each of told) {
      sightings.push(sightingOf(one, each))
      nameIn(named, one, each)
    }
  }
  const isAccused = (one: Seen): boolean => accused.has(one)
  for (const topic of new Set(hops.map((hop) => hop.topic))) {
    const own = seen.filter((one) => one.hop.topic === topic && !isAccused(one))
    for (const { one, told } of judgeNewTypes(own)) {
      sightings.push(sightingOf(one, told))
      nameIn(named, one, told)
    }
  }
  const byHop = new Map<string, Seen[]>(hops.map(({ hop }) => [hop, []]))
  for (const one of seen) byHop.get(one.hop.hop)?.push(one)
  for (const own of byHop.values()) {
    sightings.push(...judgeVersions(own.filter((one) => !isAccused(one) && isPlaced(one))))
    const at = own[0]?.at ?? 0
    const paths = { get: (key: string) => named.get(`${at} ${key}`) }
    sightings.push(...judgeJumps(own, { paths, isDark: (one) => isAccused(one) }))
  }
  const places = { at: (hop: string) => byHop.get(hop) ?? [], written: writtenOf(seen) }
  for (const edge of edges) {
    sightings.push(...judgeEdge(edge, places, isAccused))
  }
  const accusedOf = (one: Seen): number => accused.get(one)?.count ?? 0
  return {
    pipeline,
    findings: collectFindings(input, sightings, looked),
    versions: versionsOf(pipeline, hops, seen, registry, since, looked),
    cells: cellsOf(seen, shapes, hops, since, accusedOf),
  }
}

function nameIn(named: Map<string, Set<string>>, one: Seen, { path }: Told): void {
  if (path === '') return
  const paths = named.get(explainedOf(one)) ?? new Set<string>()
  named.set(explainedOf(one), paths.add(path))
}

/** What producers wrote, by topic and window. */
function writtenOf(seen: readonly Seen[]): Places['written'] {
  const written = new Map<string, Seen[]>()
  for (const one of seen) {
    if (one.writer === null) continue
    const key = `${one.window}/${one.end} ${one.hop.topic}`
    const list = written.get(key)
    if (list === undefined) written.set(key, [one])
    else list.push(one)
  }
  return (topic, window, end) => written.get(`${window}/${end} ${topic}`) ?? []
}

/** Whether it may be a version of the promised subject: nobody knows what a silent registry would say. */
const isPlaced = ({ standing, named }: Seen): boolean =>
  standing.state !== 'unknown' || named.version !== null

const explainedOf = (seen: Seen): string => `${seen.at} ${explainedKey(seen)}`

/** In order of time, then as messages travel, so that the order in which shapes come makes no difference. */
function seenOf({ hops, shapes, registry }: DriftInput): Seen[] {
  const places = new Map(hops.map(({ hop }, at) => [hop, at]))
  return shapes
    .flatMap(({ hop: name, writer, window, spanMs, shape }) => {
      const at = places.get(name)
      const hop = at === undefined ? undefined : hops[at]
      if (at === undefined || hop === undefined) return []
      return shape.variants.map((variant): Seen => {
        const standing = standingOf(variant, hop.plan, registry)
        return {
          ...{ at, hop, window, end: window + spanMs, writer, shape, variant, standing },
          named: nameOf(variant, hop.plan, registry),
          isRegistered: schemaFact(registry, variant)?.state === 'registered',
        }
      })
    })
    .sort(
      (a, b) =>
        a.window - b.window ||
        a.end - b.end ||
        a.at - b.at ||
        byText(a.writer?.instance ?? '', b.writer?.instance ?? '') ||
        byText(a.shape.declared, b.shape.declared) ||
        byText(a.variant.schema, b.variant.schema) ||
        byText(a.variant.claim, b.variant.claim),
    )
}
