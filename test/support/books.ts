/** A pipeline file, services that read it, and `quipu` on the books that are kept of them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { FindingCode } from '../../src/finding/finding.ts'
import { windowStartOf } from '../../src/message/window.ts'
import type { LossRow } from '../../src/objective/losses.ts'
import type { Assessment, EdgeSummary, FindingSummary } from '../../src/objective/summary.ts'
import { ensureAuditTopic } from '../../src/transport/kafka.ts'
import { sharedBrokers, topicName } from './kafka.ts'
import { quipu } from './quipu.ts'

export const WINDOW_MS = 2_000
export const LATENESS_MS = 2_000

export interface Books {
  /** Path of the pipeline file. */
  readonly file: string
  /** Path of the store. */
  readonly store: string
  readonly auditTopic: string
}

export interface BooksOptions {
  /** Where the files are; they are called `name`. */
  readonly folder: string
  readonly name: string
  /** What stands below `pipelines:` in the file. */
  readonly pipelines: string
  /** Default: a new one. */
  readonly auditTopic?: string
}

export async function openBooks({
  folder,
  name,
  pipelines,
  auditTopic = topicName('quipu.tallies'),
}: BooksOptions): Promise<Books> {
  const brokers = sharedBrokers()
  const file = join(folder, `${name}.yaml`)
  writeFileSync(
    file,
    `version: 1
window: ${WINDOW_MS}ms
lateness: ${LATENESS_MS}ms
thresholds: [1s, 60s]
kafka: { brokers: ["${brokers.join('", "')}"], audit: { topic: ${auditTopic} } }
pipelines:
${pipelines}`,
  )
  await ensureAuditTopic({ brokers, topic: auditTopic })
  return { file, store: join(folder, `${name}.db`), auditTopic }
}

/** Agents that are made meanwhile read the file, as in a service that is started with it. */
export function withFile<T>({ file }: Books, make: () => T): T {
  process.env.QUIPU_CONFIG = file
  try {
    return make()
  } finally {
    delete process.env.QUIPU_CONFIG
  }
}

/** A moment in the middle of a window whose deadline is over. */
export function pastMoment(): number {
  return windowStartOf(Date.now() - LATENESS_MS, WINDOW_MS) - WINDOW_MS / 2
}

/** Reads all there is and judges it. */
export async function settle({ file, store }: Books): Promise<void> {
  const { code, stderr } = await quipu(['audit', '--config', file, '--store', store, '--once'])
  expect(code, stderr).toBe(0)
}

export async function checkCode({ store }: Books): Promise<number> {
  return (await quipu(['check', '--store', store])).code
}

export async function reportText({ store }: Books): Promise<string> {
  const { code, stdout, stderr } = await quipu(['report', '--store', store])
  expect(code, stderr).toBe(0)
  return stdout
}

export async function reportOf({ store }: Books): Promise<Assessment> {
  const { code, stdout, stderr } = await quipu(['report', '--store', store, '--json'])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}

export async function lossesOf({ store }: Books): Promise<readonly LossRow[]> {
  const { code, stdout, stderr } = await quipu(['losses', '--store', store, '--json'])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout).losses
}

export function edgeOf({ pipelines }: Assessment, pipeline: string, edge: string): EdgeSummary {
  const found = pipelines.find((p) => p.pipeline === pipeline)?.edges.find((e) => e.edge === edge)
  if (found === undefined) throw new Error(`the report has no ${pipeline}: ${edge}`)
  return found
}

/** The only finding of that code. */
export function findingOf({ findings }: EdgeSummary, code: FindingCode): FindingSummary {
  const [found, ...others] = findings.filter((f) => f.code === code)
  if (found === undefined || others.length > 0) throw new Error(`expected one ${code}`)
  return found
}

/** Hex digits, as the stamps of a test are kept. */
export const hexOf = (id: string | null): string => (id ?? '').replaceAll('-', '')
