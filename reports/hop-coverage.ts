/** What was seen of every declared hop, for a terminal. */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, formatWindow, plural } from '../src/base/words.ts'
import {
  coverageCode,
  type HopStanding,
  type HopSummary,
  type Speaker,
  type WindowRun,
} from '../src/objective/hop-coverage.ts'
import type { OffsetHole } from '../src/objective/offset-coverage.ts'
import { glyphed, indented } from './lines.ts'
import { rangeWords } from './words.ts'

/** Partitions, holes, agents and reasons shown of one hop; the JSON has more. */
const SHOWN_MAX = 5

/** Never colour alone: a glyph and a word. */
const hopMarks: Readonly<Record<HopStanding, { readonly glyph: string; readonly word: string }>> = {
  whole: { glyph: '✓', word: 'seen whole' },
  hole: { glyph: '!', word: 'evidence is missing' },
  silent: { glyph: '!', word: 'its agent is silent' },
  behind: { glyph: '!', word: 'behind' },
  unseen: { glyph: '?', word: 'no agent has reported' },
  open: { glyph: '…', word: 'no window of this time has been judged' },
}

interface HopCoverageOptions {
  /** ms: what was asked for, as it was for the summaries. */
  readonly since: number
  readonly until?: number | undefined
  readonly color?: boolean
}

export function renderHopCoverage(
  hops: readonly HopSummary[],
  { since, until, color = false }: HopCoverageOptions,
): string {
  const paint = pc.createColors(color)
  const lines: string[] = []
  let pipeline: string | null = null
  for (const hop of hops) {
    if (hop.pipeline !== pipeline) lines.push(paint.bold(visible(hop.pipeline)))
    pipeline = hop.pipeline
    const tone = hop.standing === 'whole' ? paint.green : paint.yellow
    lines.push(...glyphed(hopMarks[hop.standing].glyph, headOf(hop), tone, '  '))
    for (const text of detailsOf(hop)) lines.push(...indented(visible(text), '      '))
  }
  const to = until === undefined ? '' : ` until ${formatInstant(until)}`
  const asked = `Windows and holes since ${formatInstant(since)}${to}; --since shows others.`
  return `${[...lines, ...(hops.length > 0 ? [asked] : []), lastLine(hops)].join('\n')}\n`
}

/** `checkin (service checkin into flights): evidence is missing since 2026-11-23 01:02:00Z` */
function headOf({ hop, at, standing, since }: HopSummary): string {
  const from = since === null || standing === 'whole' ? '' : ` since ${instantOf(since)}`
  return visible(`${hop} (${at}): ${hopMarks[standing].word}${from}`)
}

function detailsOf(hop: HopSummary): string[] {
  const missing = hop.runs.filter(({ state }) => state === 'behind' || state === 'hole')
  return [
    windowsWords(hop),
    ...listed(hop.why, hop.why.length, (why) => why),
    ...listed(
      missing.slice(-SHOWN_MAX).reverse(),
      missing.length,
      (run) => `${plural(run.windows, 'window')} ${runWords[run.state]}: ${spanOf(run)}`,
    ),
    ...listed(hop.partitions, hop.partitions.length, (p) => {
      const offsets = p.high - p.low + 1
      const all = p.covered === offsets ? '' : `, ${formatCount(p.covered)} of them`
      const until = p.coveredUntil === null ? '' : `, until ${instantOf(p.coveredUntil)}`
      return `${rangeWords(p)} watched${all}${until}`
    }),
    ...listed(hop.holes, hop.holeCount, holeWords),
    ...(hop.otherHoleCount > 0 ? [`${plural(hop.otherHoleCount, 'hole')} at other times`] : []),
    ...hop.dropped.map(
      ({ reason, count }) => `evidence given up: ${reason} (${formatCount(count)})`,
    ),
    ...listed(hop.agents, hop.agentCount, speakerWords),
  ]
}

const runWords: Readonly<Record<WindowRun['state'], string>> = {
  passed: 'passed',
  behind: 'behind',
  hole: 'with a hole',
  out_of_scope: 'before it was watched',
  open: 'open',
}

const states = Object.keys(runWords) as WindowRun['state'][]

const spanOf = ({ from, to }: WindowRun): string =>
  formatWindow({ start: Date.parse(from), end: Date.parse(to) })

/** `partition 0: offsets 20–24 not watched from 2026-11-23 01:00:00Z until 2026-11-23 01:05:00Z` */
function holeWords(hole: OffsetHole): string {
  const since = hole.since === null ? '' : ` from ${instantOf(hole.since)}`
  const until = hole.until === null ? '' : ` until ${instantOf(hole.until)}`
  return `${rangeWords(hole)} not watched${since}${until || '; nobody knows when'}`
}

function windowsWords({ windows: w, passedUntil }: HopSummary): string {
  const parts = states.flatMap((state) =>
    w[state] > 0 ? [`${formatCount(w[state])} ${runWords[state]}`] : [],
  )
  if (parts.length === 0) return 'no window in this time'
  const until = passedUntil === null ? '' : `; passed until ${instantOf(passedUntil)}`
  return `windows: ${parts.join(', ')}${until}`
}

/** `agent checkin (00000000): live, last heard …, 12 frames, 1 missing, sealed until …` */
function speakerWords(speaker: Speaker): string {
  const { service, instance, state, lastHeard, frames, missingFrames, sealedUntil } = speaker
  const parts = [
    state === 'goodbye' ? 'said goodbye' : state,
    `last heard ${instantOf(lastHeard)}`,
    plural(frames, 'frame'),
    ...(missingFrames > 0 ? [`${formatCount(missingFrames)} missing`] : []),
    ...(sealedUntil === null ? [] : [`sealed until ${instantOf(sealedUntil)}`]),
  ]
  return `agent ${service} (${instance.slice(0, 8)}): ${parts.join(', ')}`
}

/** The first few in words, and how many more there are. */
function listed<T>(items: readonly T[], count: number, words: (item: T) => string): string[] {
  const shown = items.slice(0, SHOWN_MAX).map(words)
  return count > shown.length
    ? [...shown, `… and ${formatCount(count - shown.length)} more`]
    : shown
}

const instantOf = (iso: string): string => formatInstant(Date.parse(iso))

function lastLine(hops: readonly HopSummary[]): string {
  if (hops.length === 0) return 'Nothing has been audited into this store.'
  if (coverageCode(hops) === 0) return 'All seen whole.'
  const lacking = hops.filter((h) => h.standing !== 'whole').length
  return `Not seen whole: ${formatCount(lacking)} of ${plural(hops.length, 'hop')}.`
}
