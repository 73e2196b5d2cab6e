/** Store, and logs where they may be asked → the explanation of an incident or of one window. */
import {
  type Explained,
  headlineOf,
  type Looked,
  type NextStep,
  ROWS_MAX,
  type ShownCause,
  type Subject,
} from '../../reports/explain.ts'
import { shellWord } from '../base/shell.ts'
import { formatInstant, plural } from '../base/words.ts'
import { concentrationOf, type Spread } from '../diagnose/concentration.ts'
import type { LogEvidence } from '../diagnose/log.ts'
import { type BadMessages, badMessagesOf, spreadsOf } from '../diagnose/spread.ts'
import { type Sample, spreadsOfSample } from '../diagnose/spread-sample.ts'
import { type Finding, type FindingCode, findingCodes } from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { summarizeEdge } from '../objective/edge.ts'
import { isoOf } from '../objective/iso.ts'
import type { Promises } from '../objective/objective.ts'
import { PROMISES_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { causeEvidenceOf } from './cause-reader.ts'
import { shownCauses } from './explain-causes.ts'
import type { OpenLogs } from './explain-clusters.ts'
import { doubtsOf } from './explain-doubts.ts'
import { lookIntoLogs, topicsOf } from './explain-log.ts'
import { nextOf, storeFlag } from './explain-next.ts'
import { topicOf } from './explain-sample.ts'
import { type Asked, askedOf, type Books, incidentsIn } from './explain-target.ts'
import { read } from './store-reader.ts'

export interface ExplainQuestion {
  /** Left out: the newest open incident. */
  readonly target?: string | undefined
  readonly pipeline?: string | undefined
  /** Its path, for the commands that are told. */
  readonly store: string
  /** ms */
  readonly now: number
  /** Opens the logs of clusters, each named with a topic; null: none is to be asked. */
  readonly logs: ((topics: ReadonlyMap<string, string>) => Promise<OpenLogs>) | null
}

/** Windows of an incident whose evidence is read: those with the most bad messages. */
const WINDOWS_MAX = 30

/** @throws QuipuError NOT_FOUND, CONFIG */
export async function explainedOf(store: Store, question: ExplainQuestion): Promise<Explained> {
  const { target, pipeline } = question
  const books = await read(store, pipeline === undefined ? {} : { pipeline })
  const asked = askedOf(target, books)
  if (asked === null) return nothingOf(question, books)
  const promises = await store.fact(PROMISES_FACT)
  return new Explaining(store, question, asked, books, promises).result()
}

/** Nothing going on is good news only where somebody looked. */
function nothingOf({ target, store, now }: ExplainQuestion, books: Books): Explained {
  const edge = target?.replaceAll(' -> ', ' → ').trim()
  const judged = books.verdicts.filter(
    (v) => v.state !== 'open' && v.verdict !== 'no_data' && (edge === undefined || v.edge === edge),
  )
  const where = edge === undefined ? '' : ` on ${edge}`
  const [last] = incidentsIn(books)
  const next: NextStep[] =
    last === undefined || edge !== undefined
      ? []
      : [
          {
            command: `quipu explain ${[shellWord(last.id), ...storeFlag(store)].join(' ')}`,
            why: `The newest is over since ${formatInstant(Date.parse(last.end))}`,
          },
        ]
  const headline =
    judged.length === 0
      ? `Nothing has been judged${where}: whether anything is wrong nobody knows.`
      : `There is no ${edge === undefined ? 'open incident' : 'incident'}${where}.`
  return {
    ...{ schema: 'quipu.explain/v1', at: isoOf(now), target: target ?? null, subject: null },
    ...{ exitCode: judged.length === 0 ? 3 : 0, headline },
    ...{ causes: [], concentration: [], looked: [], doubts: [], notLookedAt: [], next },
  }
}

class Explaining {
  readonly #store: Store
  readonly #question: ExplainQuestion
  readonly #asked: Asked
  readonly #books: Books
  readonly #promises: unknown
  readonly #notLookedAt: string[] = []

  constructor(
    store: Store,
    question: ExplainQuestion,
    asked: Asked,
    books: Books,
    promises: unknown,
  ) {
    this.#store = store
    this.#question = question
    this.#asked = asked
    this.#books = books
    this.#promises = promises
  }

  async result(): Promise<Explained> {
    const { now, store, target } = this.#question
    const { pipeline: name, edge: edgeName, verdicts } = this.#asked
    const pipeline = this.#books.pipelines.find((p) => p.name === name) ?? null
    const edge = pipeline?.edges.find((e) => e.name === edgeName) ?? null
    const summary = summarizeEdge(name, edge, verdicts)
    const subject = this.#subject(summary, pipeline)
    const why =
      pipeline === null || edge === null
        ? this.#undeclared()
        : await this.#why(pipeline, edge, summary)
    const exitCode = subject.standing === 'breached' ? 1 : subject.standing === 'met' ? 0 : 3
    return {
      ...{ schema: 'quipu.explain/v1', at: isoOf(now), target: target ?? null, exitCode, subject },
      headline: headlineOf(edgeName, subject.standing, summary),
      ...why,
      notLookedAt: this.#notLookedAt,
      next: nextOf({
        ...{ edge, summary, store, start: subject.start },
        causes: why.causes.map((cause) => cause.code),
        hasDoubts: why.doubts.length > 0,
        isOneOfSeveral: this.#books.pipelines.length > 1,
      }),
    }
  }

  #subject(summary: Subject['summary'], pipeline: Pipeline | null): Subject {
    const { kind, incident, pipeline: name, edge, verdicts } = this.#asked
    const declared = Array.isArray(this.#promises) ? (this.#promises as Promises[]) : []
    const agreement = declared.find((p) => p.pipeline === name)?.agreement ?? null
    return {
      ...{ kind, incident: incident?.id ?? null, pipeline: name, edge, summary },
      start: isoOf(Math.min(...verdicts.map((v) => v.window.start))),
      end: isoOf(Math.max(...verdicts.map((v) => v.window.end))),
      open: incident?.open ?? false,
      standing: summary.standing,
      owner: pipeline?.owner ?? {},
      hops: incident?.reaches ?? [],
      consumers: agreement?.consumers.map((c) => c.name) ?? [],
    }
  }

  #undeclared(): Why {
    this.#notLookedAt.push('why, and where: the edge is no longer declared')
    return { causes: [], concentration: [], looked: [], doubts: [] }
  }

  async #why(pipeline: Pipeline, edge: EdgeDeclaration, summary: Subject['summary']): Promise<Why> {
    const { now } = this.#question
    const { verdicts } = this.#asked
    const doubts = await doubtsOf(this.#store, { pipeline, edge, verdicts, summary, now })
    if (summary.standing === 'met') return { causes: [], concentration: [], looked: [], doubts }
    const worst = this.#worst()
    const bad = badIn(worst)
    const log = await this.#logs(pipeline, edge, worst, bad)
    const question = { pipeline, edge, verdicts: worst, now, log: log.evidence }
    const evidence = await causeEvidenceOf(this.#store, question)
    const minters = evidence[0]?.minters ?? new Map()
    const spreads = bothOf(
      spreadsOf({
        ...{ pipeline, edge, bad, minters },
        tallies: evidence.flatMap((e) => e.tallies),
        mishaps: evidence.flatMap((e) => e.mishaps),
      }),
      log.sample === null
        ? null
        : (known) => spreadsOfSample(log.sample as Sample, bad, known ? null : minters),
    )
    const causes = shownCauses(evidence)
    return {
      ...{ causes, doubts, looked: spreads.map(lookedOf) },
      concentration: concentrationOf(spreads).slice(0, ROWS_MAX),
    }
  }

  /** The windows that are looked into, by time. */
  #worst(): EdgeVerdict[] {
    const { verdicts } = this.#asked
    const harm = (v: EdgeVerdict): number => badFindings(v).reduce((n, f) => n + f.count, 0)
    const left = verdicts.length - WINDOWS_MAX
    if (left > 0)
      this.#notLookedAt.push(
        `why, and where, in ${plural(left, 'window')} of ${verdicts.length}: only the worst were`,
      )
    return [...verdicts]
      .sort((a, b) => harm(b) - harm(a))
      .slice(0, WINDOWS_MAX)
      .sort((a, b) => a.window.start - b.window.start)
  }

  async #logs(
    pipeline: Pipeline,
    edge: EdgeDeclaration,
    verdicts: readonly EdgeVerdict[],
    bad: BadMessages,
  ): Promise<{ readonly evidence: LogEvidence | null; readonly sample: Sample | null }> {
    if (bad.unnamed > 0)
      this.#notLookedAt.push(`where ${plural(bad.unnamed, 'bad message')} lie: they have no name`)
    const { logs } = this.#question
    const clusters = new Map(topicsOf(pipeline, edge).map((t) => [t.cluster, t.topic]))
    if (logs === null || clusters.size === 0) {
      this.#notLookedAt.push(
        logs === null ? 'the log: --no-log says so' : 'the log: the edge has no topic',
      )
      return { evidence: null, sample: null }
    }
    const open = await logs(clusters)
    try {
      this.#notLookedAt.push(...open.why)
      const findings = verdicts.flatMap(badFindings)
      const topic = topicOf(
        edge,
        findings.some(({ code }) => ARRIVED.has(code)),
      )
      const look = await lookIntoLogs(open.readers, {
        ...{ pipeline, edge, topic },
        ids: findings.flatMap((f) => f.ids.map(({ id }) => id)),
        span: {
          start: Math.min(...verdicts.map((v) => v.window.start)),
          end: Math.max(...verdicts.map((v) => v.window.end)),
        },
      })
      this.#notLookedAt.push(...look.why)
      if (topic === null && open.readers.size > 0)
        this.#notLookedAt.push('partition, schema and key: what never reached a log has none there')
      return look
    } finally {
      await open.close()
    }
  }
}

