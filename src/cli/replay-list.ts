/** `quipu replay-list`: what repairs a loss, and where only a copy is missing, the repair. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { QuipuError } from '../base/errors.ts'
import { plural } from '../base/words.ts'
import type { EdgeReplay } from '../diagnose/replay.ts'
import type { FindingCode } from '../finding/finding.ts'
import type { Minter } from '../hop/mishap.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { LogReader } from '../transport/log.ts'
import { out, talk } from './io.ts'
import { brokerList, instant, list, STORE_DEFAULT, sinceTime, whole } from './options.ts'
import type { LostOfEdge } from './replay-search.ts'

interface ReplayOptions {
  readonly store: string
  readonly config?: string
  readonly brokers?: readonly string[]
  readonly pipeline?: string
  readonly edge?: string
  /** ms, within it */
  readonly window?: number
  readonly since?: number
  readonly kind: readonly FindingCode[]
  readonly format: 'ndjson' | 'kcat' | 'kafkajs'
  readonly json?: boolean
  readonly produce?: boolean
  readonly yes?: boolean
  readonly rate: number
}

/** Findings that say of messages that they are missing at the end of an edge. */
const KINDS: readonly FindingCode[] = ['lost', 'filtered_undeclared']

export function registerReplayList(program: Command): void {
  program
    .command('replay-list')
    .summary('list what repairs a loss: the offsets of lost messages in the log before it')
    .description(
      'Lists topic, partition and offsets of lost messages, found in the log before the loss, and who has to do what with them. Nothing is sent unless told.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--config <file>', 'the pipeline file that names the brokers')
    .option('--brokers <list>', 'HOST:PORT,… where one cluster is audited', brokerList)
    .option('--pipeline <name>', 'only this pipeline')
    .option('--edge <name>', "only this edge, such as 'flights -> enrich'")
    .option('--window <time>', 'only the window that this instant is in', instant)
    .option(
      '--since <time>',
      'only windows that start since then: 1h, 2026-11-23T01:00Z',
      sinceTime,
    )
    .option('--kind <list>', 'of lost, filtered_undeclared', kinds, ['lost'])
    .addOption(
      new Option('--format <name>', 'how it is written')
        .choices(['ndjson', 'kcat', 'kafkajs'])
        .default('ndjson'),
    )
    .addOption(
      new Option('--json', 'JSON of the schema quipu.replay-list/v1').conflicts(['produce']),
    )
    .option('--produce', 'say which records would be copied where; with --yes: do it')
    .option('--yes', 'with --produce: send them')
    .option('--rate <number>', 'with --produce: messages a second', whole(1, 10_000), 100)
    .addHelpText(
      'after',
      `
How a loss is repaired depends on its edge:
  producer -> topic  the log does not have it: the ids are listed for their producer, which sends them again
  topic -> group     the group goes back to these offsets and handles them again
  group -> topic     so does the group that made nothing of them, or lost what it made
  topic -> topic     --produce copies the records, where the edge promises \`preserve: [value]\`
Nothing is ever sent into the topic in which it lies: that makes a second message of it for every group
there, the edge into that topic calls it doubled, and the edge that lost it is still one short.

Copied records keep key, value, time and all headers, so also their ids; a record that is another message by
now, or is in the other topic already, is left. (The script of --format kafkajs knows messages by their stamp
only, and does not ask whether they are there already.) The windows show the messages as \`recovered\` when the auditor
has seen them.

Exit codes:
  0  no loss is known, or all of it was found; with --yes: all of it was sent
  2  wrong usage or configuration
  3  something is in no log, could not be found or named, or was not sent; or nothing is judged there
  4  failure

Examples:
  quipu replay-list --edge 'flights -> enrich' --since 1h
  quipu replay-list --format kafkajs > replay.mjs
  quipu replay-list --edge 'flights -> mirror' --produce`,
    )
    .action(run)
}

function kinds(value: string): readonly FindingCode[] {
  const names = list(value, undefined)
  const wrong = names.find((name) => !(KINDS as readonly string[]).includes(name))
  if (wrong !== undefined)
    throw new InvalidArgumentError(`There is no kind \`${wrong}\`. Expected: ${KINDS.join(', ')}.`)
  return names as readonly FindingCode[]
}

interface Books {
  readonly pipelines: readonly Pipeline[]
  readonly lost: readonly LostOfEdge[]
  readonly minters: ReadonlyMap<number, Minter>
  /** Windows of which nothing is proven yet: they may have lost more. */
  readonly unjudged: number
  /** No loss where nobody looked is no good news. */
  readonly isJudged: boolean
}

