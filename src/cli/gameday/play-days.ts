/** `quipu gameday`: plays days one after the other, and compares what was said with what is true. */
import type { TestKafka } from '../../testbed/kafka.ts'
import { stopOnSignals } from '../signals.ts'
import { type Comparison, compare } from './compare.ts'
import { addCauses, type CauseComparison } from './compare-causes.ts'
import type { DriftComparison } from './compare-drift.ts'
import type { GameDay } from './day.ts'
import { drawGameDay } from './draw.ts'
import type { Played } from './played.ts'
import { renderDay, renderDays } from './render.ts'

export interface GameDayOptions {
  /** The first of the days. */
  readonly seed: number
  readonly count: number
  /** On brokers instead of in memory. */
  readonly kafka: boolean
  /** With `kafka`: brokers that run already, and are not harmed; empty: three are started. */
  readonly brokers: readonly string[]
  readonly json: boolean
  readonly out: (text: string) => void
  readonly talk: (line: string) => void
}

export interface DayResult extends Comparison {
  readonly seed: number
  /** The command that plays this day again. */
  readonly replay: string
}

export interface DaysResult {
  readonly stage: 'memory' | 'kafka'
  readonly days: number
  /** Verdicts at the end of a day, one for each edge and window. */
  readonly judged: number
  readonly indeterminate: number
  /** Indeterminate, and no evidence was destroyed that could be the reason. */
  readonly unexplained: number
  /** What was wrong with the shape of messages. */
  readonly drift: DriftComparison
  /** Why what was found is there: said, by what is true. */
  readonly causes: CauseComparison
  readonly failed: readonly DayResult[]
}

/** So often the progress is told, ms. */
const TELL_MS = 5_000

/** @throws QuipuError if there are no brokers; Error if a day could not be played */
export async function playDays(options: GameDayOptions): Promise<number> {
  const { seed, count, kafka, brokers, json, out, talk } = options
  const stop = stopOnSignals(talk)
  const stage = kafka ? await kafkaStage(brokers, stop.signal, talk) : await memoryStage()
  const results: DayResult[] = []
  try {
    let toldAt = Date.now()
    for (let n = 0; n < count && !stop.signal.aborted; n++) {
      const day = drawGameDay(seed + n)
      const played = await stage.play(day)
      const result = { seed: day.seed, replay: replayOf(day, options), ...compare(day, played) }
      results.push(result)
      if (result.mismatches.length > 0 && !json) out(renderDay(day, result))
      if (kafka || Date.now() - toldAt >= TELL_MS) {
        toldAt = Date.now()
        const failed = results.filter(isFailed).length
        talk(`${results.length} of ${count} days played, ${failed} failed`)
      }
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    await stage.close()
    stop.end()
  }
  const total = totalOf(kafka ? 'kafka' : 'memory', results)
  out(json ? `${JSON.stringify(total, null, 2)}\n` : renderDays(total))
  return stop.exitCode() || (total.failed.length > 0 ? 1 : 0)
}

const isFailed = ({ mismatches }: DayResult): boolean => mismatches.length > 0

function totalOf(stage: DaysResult['stage'], results: readonly DayResult[]): DaysResult {
  const sum = (of: (result: DayResult) => number): number =>
    results.reduce((n, result) => n + of(result), 0)
  return {
    stage,
    days: results.length,
    judged: sum(({ judged }) => judged),
    indeterminate: sum(({ indeterminate }) => indeterminate),
    unexplained: sum(({ unexplained }) => unexplained),
    drift: {
      expected: sum(({ drift }) => drift.expected),
      found: sum(({ drift }) => drift.found),
      wrong: sum(({ drift }) => drift.wrong),
      missed: sum(({ drift }) => drift.missed),
    },
    causes: addCauses(results.map(({ causes }) => causes)),
    failed: results.filter(isFailed),
  }
}

function replayOf({ seed }: GameDay, { kafka, brokers }: GameDayOptions): string {
  const where = brokers.length > 0 ? ` --brokers ${brokers.join(',')}` : kafka ? ' --kafka' : ''
  return `quipu gameday --seed ${seed}${where}`
}

interface Stage {
  readonly play: (day: GameDay) => Promise<Played>
  readonly close: () => Promise<void>
}

async function memoryStage(): Promise<Stage> {
  const { playInMemory } = await import('./memory-run.ts')
  return { play: (day) => playInMemory(day), close: async () => {} }
}

/** Three, so that one of them can die. */
const BROKERS = 3

async function kafkaStage(
  brokers: readonly string[],
  signal: AbortSignal,
  talk: (line: string) => void,
): Promise<Stage> {
  const { playOnKafka } = await import('./kafka-run.ts')
  const cluster: TestKafka | null = brokers.length > 0 ? null : await ownCluster(talk)
  const at = cluster?.brokers ?? brokers
  return {
    play: (day) => playOnKafka(day, { brokers: at, cluster, talk, signal }),
    close: async () => cluster?.close(),
  }
}

async function ownCluster(talk: (line: string) => void): Promise<TestKafka> {
  const { startKafka } = await import('../../testbed/kafka.ts')
  return startKafka({ brokers: BROKERS, log: talk })
}
