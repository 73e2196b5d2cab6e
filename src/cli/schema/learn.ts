/** `quipu schema learn`: from messages to a draft, and what there is to say about it. */
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { QuipuError } from '../../base/errors.ts'
import { visible, visibleJson } from '../../base/visible.ts'
import { formatCount, formatInstant, formatPercent, messages, plural } from '../../base/words.ts'
import { findConfig } from '../../config/find.ts'
import { shareAtLeast } from '../../drift/learn/confidence.ts'
import { doubtText } from '../../drift/learn/doubts.ts'
import { type LearnedSchema, Learner } from '../../drift/learn/learn.ts'
import { out, talk } from '../io.ts'
import { needFolderOf, writeWhole } from '../whole-file.ts'
import type { LearnFlags } from './learn-flags.ts'
import type { MessageReader } from './learn-read.ts'
import type { MessageSource } from './learn-source.ts'

const SCHEMA = 'quipu.schema-learn/v1'
/** ms between lines that say how far it is. */
const TELL_MS = 5_000
/** More are counted. */
const DOUBTS_SHOWN_MAX = 20
const REASONS_MAX = 50

interface Seen {
  /** Messages that were learned from. */
  messages: number
  tombstones: number
  /** ms; null: not known */
  from: number | null
  to: number | null
  /** By reason. */
  readonly unread: Map<string, number>
}

export async function learn(flags: LearnFlags, stop: AbortSignal): Promise<number> {
  if (flags.out !== undefined) needFolderOf(resolve(flags.out))
  const { source, reader, end } = await opened(flags)
  const learner = new Learner({ values: flags.values ?? false })
  let seen: Seen
  try {
    seen = await look(source, reader, learner, stop)
  } finally {
    end()
  }
  if (stop.aborted) return 0
  const title = flags.topic ?? source.name
  if (seen.messages === 0) throw nothingRead(flags, source, seen)
  const learned = learner.draft(
    { title, seen: plainOf(seen, source) },
    { bounds: flags.bounds ?? false },
  )
  write(flags, learned, seen, source)
  tell(flags, learned, seen, source)
  return 0
}

async function opened(
  flags: LearnFlags,
): Promise<{ source: MessageSource; reader: MessageReader; end: () => void }> {
  const { topic, file } = flags
  if ((topic === undefined) === (file === undefined)) {
    throw new QuipuError('CONFIG', 'expected either --topic or --file', {
      hint: 'Name the topic to learn from, or a file of JSON lines (- for stdin).',
    })
  }
  if (file !== undefined) {
    const only = (['since', 'brokers', 'cluster'] as const).find(
      (name) => flags[name] !== undefined,
    )
    if (only !== undefined) {
      throw new QuipuError('CONFIG', `--${only} is about a topic, and --file names none`, {
        hint: `Leave --${only} out, or learn from --topic.`,
      })
    }
    const [{ LinesSource }, { MessageReader }] = await Promise.all([
      import('./learn-lines.ts'),
      import('./learn-read.ts'),
    ])
    const reader = new MessageReader('none', null)
    return { source: new LinesSource(file, flags.max), reader, end: () => {} }
  }
  const { openTopic } = await import('./learn-open.ts')
  return openTopic(flags, topic as string)
}

async function look(
  source: MessageSource,
  reader: MessageReader,
  learner: Learner,
  stop: AbortSignal,
): Promise<Seen> {
  const seen: Seen = { messages: 0, tombstones: 0, from: null, to: null, unread: new Map() }
  let toldAt = Date.now()
  for await (const message of source.messages(stop)) {
    const read = await reader.read(message)
    if (read.kind === 'value') {
      learner.add(read.value)
      seen.messages++
      const { at } = message
      if (at !== null) {
        seen.from = Math.min(seen.from ?? at, at)
        seen.to = Math.max(seen.to ?? at, at)
      }
    } else if (read.kind === 'tombstone') seen.tombstones++
    else count(seen.unread, read.why)
    if (Date.now() - toldAt < TELL_MS) continue
    toldAt = Date.now()
    talk(`quipu: ${messages(seen.messages)} so far`)
  }
  return seen
}

function count(reasons: Map<string, number>, why: string): void {
  const name = reasons.has(why) || reasons.size < REASONS_MAX ? why : 'for other reasons'
  reasons.set(name, (reasons.get(name) ?? 0) + 1)
}

