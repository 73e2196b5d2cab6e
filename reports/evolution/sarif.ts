/** SARIF 2.1.0 of a check of schemas: a result for each finding, suppressed and known ones marked so. */
import { visibleJson } from '../../src/base/visible.ts'
import { plural } from '../../src/base/words.ts'
import type { Place } from '../../src/evolution/finding.ts'
import type { DocumentedRule } from '../../src/evolution/general-rules.ts'
import {
  type ReportedFinding,
  type SchemaCheckReport,
  schemaCheckCode,
  severities,
} from '../../src/evolution/report.ts'
import { fingerprintOf } from '../ci/fingerprint.ts'
import { detailsOf } from './details.ts'
import { grouped, headline, type Told } from './group.ts'
import { emptyReason, summaryOf } from './summary.ts'

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'
/** GitHub shows so many of a run. */
const RESULTS_MAX = 5_000

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const

export function renderSarif(
  report: SchemaCheckReport,
  documented: readonly DocumentedRule[] = [],
): string {
  const all = grouped(report.findings).sort(
    (a, b) => severities.indexOf(a.finding.severity) - severities.indexOf(b.finding.severity),
  )
  const results = all.slice(0, RESULTS_MAX)
  const left = all.length - results.length
  const ids = [...new Set(results.map(({ finding }) => finding.rule))].sort()
  const notes = [
    ...(left === 0 ? [] : [note('warning', `${plural(left, 'more result')} not shown`)]),
    note(schemaCheckCode(report) === 3 ? 'error' : 'note', summaryOf(report)),
  ]
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'quipu schema check',
            version: report.version,
            informationUri: 'https://www.npmjs.com/package/quipu-audit',
            rules: ids.map((id) => ruleOf(id, documented)),
          },
        },
        invocations: [
          {
            executionSuccessful: emptyReason(report) === null,
            toolExecutionNotifications: notes,
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: results.map((told) => resultOf(told, ids)),
      },
    ],
  }
  return `${visibleJson(JSON.stringify(log, null, 2))}\n`
}

const note = (level: 'error' | 'warning' | 'note', text: string) => ({ level, message: { text } })

function ruleOf(id: string, documented: readonly DocumentedRule[]) {
  const rule = documented.find((r) => r.id === id)
  if (rule === undefined) return { id }
  return {
    id,
    shortDescription: { text: rule.purpose },
    help: { text: rule.fix },
    defaultConfiguration: { level: LEVELS[rule.severity] },
  }
}

function resultOf(told: Told, ids: readonly string[]) {
  const { finding } = told
  const { rule, severity, place, placeBefore, subject, fingerprint, standing } = finding
  const at = place ?? placeBefore
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: LEVELS[severity],
    message: { text: [headline(finding), ...detailsOf(told)].join('\n') },
    locations: [
      {
        ...(at === null ? {} : { physicalLocation: physical(at) }),
        logicalLocations: [{ fullyQualifiedName: logicalName(finding) }],
      },
    ],
    ...(place === null || placeBefore === null
      ? {}
      : {
          relatedLocations: [
            { physicalLocation: physical(placeBefore), message: { text: 'before' } },
          ],
        }),
    partialFingerprints: { 'quipu/v1': fingerprintOf(subject, fingerprint) },
    ...(standing === 'known' ? { baselineState: 'unchanged' } : {}),
    ...suppressionsOf(finding),
  }
}

const logicalName = ({ subject, path, rule }: ReportedFinding): string =>
  [subject ?? rule, path].filter((part) => part !== '').join('#')

const physical = ({ source, line, column }: Place) => ({
  artifactLocation: { uri: source.split('/').map(encodeURIComponent).join('/') },
  region: { startLine: line, startColumn: column },
})

function suppressionsOf({ suppression }: ReportedFinding) {
  if (suppression === null) return {}
  const justification = `until ${suppression.until}: ${suppression.reason}`
  return { suppressions: [{ kind: 'external', status: 'accepted', justification }] }
}
