/** The way of one message for a terminal of 80 columns: a timeline, and what could not be known. */
import pc from 'picocolors'
import { shellWord } from '../src/base/shell.ts'
import { visible } from '../src/base/visible.ts'
import { formatCount, formatInstant, plural } from '../src/base/words.ts'
import type {
  EdgeWord,
  Trace,
  TraceContent,
  TraceEdge,
  TraceMishap,
  TracePlace,
  TraceState,
  TraceStep,
  TraceWay,
} from '../src/diagnose/trace.ts'
import { durationWords } from './latency.ts'
import { wrap } from './lines.ts'
import { NO_LINKS, recordLink, type TraceLinks, traceLink } from './trace-links.ts'

const COLUMNS = 80
/** Places shown of one topic; the JSON has all. */
const PLACES_MAX = 10

type Tone = 'good' | 'bad' | 'doubt' | 'plain'

const STATES: Readonly<Record<TraceState, { readonly word: string; readonly tone: Tone }>> = {
  fine: { word: '✓ fine', tone: 'good' },
  wrong: { word: '✗ wrong', tone: 'bad' },
  unknown: { word: '? cannot say', tone: 'doubt' },
}

const WORDS: Readonly<
  Record<EdgeWord, { readonly glyph: string; readonly word: string; readonly tone: Tone }>
> = {
  wrong: { glyph: '✗', word: 'wrong', tone: 'bad' },
  doubtful: { glyph: '!', word: 'in doubt', tone: 'doubt' },
  noted: { glyph: '·', word: 'noted', tone: 'plain' },
  passed: { glyph: '✓', word: 'passed', tone: 'good' },
  filtered: { glyph: '✓', word: 'filtered, as declared', tone: 'good' },
  committed: { glyph: '✓', word: 'committed past it; nobody judged it', tone: 'good' },
  perhaps: { glyph: '?', word: 'perhaps: it may be one of', tone: 'doubt' },
  open: { glyph: '…', word: 'not settled yet', tone: 'doubt' },
  unknown: { glyph: '?', word: 'cannot say', tone: 'doubt' },
  unjudged: { glyph: '?', word: 'no verdict', tone: 'doubt' },
  not_reached: { glyph: '·', word: 'not reached', tone: 'plain' },
}

interface Options {
  readonly color?: boolean
  readonly links?: TraceLinks
  /** Of the commands that say more, such as `--store FILE`. */
  readonly flags?: readonly string[]
}