function nothingRead(flags: LearnFlags, source: MessageSource, seen: Seen): QuipuError {
  const why = [...seen.unread].map(([reason, n]) => `${formatCount(n)} ${reason}`)
  if (seen.tombstones > 0) why.push(plural(seen.tombstones, 'tombstone'))
  const what = why.length === 0 ? 'it holds none' : visible(why.join('; '))
  return new QuipuError('CANNOT_JUDGE', `no message of ${source.name} can be read: ${what}`, {
    hint: hintOf(flags, seen),
  })
}

function hintOf({ file, since }: LearnFlags, { unread, tombstones }: Seen): string {
  if (file !== undefined) return 'Give one message of JSON on each line.'
  if (unread.size > 0)
    return 'Say `schemas.registry`, and the `framing` of the topic, in quipu.yaml.'
  if (since !== undefined) return 'Look further back with --since.'
  return tombstones > 0 ? 'Learn from a topic that holds values.' : 'Write to it first.'
}

/** For the draft itself: so that whoever reads it knows what it rests on. */
function plainOf(seen: Seen, source: MessageSource): Readonly<Record<string, unknown>> {
  const iso = (ms: number): string => new Date(ms).toISOString()
  return {
    source: source.name,
    ...(seen.from === null || seen.to === null
      ? {}
      : { writtenFrom: iso(seen.from), writtenTo: iso(seen.to) }),
    ...(source.isCut ? { isCut: true } : {}),
    ...(seen.tombstones === 0 ? {} : { tombstones: seen.tombstones }),
    ...(seen.unread.size === 0 ? {} : { unread: Object.fromEntries(seen.unread) }),
  }
}

function write(flags: LearnFlags, learned: LearnedSchema, seen: Seen, source: MessageSource): void {
  const draft = `${visibleJson(JSON.stringify(learned.schema, null, 2))}\n`
  if (flags.out !== undefined) writeWhole(resolve(flags.out), draft)
  if (flags.json === true) {
    const document = {
      schema: SCHEMA,
      seen: { messages: seen.messages, ...plainOf(seen, source) },
      draft: learned.schema,
      doubts: learned.doubts.map((doubt) => ({ ...doubt, text: doubtText(doubt) })),
    }
    out(`${visibleJson(JSON.stringify(document, null, 2))}\n`)
  } else if (flags.out === undefined) out(draft)
}

function tell(flags: LearnFlags, learned: LearnedSchema, seen: Seen, source: MessageSource): void {
  const say = (line: string): void => talk(`quipu: ${visible(line)}`)
  const when =
    seen.from === null || seen.to === null
      ? ''
      : `, written ${formatInstant(seen.from)} – ${formatInstant(seen.to)}`
  say(`learned from ${messages(seen.messages)} of ${source.name}${when}`)
  if (source.isCut) say(`there are more: --max ${flags.max}`)
  const share = formatPercent(
    Math.floor(shareAtLeast(seen.messages, seen.messages) * 10_000),
    10_000,
  )
  say(`what all of them have, at least ${share} of such messages have (95% confidence)`)
  if (seen.tombstones > 0) say(`left out: ${plural(seen.tombstones, 'tombstone')}`)
  for (const [why, n] of seen.unread) say(`left out: ${messages(n)} ${why}`)
  const { doubts } = learned
  if (doubts.length > 0) say('not sure:')
  for (const doubt of doubts.slice(0, DOUBTS_SHOWN_MAX)) say(`  ${doubtText(doubt)}`)
  if (doubts.length > DOUBTS_SHOWN_MAX) {
    say(`  and ${plural(doubts.length - DOUBTS_SHOWN_MAX, 'more doubt')}: see --json`)
  }
  const topic = flags.topic ?? 'TOPIC'
  const file = placeIn(flags) ?? `schemas/${topic}.schema.json`
  say('once you have read it, promise it under `hops` in quipu.yaml:')
  say(`  ${topic}: { topic: ${topic}, schema: { file: ${file} } }`)
}

/** As the pipeline file names it: from its own folder. Null: it was not written to a file. */
function placeIn({ out: place, config }: LearnFlags): string | null {
  if (place === undefined) return null
  const found = findConfig(config, process.env, process.cwd())
  const folder = found === null ? process.cwd() : dirname(found.path)
  const file = isAbsolute(place) ? place : relative(folder, resolve(place))
  return /^[\w./-]+$/.test(file) ? file : JSON.stringify(file)
}