async function run(options: ReplayOptions): Promise<void> {
  if (options.yes && !options.produce)
    throw new QuipuError('CONFIG', '--yes needs --produce: nothing else is sent')
  const { openLogs } = await import('./explain-clusters.ts')
  const { replayOf } = await import('./replay-search.ts')
  const { replayCode } = await import('../diagnose/replay.ts')
  const books = await booksOf(options)
  const logs = await openLogs(options, topicsOf(books.lost))
  try {
    for (const why of logs.why) talk(why)
    const edges = await replayOf(books.lost, logs, books.minters)
    const code = books.isJudged ? replayCode(edges) : 3
    process.exitCode = code
    if (!books.isJudged)
      talk('nothing has been judged there: whether anything is lost nobody knows')
    else if (edges.length === 0) talk('no loss is known there')
    if (books.unjudged > 0)
      talk(`not judged yet, or without evidence: ${plural(books.unjudged, 'window')}`)
    if (options.produce) await produce(edges, books.pipelines, logs.readers, options)
    else await print(edges, options, code)
  } finally {
    await logs.close()
  }
}

/** @throws QuipuError NOT_FOUND: the store, or what is asked for by name */
async function booksOf({ store: path, window, kind, ...asked }: ReplayOptions): Promise<Books> {
  const { read, withStore } = await import('./store-reader.ts')
  const { lostOf } = await import('./replay-search.ts')
  return withStore(path, async (store) => {
    const { pipelines, verdicts } = await read(store, asked)
    const chosen = verdicts.filter(
      ({ window: { start, end } }) => window === undefined || (start <= window && window < end),
    )
    const lost = lostOf(pipelines, chosen, kind)
    const unjudged = chosen.filter(
      ({ state, verdict }) => state === 'open' || verdict === 'indeterminate',
    ).length
    const isJudged = chosen.some(({ state, verdict }) => state !== 'open' && verdict !== 'no_data')
    return { pipelines, lost, minters: await store.minters(), unjudged, isJudged }
  })
}

/** One of each cluster that may have to be read or written, rather one that is read. */
function topicsOf(lost: readonly LostOfEdge[]): ReadonlyMap<string, string> {
  const hops = lost.flatMap(({ edge }) => [...edge.to, ...edge.from].map(({ hop }) => hop))
  const logged = hops.filter(({ role }) => role === 'topic' || role === 'consumer')
  return new Map(logged.map(({ cluster, topic }) => [cluster, topic]))
}

async function print(
  edges: readonly EdgeReplay[],
  options: ReplayOptions,
  code: 0 | 3,
): Promise<void> {
  const { adviceOf, replayJson, replayLines } = await import('../../reports/replay-list.ts')
  if (options.json || options.format === 'ndjson') {
    const { jsonText } = await import('../../reports/json.ts')
    if (options.json) out(jsonText(replayJson(edges, Date.now(), code)))
    else for (const line of replayLines(edges)) out(jsonText(line, 0))
  } else {
    const { kafkajsScript, kcatScript } = await import('../../reports/replay-scripts.ts')
    const { clustersOf } = await import('./replay-clients.ts')
    const brokers = Object.fromEntries(
      Object.entries(await clustersOf(options)).map(([name, of]) => [name, of.brokers]),
    )
    out(options.format === 'kcat' ? kcatScript(edges, brokers) : kafkajsScript(edges, brokers))
  }
  const { visible } = await import('../base/visible.ts')
  for (const edge of edges) {
    const advice = adviceOf(edge)
    if (advice !== null) talk(visible(advice))
    const { notFound, unnamed } = edge
    const { length } = notFound
    if (length > 0) talk(visible(`${edge.edge}: ${plural(length, 'message')} not found`))
    if (unnamed > 0)
      talk(visible(`${edge.edge}: ${plural(unnamed, 'message')} that nobody can name`))
  }
}

async function produce(
  edges: readonly EdgeReplay[],
  pipelines: readonly Pipeline[],
  readers: ReadonlyMap<string, LogReader>,
  options: ReplayOptions,
): Promise<void> {
  const { adviceOf } = await import('../../reports/replay-list.ts')
  const { visible } = await import('../base/visible.ts')
  const { producersOf } = await import('./replay-clients.ts')
  const { sendAgain } = await import('./replay-produce.ts')
  const say = (text: string): void => out(`${visible(text)}\n`)
  const clients = await producersOf(options)
  let wouldSend = 0
  try {
    for (const edge of edges) {
      const count = edge.ranges.reduce((n, { ids }) => n + ids.length, 0)
      if (edge.repair.by !== 'produce') {
        const advice = adviceOf(edge)
        if (advice !== null) say(`not sent, ${advice}`)
        process.exitCode = 3
        continue
      }
      const { topic } = edge.repair
      if (!options.yes) {
        wouldSend += count
        say(`${edge.edge}: would send ${plural(count, 'message')} into ${topic}:`)
        for (const r of edge.ranges)
          say(`  ${r.topic} partition ${r.partition}, offsets ${r.low} to ${r.high}`)
        continue
      }
      const { producerOf } = clients
      const done = await sendAgain(edge, { pipelines, readers, producerOf, rate: options.rate })
      const there = done.there > 0 ? `, ${plural(done.there, 'message')} there already` : ''
      say(`${edge.edge}: sent ${plural(done.sent, 'message')} into ${topic}${there}`)
      for (const text of done.failed) say(`  not sent: ${text}`)
      if (done.failed.length > 0) process.exitCode = 3
    }
    if (!options.yes) talk(`nothing was sent${wouldSend > 0 ? '; --yes does it' : ''}`)
  } finally {
    await clients.close()
  }
}