export function renderTrace(
  trace: Trace,
  { color = false, links = NO_LINKS, flags = [] }: Options = {},
): string {
  const paint = pc.createColors(color)
  const tones: Readonly<Record<Tone, (text: string) => string>> = {
    good: paint.green,
    bad: paint.red,
    doubt: paint.yellow,
    plain: (text) => text,
  }
  const lines: string[] = []
  const put = (indent: string, text: string, tone: Tone = 'plain'): void => {
    for (const line of wrap(visible(text), COLUMNS - indent.length, '  '))
      lines.push(`${indent}${tones[tone](line)}`)
  }
  const { word, tone } = STATES[trace.state]
  put('', `${word}  ${trace.id ?? trace.asked}`, tone)
  put('', headOf(trace))
  for (const way of trace.ways) {
    lines.push('')
    put('', wayHead(way))
    for (const step of way.steps) stepLines(step, trace.born, links, put)
  }
  if (trace.mishaps.length > 0) {
    lines.push('')
    put('', 'What agents saw go wrong')
    for (const mishap of trace.mishaps) put('  ', mishapWords(mishap))
  }
  if (trace.unknown.length > 0) {
    lines.push('')
    put('', 'Not known')
    for (const why of trace.unknown) put('  ', `- ${why}`)
  }
  const next = nextOf(trace)
  // A command that is broken over lines cannot be taken as it is.
  if (next !== null) lines.push('', visible(['Next:', ...next, ...flags].join(' ')))
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

function headOf({ asked, id, born, minted }: Trace): string {
  const parts = [
    ...(id === null || asked.toLowerCase() === id ? [] : [`asked for as ${asked}`]),
    ...(born === null ? [] : [`born ${formatInstant(born)}`]),
    ...(minted === null
      ? []
      : [`by ${minted.service} on ${minted.host} (${minted.client}, instance ${minted.instance})`]),
  ]
  return parts.length === 0 ? 'no such message was found' : parts.join(', ')
}

function wayHead({ pipeline, owner, window }: TraceWay): string {
  const owned = Object.entries(owner).map(([name, value]) => `${name} ${value}`)
  const who = owned.length === 0 ? '' : ` (${owned.join(', ')})`
  return `${pipeline}${who}, window ${formatInstant(window.start)} – ${formatInstant(window.end).slice(11)}`
}

type Put = (indent: string, text: string, tone?: Tone) => void

function stepLines(step: TraceStep, born: number | null, links: TraceLinks, put: Put): void {
  const isHere = step.places.length > 0
  const glyph = isHere ? '●' : step.edges.some(({ says }) => says === 'not_reached') ? '·' : '○'
  put('  ', `${glyph} ${hopWords(step)}`)
  const more = (text: string, tone?: Tone): void => put('      ', text, tone)
  for (const edge of step.edges) more(edgeWords(edge), WORDS[edge.says].tone)
  for (const place of step.places.slice(0, PLACES_MAX)) {
    more(placeWords(place, born))
    const [trace, record] = [traceLink(links, place), recordLink(links, { ...step, ...place })]
    if (trace !== null) more(`trace ${trace}`)
    else if (place.traceId !== '') more(`trace ${place.traceId}, span ${place.spanId}`)
    if (record !== null) more(`record ${record}`)
  }
  const left = step.places.length - PLACES_MAX
  if (left > 0) more(`and ${plural(left, 'more place')}: --json`)
  if (step.places.length > new Set(step.places.map(({ id }) => id)).size)
    more('one message at more than one place', 'bad')
  if (step.role === 'topic' && !isHere) more(absenceWords(step))
  if (step.content !== null) more(contentWords(step.content))
  for (const { partition, committed } of step.commits)
    more(
      committed === null
        ? `has committed nothing in partition ${partition}`
        : `goes on at offset ${formatCount(committed)} of partition ${partition}`,
    )
  if (step.typical !== null) {
    const { p50Ms, p99Ms, count } = step.typical
    more(
      `typical here: p50 ${durationWords(p50Ms)}, p99 ${durationWords(p99Ms)} since birth (${formatCount(count)} of its window)`,
    )
  }
}

function hopWords({ hop, role, topic, group, name }: TraceStep): string {
  if (role === 'topic') return hop === topic ? `topic ${topic}` : `topic ${topic} (${hop})`
  if (role === 'consumer') return `group ${group} on ${topic}`
  return role === 'producer' ? `service ${name} into ${topic}` : `${role} ${name}`
}

function edgeWords({ edge, says, findings, evidence, state, why }: TraceEdge): string {
  const { glyph, word } = WORDS[says]
  const codes = findings.map(({ code, times }) => (times === 1 ? code : `${code} ×${times}`))
  const named = says === 'wrong' || says === 'doubtful' || says === 'noted'
  const what = named && codes.length > 0 ? codes.join(', ') : [word, ...codes].join(', ')
  const sure = evidence === null || says === 'not_reached' ? '' : ` (${evidence}, ${state})`
  const reasons = why.length === 0 ? '' : `: ${why.join('; ')}`
  return `${glyph} ${edge}  ${what}${sure}${reasons}`
}

function placeWords({ partition, offset, at, id }: TracePlace, born: number | null): string {
  const after = born === null ? '' : `, ${sinceBirth(at - born)}`
  return `partition ${partition}, offset ${formatCount(offset)}, ${formatInstant(at).slice(11)}${after}${isCopy(id) ? `, copy ${id}` : ''}`
}

function sinceBirth(ms: number): string {
  return ms < 0 ? `${durationWords(-ms)} before its birth` : `${durationWords(ms)} after its birth`
}

/** The last ten bits tell copies apart. */
const isCopy = (id: string): boolean => Number.parseInt(id.slice(-3), 16) % 1024 !== 0

function absenceWords({ searched }: TraceStep): string {
  if (searched === null) return 'its log was not searched'
  const read = `${plural(searched.records, 'record')} read`
  if (searched.isComplete) return `not there: ${read}, all that may hold it`
  return `not found: ${read}; ${searched.why.join('; ')}`
}

function contentWords({ comparedWith, same, differs }: TraceContent): string {
  const parts = [
    ...(differs.length === 0 ? [] : [`${differs.join(', ')} not the same`]),
    ...(same.length === 0 ? [] : [`${same.join(', ')} the same`]),
  ]
  return `beside ${comparedWith}: ${parts.join('; ')}`
}

function mishapWords(mishap: TraceMishap): string {
  const { at, kind, hop, partition, from, to, detail, count, who, isNamed } = mishap
  const span =
    from < 0 || isNamed
      ? ''
      : `, partition ${partition}, offsets ${from} to ${Math.max(to - 1, from)}`
  const many = count === 1 ? '' : ` ×${formatCount(count)}`
  const what = detail === '' ? kind : `${kind} (${detail})`
  const it = isNamed ? '' : ' (it lies there)'
  return `${formatInstant(at).slice(11)}  ${hop}: ${what}${many}${span}${it}, seen by ${who.service} on ${who.host}`
}

/** The command that says more, for the first thing that is wrong. */
function nextOf({ ways }: Trace): readonly string[] | null {
  for (const { pipeline, steps, window } of ways)
    for (const { edges } of steps)
      for (const { edge, says } of edges)
        if (says === 'wrong' || says === 'perhaps') {
          const at = new Date(window.start).toISOString()
          const of = ways.length > 1 ? ['--pipeline', shellWord(pipeline)] : []
          const what = shellWord(`${edge.replaceAll(' → ', ' -> ')}@${at}`)
          return ['quipu', 'explain', what, ...of]
        }
  return null
}
