/** Findings as SARIF 2.1.0, for code scanning. */
import { createHash } from 'node:crypto'
import { visible, visibleJson } from '../../base/visible.ts'
import type { LintFinding } from '../lint.ts'
import { rules } from '../rules.ts'
import type { LintReport } from './report.ts'

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'

export function renderSarif({ file, findings, version }: LintReport): string {
  const uri = file.split('/').map(encodeURIComponent).join('/')
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'quipu lint',
            version,
            informationUri: 'https://www.npmjs.com/package/quipu-audit',
            rules: rules.map(({ id, name, severity, purpose }) => ({
              id,
              name,
              shortDescription: { text: purpose },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, uri)),
      },
    ],
  }
  return `${visibleJson(JSON.stringify(log, null, 2))}\n`
}

function resultOf({ rule, severity, line, column, message, subject }: LintFinding, uri: string) {
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({ id }) => id === rule),
    level: severity,
    message: { text: visible(message) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri },
          region: { startLine: line, startColumn: column },
        },
        logicalLocations: [{ fullyQualifiedName: visible(subject) }],
      },
    ],
    // By what it is about, not by its line: it stays the same finding when the file grows above it.
    partialFingerprints: { 'quipu/v1': hash(`${rule}\n${uri}\n${subject}`) },
  }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
