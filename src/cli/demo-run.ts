/** `quipu demo`: a faulty pipeline, audited; exits 0 only if what was found is what was injected. */
import { flushAll } from '../../agents/kafkajs.ts'
import { renderText } from '../../reports/text.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { tallyPlans } from '../hop/plan.ts'
import { uuidOfHex } from '../message/id.ts'
import type { Report } from '../objective/report.ts'
import { reportOf } from '../objective/report-of.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import { makeTopics } from '../transport/kafka/make-topics.ts'
import { AuditEngine } from './audit-engine.ts'
import { type Comparison, compare } from './demo/compare.ts'
import { faultyKafka } from './demo/faulty-client.ts'
import { edgeNames, Ledger } from './demo/ledger.ts'
import { demoPipeline } from './demo/pipeline.ts'
import { drawPlan, type Plan } from './demo/plan.ts'
import { expectedStored, Services } from './demo/services.ts'
import { kafkaStage, memoryStage, type Stage } from './demo/stage.ts'
import { put } from './outputs.ts'
import { inputOf } from './report-reader.ts'
import { versionOf } from './version.ts'

export interface DemoOptions {
  readonly seed: number
  readonly messages: number
  readonly kafka: boolean
  /** With `kafka`: brokers that run already; empty: one is started. */
  readonly brokers: readonly string[]
  readonly json: boolean
  /** A folder for the report as files, made where there is none; false: none is written. */
  readonly report: string | false
  readonly out: (text: string) => void
  readonly talk: (line: string) => void
}

export interface DemoResult extends Comparison {
  readonly seed: number
  readonly stage: Stage['name']
  readonly messages: number
  /** What a count per hop would say: it sees no loss where as many were doubled. */
  readonly countAudit: readonly {
    readonly edge: string
    readonly from: number
    readonly to: number
  }[]
  readonly edges: readonly EdgeVerdict[]
}

interface Played {
  readonly result: DemoResult
  readonly report: Report
}

/** How much of the traffic passes between two looks of the auditor. */
const TURNS = 120

export async function runDemo(options: DemoOptions): Promise<number> {
  const { seed, messages, kafka, brokers, json, report: folder, out, talk } = options
  const stage = kafka ? await kafkaStage(brokers, talk) : memoryStage(seed)
  try {
    const plan = drawPlan(seed, messages)
    const { result, report } = await play(stage, plan, talk)
    out(json ? `${JSON.stringify(result, null, 2)}\n` : renderDemo(result, report))
    if (folder !== false) {
      await writeReport(folder, report)
      talk(`report.html, report.json and report.md are in ${folder}`)
    }
    return result.match ? 0 : 1
  } finally {
    await stage.close()
  }
}

async function play(stage: Stage, plan: Plan, talk: (line: string) => void): Promise<Played> {
  const { pipeline, promises } = demoPipeline(stage)
  const { clock, random, windowMs, latenessMs, flushMs, suffix, timer } = stage
  const ledger = new Ledger()
  const topics = { flights: `flights${suffix}`, enriched: `flights.enriched${suffix}` }
  const kafka = stage.kafka()
  const admin = kafka.admin()
  await admin.connect()
  const made = Object.values(topics).map((topic) => ({ topic, numPartitions: plan.partitions }))
  await makeTopics(admin, made)
  const store = await openSqliteStore(':memory:')
  const onTrouble = (text: string): void => talk(`audit: ${text}`)
  const engine = await AuditEngine.start({
    pipelines: [pipeline],
    store,
    reader: stage.reader(),
    sender: stage.sender,
    kafkas: new Map([['default', kafka]]),
    flushMs,
    clock,
    timer,
    onTrouble,
  })
  const services = new Services({
    faulty: faultyKafka(stage.kafka(), topics.flights, plan, ledger),
    kafka,
    topics,
    groups: { enrich: `enrich${suffix}`, warehouse: `warehouse${suffix}` },
    plan,
    ledger,
    audit: {
      ...{ windowMs, latenessMs, flushMs, clock, random, timer, onTrouble },
      planOf: tallyPlans([pipeline]),
      audit: stage.audit,
    },
  })
  const look = async (): Promise<void> => {
    await stage.settle()
    if (!timer) await flushAll()
    await engine.turn(timer ? 50 : 0)
  }
  const startedAt = clock()
  try {
    await services.start()
    const batches = Math.ceil(plan.messages / plan.batch)
    // Windows small enough that their ids can be listed, so a copy is told from the unexpected.
    const windows = Math.min(60, Math.max(4, Math.round(plan.messages / 500)))
    const stepMs = (windows * windowMs) / batches
    const every = Math.max(1, Math.floor(batches / TURNS))
    for (let batch = 0; batch < batches; batch++) {
      await services.send(batch)
      await stage.pass(stepMs)
      if (batch % every !== 0) continue
      await look()
      // What was put aside goes out one window later, well before its deadline.
      if (batch % (every * 6) === 0) await services.sendDelayed()
    }
    await stage.settle()
    const expected = expectedStored(plan)
    const patience = clock() + 60_000
    do {
      await services.sendDelayed()
      await look()
      if (services.stored < expected) await stage.pass(timer ? 50 : 1_000)
    } while (services.stored < expected && clock() < patience)
    talk(`${plan.messages} messages sent, ${services.stored} stored; waiting for the last deadline`)
    const end = clock() + windowMs + latenessMs + 2 * flushMs
    while (clock() < end || !(await engine.settled())) {
      if (clock() > end + 60_000) break
      await stage.pass(timer ? 100 : flushMs)
      await look()
    }
    const verdicts = await store.verdicts({ since: startedAt - windowMs })
    const comparison = compare(ledger.tale(), verdicts)
    const result = {
      seed: plan.seed,
      stage: stage.name,
      messages: plan.messages,
      ...comparison,
      countAudit: countAudit(verdicts),
      edges: verdicts,
    }
    // In memory all that the store holds is of this run.
    const since = stage.name === 'memory' ? {} : { since: startedAt - windowMs }
    const input = await inputOf(store, since, { pipelines: [pipeline], promises }, clock())
    return { result, report: reportOf({ ...input, detail: 'ids', version: versionOf() }) }
  } finally {
    await services.stop()
    await engine.close()
    await admin.disconnect()
    await store.close()
  }
}

