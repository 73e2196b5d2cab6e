/** Findings and reports as a check makes them, with what a test is about in place of the rest. */
import type {
  ReportedFinding,
  SchemaCheckReport,
  SubjectReport,
} from '../../src/evolution/report.ts'

export function finding(parts: Partial<ReportedFinding> = {}): ReportedFinding {
  const { subject = 'orders-value', rule = 'AVRO_TYPE_MISMATCH', path = '/fields/0/type' } = parts
  return {
    ...{ format: 'avro', kind: 'incompatible', severity: 'error', direction: 'backward' },
    ...{ against: 'v1', message: 'expected a long, got a string', fix: 'Keep the type.' },
    ...{ before: '"long"', after: '"string"', args: {}, counterexample: null },
    place: { source: 'schemas/orders-value.avsc', line: 5, column: 29 },
    placeBefore: { source: 'main:schemas/orders-value.avsc', line: 4, column: 29 },
    fingerprint: JSON.stringify([subject, rule, path]),
    ...{ standing: 'open', suppression: null },
    ...parts,
    ...{ subject, rule, path },
  }
}

export const subject = (name: string, parts: Partial<SubjectReport> = {}): SubjectReport => ({
  ...{ subject: name, format: 'avro', path: `schemas/${name}.avsc`, mode: 'BACKWARD' },
  ...{ policy: 'STRICT', status: 'compatible', versions: 1, comparisons: 1 },
  ...parts,
})

export const report = (parts: Partial<SchemaCheckReport> = {}): SchemaCheckReport => ({
  ...{ version: '0.1.0', against: ['main'], failOn: 'error', skipped: [] },
  subjects: [subject('orders-value')],
  findings: [],
  ...parts,
})
