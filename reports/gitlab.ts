/** Code Quality JSON for GitLab: an entry for each objective (or edge) that is not met. */
import { visibleJson } from '../src/base/visible.ts'
import type { Report } from '../src/objective/report.ts'
import { fingerprintOf } from './ci/fingerprint.ts'
import {
  bounded,
  type CiOptions,
  judge,
  type Outcome,
  outcomesOf,
  stateWords,
  worstFirst,
} from './ci/outcome.ts'
import { ruleOf } from './ci/rules.ts'

/** GitLab wants a path for each; that of the file if none is named. */
const FILE_DEFAULT = 'quipu.yaml'
/** Where the file does not say a line: of an edge, for one. */
const LINE_DEFAULT = 1

export function renderGitlab(report: Report, options: CiOptions = {}): string {
  const entries = worstFirst(bounded(outcomesOf(report)).shown)
    .filter((o) => !['passed', 'skipped'].includes(judge(o, options)))
    .map((outcome) => ({
      description: `${outcome.pipeline}/${outcome.name} ${textOf(outcome)}`,
      check_name: `quipu/${ruleOf(outcome)}`,
      fingerprint: fingerprintOf(...outcome.key, ruleOf(outcome)),
      severity: severityOf(outcome, options),
      location: {
        path: options.file ?? FILE_DEFAULT,
        lines: { begin: outcome.place?.line ?? LINE_DEFAULT },
      },
    }))
  return `${visibleJson(JSON.stringify(entries, null, 2))}\n`
}

const textOf = ({ state, sentence, reasons }: Outcome): string =>
  `${stateWords[state]}: ${reasons[0] ?? sentence}`

type Severity = 'info' | 'minor' | 'major' | 'critical' | 'blocker'

function severityOf(outcome: Outcome, options: CiOptions): Severity {
  if (judge(outcome, options) === 'failed')
    return outcome.severity === 'page' ? 'critical' : 'major'
  return outcome.state === 'no_data' ? 'info' : 'minor'
}