function countAudit(verdicts: readonly EdgeVerdict[]): DemoResult['countAudit'] {
  return edgeNames.map((edge) => {
    const own = verdicts.filter((v) => v.edge === edge)
    const sum = (end: 'from' | 'to'): number =>
      own.reduce((n, v) => n + v[end].reduce((m, hop) => m + hop.count, 0), 0)
    return { edge, from: sum('from'), to: sum('to') }
  })
}

/** The same report in three shapes, each file whole or not at all. */
async function writeReport(folder: string, report: Report): Promise<void> {
  const { mkdirSync } = await import('node:fs')
  const { join } = await import('node:path')
  const { renderHtml } = await import('../../reports/html.ts')
  const { renderJson } = await import('../../reports/json.ts')
  const { renderMarkdown } = await import('../../reports/markdown.ts')
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw new QuipuError('FORBIDDEN', `cannot make the folder ${folder}: ${messageOf(cause)}`, {
      hint: 'Name another with --report FOLDER, or write none with --no-report.',
      cause,
    })
  }
  const write = (format: string, name: string, text: string): void =>
    put({ format, file: join(folder, name) }, text)
  write('html', 'report.html', renderHtml(report))
  write('json', 'report.json', renderJson(report))
  write('markdown', 'report.md', renderMarkdown(report))
}

function renderDemo(result: DemoResult, report: Report): string {
  const lines = [renderText(report).trimEnd(), '', 'A count audit of the same run']
  for (const { edge, from, to } of result.countAudit) {
    const verdict = from === to ? 'nothing to see' : `${to - from > 0 ? '+' : ''}${to - from}`
    lines.push(`  ${edge.padEnd(24)} ${from} → ${to}   ${verdict}`)
  }
  for (const text of result.unexplained) lines.push(`  not explained: ${text}`)
  const told = (t: DemoResult['injected']): string =>
    `${number(t.lost)} lost, ${number(t.doubled)} doubled, ${t.filtered} filtered`
  const same = result.match ? 'the same, id by id' : 'NOT the same'
  lines.push('', `injected: ${told(result.injected)}; found: ${told(result.found)} — ${same}`, '')
  if (!result.match) lines.splice(-1, 0, ...differences(result))
  return lines.join('\n')
}

function number(map: Readonly<Record<string, readonly string[]>>): number {
  return Object.values(map).reduce((n, ids) => n + ids.length, 0)
}

function differences({ injected, found }: Comparison): string[] {
  const lines: string[] = []
  for (const kind of ['lost', 'doubled'] as const)
    for (const edge of edgeNames) {
      const a = injected[kind][edge] ?? []
      const b = found[kind][edge] ?? []
      const only = (x: readonly string[], y: readonly string[]): string =>
        x
          .filter((id) => !y.includes(id))
          .slice(0, 3)
          .map(uuidOfHex)
          .join(', ')
      if (only(a, b) !== '') lines.push(`  ${edge}: ${kind} but not found: ${only(a, b)}`)
      if (only(b, a) !== '') lines.push(`  ${edge}: found ${kind} but not injected: ${only(b, a)}`)
    }
  return lines
}