interface Why {
  readonly causes: readonly ShownCause[]
  readonly concentration: Explained['concentration']
  readonly looked: readonly Looked[]
  readonly doubts: readonly string[]
}

/** Findings of messages that are there, and should not be, or not so. */
const ARRIVED: ReadonlySet<FindingCode> = new Set<FindingCode>([
  ...(['altered', 'duplicated', 'unexpected', 'extra'] as const),
  ...(['withdrawn_delivered', 'landed_though_failed'] as const),
])

/** What says that something is wrong with messages; where nothing is proven, what may be. */
function badFindings({ findings }: EdgeVerdict): Finding[] {
  const of = (severity: 'error' | 'warning'): Finding[] =>
    findings.filter((f) => findingCodes[f.code] === severity && f.count > 0)
  const errors = of('error')
  return errors.length > 0 ? errors : of('warning').filter((f) => f.ids.length > 0)
}

const badIn = (verdicts: readonly EdgeVerdict[]): BadMessages =>
  badMessagesOf(verdicts.flatMap(badFindings))

/** A log says more of partitions than the books do; who minted what the books know better. */
function bothOf(books: readonly Spread[], log: ((known: boolean) => Spread[]) | null): Spread[] {
  const sampled = log?.(books.some((s) => s.dimension === 'producer')) ?? []
  const told = new Set(sampled.map((s) => s.dimension))
  return [...books.filter((s) => !told.has(s.dimension)), ...sampled]
}

function lookedOf({ dimension, values, badUnknown, counted }: Spread): Looked {
  const bad = values.reduce((sum, value) => sum + value.bad, 0)
  return { dimension, values: values.length, bad, badUnknown, counted }
}
