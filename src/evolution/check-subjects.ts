/** Every subject against its earlier versions, in its own mode. Pure: engines and texts are given. */
import { checkEvolution } from './check.ts'
import type { Engine, Policy, SchemaFormat, SearchBudget } from './engine.ts'
import { type EvolutionFinding, fingerprintOf, type Place } from './finding.ts'
import {
  type DocumentedRule,
  FORMAT_CHANGED,
  generalRules,
  SUBJECT_DELETED,
} from './general-rules.ts'
import { heldAgainst, type Mode } from './modes.ts'
import type { ReportedFinding, SchemaCheck, SubjectReport, SubjectStatus } from './report.ts'
import type { SchemaVersion, SubjectVersions } from './sources/source.ts'

/** What a subject is checked in. */
export interface SubjectTerms {
  readonly mode: Mode
  readonly policy: Policy
}

export interface CheckSubjectsOptions {
  readonly engineOf: (format: SchemaFormat) => Engine<unknown>
  readonly termsOf: (subject: SubjectVersions) => SubjectTerms
  readonly budget: SearchBudget
}

export function checkSubjects(
  subjects: readonly SubjectVersions[],
  options: CheckSubjectsOptions,
): SchemaCheck {
  const checked = subjects.map((subject) => checkSubject(subject, options))
  return {
    subjects: checked.map((c) => c.report),
    findings: checked.flatMap(({ found }, i) =>
      found.map((f) => reported(f, subjects[i] as SubjectVersions)),
    ),
  }
}

interface Checked {
  readonly report: SubjectReport
  readonly found: readonly EvolutionFinding[]
}

function checkSubject(
  subject: SubjectVersions,
  { engineOf, termsOf, budget }: CheckSubjectsOptions,
): Checked {
  const { mode, policy } = termsOf(subject)
  const { next, previous, format } = subject
  const said = { subject: subject.subject, format, path: subject.path, mode, policy }
  const held = heldAgainst(mode, previous.length).map((i) => previous[i] as SchemaVersion)
  if (next === null) {
    const found = [deleted(subject)]
    return { report: { ...said, status: 'deleted', versions: 0, comparisons: 0 }, found }
  }
  // No reader of one format reads another: only versions of the same one are handed to its engine.
  const others = held.filter((version) => version.format !== format)
  const kept = mode.endsWith('_TRANSITIVE') || others.length === 0 ? previous : []
  const { compatible, findings, comparisons } = checkEvolution(engineOf(format), {
    ...{ subject: subject.subject, mode, policy, next, budget },
    previous: kept.filter((version) => version.format === format),
  })
  const found = [...others.map((version) => formatChanged(subject, version)), ...findings]
  const unread = new Set(findings.filter((f) => f.kind === 'problem').map((f) => f.against))
  const versions = unread.has(null) ? 0 : held.filter((v) => !unread.has(v.name)).length
  const status: SubjectStatus =
    compatible === false || others.length > 0
      ? 'incompatible'
      : compatible === null
        ? 'unknown'
        : previous.length === 0
          ? 'new'
          : mode === 'NONE'
            ? 'not_compared'
            : 'compatible'
  const made = comparisons + others.length
  return { report: { ...said, status, versions, comparisons: made }, found }
}

const reported = (finding: EvolutionFinding, of: SubjectVersions): ReportedFinding => {
  const { place, placeBefore, against } = finding
  const earlier = of.previous.find((version) => version.name === against)
  return {
    ...finding,
    ...{ subject: of.subject, standing: 'open', suppression: null },
    place: place === null ? null : inFile(place, of.next, of.path, of.referencePaths),
    placeBefore:
      placeBefore === null
        ? null
        : inFile(placeBefore, earlier ?? null, null, earlier?.referencePaths),
  }
}

/** Engines know what a schema refers to by name only; people look for files. */
function inFile(
  place: Place,
  version: SchemaVersion | null,
  path: string | null,
  references: ReadonlyMap<string, string> | undefined,
): Place {
  const source = place.source === version?.name ? path : references?.get(place.source)
  return { ...place, source: source ?? place.source }
}

function deleted({ subject, format, previous }: SubjectVersions): EvolutionFinding {
  const against = previous.at(-1)?.name ?? null
  const message = `the subject ${subject} has no schema any more`
  return generalFinding(SUBJECT_DELETED, { subject, format, against, message })
}

function formatChanged({ subject, format }: SubjectVersions, version: SchemaVersion) {
  const message = `the subject ${subject} changes its format from ${version.format} to ${format}`
  return generalFinding(FORMAT_CHANGED, { subject, format, against: version.name, message })
}

interface About {
  readonly subject: string
  readonly format: SchemaFormat
  readonly against: string | null
  readonly message: string
}

function generalFinding(
  id: string,
  { subject, format, against, message }: About,
): EvolutionFinding {
  const { severity, fix } = generalRules.find((rule) => rule.id === id) as DocumentedRule
  return {
    ...{ format, kind: 'incompatible', rule: id, severity, direction: null, against, path: '' },
    ...{ message, fix, placeBefore: against === null ? null : placeOf(against), place: null },
    ...{ before: null, after: null, args: {}, counterexample: null },
    fingerprint: fingerprintOf(subject, id),
  }
}

const placeOf = (source: string) => ({ source, line: 1, column: 1 })
