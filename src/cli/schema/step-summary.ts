/** GitHub shows a summary beside the step that made it; that it cannot be written fails nothing. */
import { messageOf } from '../../base/errors.ts'
import type { SchemaCheckReport } from '../../evolution/report.ts'
import { talk } from '../io.ts'

export async function summarizeStep(report: SchemaCheckReport): Promise<void> {
  const file = process.env.GITHUB_STEP_SUMMARY
  if (process.env.GITHUB_ACTIONS !== 'true' || file === undefined || file === '') return
  const { appendFileSync } = await import('node:fs')
  const { renderMarkdown } = await import('../../../reports/evolution/markdown.ts')
  try {
    appendFileSync(file, `${renderMarkdown(report)}\n`)
  } catch (error) {
    talk(`quipu: cannot write the step summary: ${messageOf(error)}`)
  }
}
