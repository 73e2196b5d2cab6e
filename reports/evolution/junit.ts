/**
 * JUnit XML of a check of schemas: a test for each subject. `failure`: it breaks somebody; `error`: it
 * could not be compared; `skipped`: its mode is NONE.
 */
import {
  type FailLevel,
  fails,
  type ReportedFinding,
  type SchemaCheckReport,
  type SubjectReport,
} from '../../src/evolution/report.ts'
import { element } from '../ci/xml.ts'
import { detailsOf, placeOf } from './details.ts'
import { grouped, headline, shown, type Told } from './group.ts'
import { emptyReason, summaryOf } from './summary.ts'

interface Case {
  readonly className: string
  readonly name: string
  readonly state: 'passed' | 'failed' | 'unknown' | 'skipped'
  readonly message: string
  readonly text: string
}

export function renderJUnit(report: SchemaCheckReport): string {
  const cases = [...report.subjects.map((s) => caseOf(s, report)), ...othersOf(report)]
  const of = (state: Case['state']): number => cases.filter((c) => c.state === state).length
  const totals = {
    ...{ tests: cases.length, failures: of('failed'), errors: of('unknown') },
    ...{ skipped: of('skipped'), time: 0 },
  }
  const properties = [
    element('property', { name: 'quipu.version', value: report.version }),
    element('property', { name: 'quipu.against', value: shown(report.against.join(', ')) }),
  ]
  const suite = element('testsuite', { name: 'quipu schema check', ...totals }, [
    element('properties', {}, properties),
    ...cases.map(caseLines),
    element('system-out', {}, summaryOf(report)),
  ])
  const lines = element('testsuites', { name: 'quipu', ...totals }, [suite])
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join('\n')}\n`
}

function caseOf(subject: SubjectReport, report: SchemaCheckReport): Case {
  const { format, mode, versions, status } = subject
  const own = report.findings.filter((f) => f.subject === subject.subject)
  const state = stateOf(own, report.failOn)
  return {
    className: `${format}.${mode}`,
    name: shown(subject.subject),
    state: state === 'passed' && status === 'not_compared' ? 'skipped' : state,
    message: own[0] === undefined ? `${status}, ${versions} held against` : headline(own[0]),
    text: textOf(own),
  }
}

/** What is of no subject. */
function othersOf(report: SchemaCheckReport): Case[] {
  const empty = emptyReason(report)
  const own = report.findings.filter((f) => f.subject === null)
  const cases: Case[] = []
  if (own[0] !== undefined) {
    cases.push({
      ...{ className: 'quipu', name: 'suppressions', state: stateOf(own, report.failOn) },
      ...{ message: headline(own[0]), text: textOf(own) },
    })
  }
  if (empty !== null) {
    const name = 'something was compared'
    cases.push({ className: 'quipu', name, state: 'unknown', message: empty, text: empty })
  }
  return cases
}

function stateOf(findings: readonly ReportedFinding[], failOn: FailLevel): Case['state'] {
  if (findings.some((f) => fails(f, failOn))) return 'failed'
  return findings.some((f) => f.kind === 'problem') ? 'unknown' : 'passed'
}

const textOf = (findings: readonly ReportedFinding[]): string =>
  grouped(findings).map(blockOf).join('\n\n')

function blockOf(told: Told): string {
  const { finding } = told
  const at = placeOf(finding.place ?? finding.placeBefore)
  const head = `${finding.severity} ${finding.rule} ${headline(finding)}`
  return [...(at === null ? [] : [at]), head, ...detailsOf(told).map((l) => `  ${l}`)].join('\n')
}

function caseLines({ className, name, state, message, text }: Case): string[] {
  const out = text === '' ? [] : [element('system-out', {}, text)]
  const results: Readonly<Record<Case['state'], readonly string[][]>> = {
    passed: out,
    failed: [element('failure', { message, type: 'incompatible' }, text)],
    unknown: [element('error', { message, type: 'unknown' }, text)],
    skipped: [element('skipped', { message })],
  }
  return element('testcase', { classname: className, name, time: 0 }, results[state])
}
