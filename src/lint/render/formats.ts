/** The formats by name. */
import { renderGithub } from './github.ts'
import { renderJson } from './json.ts'
import type { LintReport } from './report.ts'
import { renderSarif } from './sarif.ts'
import { renderText } from './text.ts'

export type LintFormat = 'text' | 'json' | 'github' | 'sarif'

export const renderers: Readonly<Record<LintFormat, (report: LintReport) => string>> = {
  text: renderText,
  json: renderJson,
  github: renderGithub,
  sarif: renderSarif,
}
