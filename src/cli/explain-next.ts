/** The commands that say more of what is wrong on an edge, or repair it. Pure. */
import type { NextStep } from '../../reports/explain.ts'
import { shellWord } from '../base/shell.ts'
import type { CauseCode } from '../finding/cause.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import type { EdgeSummary } from '../objective/summary.ts'
import { STORE_DEFAULT } from './options.ts'

export interface NextQuestion {
  /** Null: it is no longer declared. */
  readonly edge: EdgeDeclaration | null
  readonly summary: EdgeSummary
  /** ISO 8601: births of the messages. */
  readonly start: string
  readonly causes: readonly CauseCode[]
  readonly hasDoubts: boolean
  readonly store: string
  /** Others audited into the same store have edges too. */
  readonly isOneOfSeveral: boolean
}

/** Kinds whose ids are listed by a command of their own. */
const LISTED_MAX = 2

export function nextOf(question: NextQuestion): NextStep[] {
  const { edge, summary, start, causes, hasDoubts, store, isOneOfSeveral } = question
  const of = [
    ...(isOneOfSeveral ? ['--pipeline', shellWord(summary.pipeline)] : []),
    ...storeFlag(store),
  ]
  const command = (...words: readonly string[]): string => ['quipu', ...words, ...of].join(' ')
  const name = shellWord(summary.edge)
  const named = summary.findings.filter((f) => f.ids.length > 0 && f.severity !== 'info')
  const steps: NextStep[] = named.slice(0, LISTED_MAX).map(({ code }) => ({
    command: command('losses', '--edge', name, '--kind', code, '--since', start),
    why: `All ids of kind ${code}`,
  }))
  const [first] = named[0]?.ids ?? []
  const stored = storeFlag(store)
  if (first !== undefined)
    steps.push({
      command: ['quipu', 'trace', first.id, ...stored].join(' '),
      why: 'The way of one of them, hop by hop',
    })
  if (summary.findings.some(({ code }) => code === 'lost'))
    steps.push({
      command: command('replay-list', '--edge', name, '--since', start),
      why: 'What repairs the loss; nothing is sent',
    })
  const isRead = edge?.to.some(({ hop }) => hop.role === 'consumer') === true
  if (isRead && (causes.includes('deleted_unread') || summary.counts.in_flight > 0))
    steps.push({
      command: ['quipu', 'forecast', ...stored].join(' '),
      why: 'Whether the group will lose what it has not read',
    })
  if (hasDoubts)
    steps.push({
      command: command('coverage', '--since', start),
      why: 'What the audit itself could not see',
    })
  return steps
}

/** Where another store than the usual one was read. */
export const storeFlag = (store: string): readonly string[] =>
  store === STORE_DEFAULT ? [] : ['--store', shellWord(store)]
