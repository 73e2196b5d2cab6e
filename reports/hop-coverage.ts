/** What was seen of every declared hop, for a terminal. */
import pc from 'picocolors'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, plural } from '../src/base/words.ts'
import {
  coverageCode,
  type HopStanding,
  type HopSummary,
  type Speaker,
} from '../src/objective/hop-coverage.ts'
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
  open: { glyph: '…', word: 'no window has been judged' },
}

export function renderHopCoverage(
  hops: readonly HopSummary[],
  { color = false }: { readonly color?: boolean } = {},
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
  return `${[...lines, lastLine(hops)].join('\n')}\n`
}

/** `checkin (service checkin into flights): evidence is missing since 2026-11-23 01:02:00Z` */
function headOf({ hop, at, standing, since }: HopSummary): string {
  const from = since === null || standing === 'whole' ? '' : ` since ${instantOf(since)}`
  return visible(`${hop} (${at}): ${hopMarks[standing].word}${from}`)
}

function detailsOf(hop: HopSummary): string[] {
  return [
    windowsWords(hop),
    ...listed(hop.why, hop.why.length, (why) => why),
    ...listed(hop.partitions, hop.partitions.length, (p) => {
      const offsets = p.high - p.low + 1
      const all = p.covered === offsets ? '' : `, ${formatCount(p.covered)} of them`
      return `${rangeWords(p)} watched${all}`
    }),
    ...listed(hop.holes, hop.holeCount, (hole) => `${rangeWords(hole)} not watched`),
    ...hop.dropped.map(
      ({ reason, count }) => `evidence given up: ${reason} (${formatCount(count)})`,
    ),
    ...listed(hop.agents, hop.agentCount, speakerWords),
  ]
}

function windowsWords({ windows: w, passedUntil }: HopSummary): string {
  const parts = (
    [
      [w.passed, 'passed'],
      [w.behind, 'behind'],
      [w.hole, 'with a hole'],
      [w.out_of_scope, 'before it was watched'],
      [w.open, 'open'],
    ] as const
  ).flatMap(([n, word]) => (n > 0 ? [`${formatCount(n)} ${word}`] : []))
  if (parts.length === 0) return 'no window yet'
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
