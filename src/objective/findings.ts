/** Findings of one code on one edge as one: counts add up, lists are united, the sentence is made. */
import type { OffsetRange, Window } from '../base/intervals.ts'
import { explain } from '../finding/explain.ts'
import {
  type Evidence,
  type Finding,
  type FindingArg,
  type FindingCode,
  findingCodes,
  type Severity,
} from '../finding/finding.ts'
import { birthOf, uuidOfHex, wordsOfHex } from '../message/id.ts'
import { isoOf } from './iso.ts'
import { intervalOf } from './sampling.ts'

export interface ShownId {
  /** 8-4-4-4-12 */
  readonly id: string
  readonly times: number
  /** ISO 8601, from the id itself */
  readonly born: string
  readonly copyOf?: string
}

/** All findings of one code on one edge. */
export interface FindingSummary {
  readonly code: FindingCode
  readonly severity: Severity
  readonly evidence: Evidence
  /** `sampled`: scaled; `args` then hold `sampled`, `oneIn`, and `low` and `high` of the interval. */
  readonly count: number
  /** In how many windows. */
  readonly windows: number
  /** From the first such window to the last. */
  readonly span: Window
  /** The first few; `count` says how many there are. */
  readonly ids: readonly ShownId[]
  readonly sentence: string
  readonly certainty: string
  readonly next: string | null
  readonly args: Finding['args']
}

/** Ids shown per finding; `quipu losses` lists all that are known. */
const SHOWN_IDS_MAX = 20
const SHOWN_RANGES_MAX = 20

const CODES = Object.keys(findingCodes) as FindingCode[]

/** In the order of the codes. */
export function summarizeFindings(findings: readonly Finding[]): FindingSummary[] {
  return CODES.flatMap((code) => {
    // Undeclared producers and holes differ by hop, samples by rate, and are told apart.
    const groups = new Map<string, Finding[]>()
    for (const finding of findings) {
      if (finding.code !== code) continue
      const { hop, unheard, settled, oneIn } = finding.args
      const key = JSON.stringify([hop, unheard, settled, oneIn])
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [finding])
      else group.push(finding)
    }
    return [...groups.values()].map((group) => summarizeGroup(code, group))
  })
}

export function shownId({ id, times, copyOf }: Finding['ids'][number]): ShownId {
  const [w0, w1] = wordsOfHex(id)
  return {
    id: uuidOfHex(id),
    times,
    born: isoOf(birthOf(w0, w1)),
    ...(copyOf === undefined ? {} : { copyOf: uuidOfHex(copyOf) }),
  }
}

/** Weaker ones last. What is sampled is scaled whatever else it is. */
const strengths: readonly Evidence[] = ['exact', 'committed', 'estimated', 'sampled']

export function weakest(list: readonly Evidence[]): Evidence {
  return strengths.findLast((evidence) => list.includes(evidence)) ?? 'exact'
}

function summarizeGroup(code: FindingCode, group: readonly Finding[]): FindingSummary {
  const one = mergeFindings(group)
  const { sentence, certainty, next } = explain(one)
  return {
    code,
    severity: findingCodes[code],
    evidence: one.evidence,
    count: one.count,
    windows: new Set(group.map((f) => f.window.start)).size,
    span: one.window,
    ids: one.ids.slice(0, SHOWN_IDS_MAX).map(shownId),
    sentence,
    certainty,
    next,
    args: one.args,
  }
}

function mergeFindings(group: readonly Finding[]): Finding {
  const [first] = group as [Finding]
  const ids: Finding['ids'][number][] = []
  for (const finding of group) {
    for (const id of finding.ids) if (ids.length < SHOWN_IDS_MAX) ids.push(id)
  }
  return {
    ...first,
    count: group.reduce((sum, f) => sum + f.count, 0),
    window: {
      start: group.reduce((least, f) => Math.min(least, f.window.start), first.window.start),
      end: group.reduce((most, f) => Math.max(most, f.window.end), first.window.end),
    },
    evidence: weakest(group.map((f) => f.evidence)),
    ids,
    args: { ...mergeAllArgs(group.map((f) => f.args)), ...intervalArgs(group) },
  }
}

/** Of all together: intervals of windows do not add up. */
function intervalArgs(group: readonly Finding[]): Finding['args'] {
  const { evidence, count, args } = group[0] as Finding
  if (evidence !== 'sampled' || typeof args.oneIn !== 'number' || count === 0) return {}
  const { low, high } = intervalOf(group, args.oneIn)
  return { low, high }
}

/** Not counts: the same in all of a group. */
const PARAMETERS: ReadonlySet<string> = new Set(['oneIn'])
/** Ends of ranges: where one window has none, all together have none. */
const ENDS: ReadonlySet<string> = new Set(['missingHigh', 'extraHigh'])

function mergeAllArgs(list: readonly Finding['args'][]): Finding['args'] {
  const merged = list.reduce(mergeArgs)
  const endless = [...ENDS].filter((end) => list.some((args) => args[end] === undefined))
  return Object.fromEntries(Object.entries(merged).filter(([name]) => !endless.includes(name)))
}

/** Numbers add up, lists are united; of anything else the first is kept. */
function mergeArgs(a: Finding['args'], b: Finding['args']): Finding['args'] {
  const out: Record<string, FindingArg> = { ...a }
  for (const [name, arg] of Object.entries(b)) {
    const other = out[name]
    if (other === undefined) out[name] = arg
    else if (!PARAMETERS.has(name)) out[name] = mergeArg(other, arg)
  }
  return out
}

function mergeArg(a: FindingArg, b: FindingArg): FindingArg {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  if (Array.isArray(a) && Array.isArray(b)) {
    const all = [...a, ...b] as readonly (string | OffsetRange)[]
    if (all.every((item) => typeof item === 'string')) {
      return [...new Set(all)].slice(0, SHOWN_RANGES_MAX)
    }
    return mergeRanges(all.filter((item) => typeof item !== 'string'))
  }
  return a
}

function mergeRanges(ranges: readonly OffsetRange[]): OffsetRange[] {
  const byPartition = new Map<number, OffsetRange>()
  for (const range of ranges) {
    const known = byPartition.get(range.partition)
    byPartition.set(range.partition, {
      partition: range.partition,
      low: Math.min(range.low, known?.low ?? range.low),
      high: Math.max(range.high, known?.high ?? range.high),
    })
  }
  return [...byPartition.values()]
    .sort((a, b) => a.partition - b.partition)
    .slice(0, SHOWN_RANGES_MAX)
}
