/** A check of schemas as the command does it: gather, judge, write, and one number. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { applySettings } from '../../evolution/apply-settings.ts'
import { baselineOf } from '../../evolution/baseline.ts'
import { checkSubjects } from '../../evolution/check-subjects.ts'
import type { Engine, SchemaFormat } from '../../evolution/engine.ts'
import { documentedRules, loadEngines } from '../../evolution/engines.ts'
import type { Place } from '../../evolution/finding.ts'
import {
  type ReportedFinding,
  type SchemaCheckReport,
  type SubjectReport,
  schemaCheckCode,
} from '../../evolution/report.ts'
import { gatherSubjects } from '../../evolution/sources/gather.ts'
import type {
  GatheredSubjects,
  GatherOptions,
  SubjectVersions,
} from '../../evolution/sources/source.ts'
import { put, wantedOf } from '../outputs.ts'
import { repositoryPath } from '../repository-path.ts'
import type { SchemaCheckFlags } from '../schema.ts'
import { versionOf } from '../version.ts'
import type { SchemaFormatName } from './formats.ts'
import { rendered } from './render.ts'
import { settingsOf } from './settings.ts'
import { summarizeStep } from './step-summary.ts'
import { type Weighing, weighing } from './weigh.ts'

/** Values tried for one pair of versions. */
const INSTANCES_MAX = 200

/** @throws QuipuError CONFIG, CANNOT_JUDGE: a source cannot be read; FORBIDDEN: a result not written */
export async function checkSchemas(
  paths: readonly string[],
  flags: SchemaCheckFlags,
): Promise<number> {
  const wanted = wantedOf<SchemaFormatName>(withGithub(flags))
  const { gather, config, termsOf, isPartial } = await settingsOf(paths, flags)
  const baseline = flags.baseline === undefined ? new Set<string>() : readBaseline(flags.baseline)
  const { subjects: all, skipped } = await gathered(gather)
  const traffic = await weighingOf(flags, all)
  const subjects = traffic?.kept(flags.retention) ?? all
  const engines = await loadEngines(subjects.map((s) => s.format))
  const found = checkSubjects(subjects, {
    engineOf: (format: SchemaFormat) => engines.get(format) as Engine<unknown>,
    termsOf,
    budget: { instancesMax: flags.counterexample ? INSTANCES_MAX : 0 },
  })
  const check = applySettings(found, {
    ...{ levels: config?.levels ?? [], suppressions: config?.suppressions ?? [], baseline },
    ...{ today: new Date().toISOString().slice(0, 10), isPartial },
  })
  const report: SchemaCheckReport = {
    ...{ version: versionOf(), against: gather.against, failOn: flags.failOn, skipped },
    subjects: check.subjects.map(placedSubject),
    findings: (traffic?.weighed(check.findings) ?? check.findings).map(placedFinding),
  }
  const rules = documentedRules(engines)
  const texts = await Promise.all(wanted.map(({ format }) => rendered(format, report, rules)))
  for (const [i, output] of wanted.entries()) put(output, texts[i] ?? '')
  await summarizeStep(report)
  return schemaCheckCode(report)
}

/** Null: findings are what the schemas alone make of them. */
async function weighingOf(
  { withTraffic, retention }: SchemaCheckFlags,
  subjects: readonly SubjectVersions[],
): Promise<Weighing | null> {
  if (withTraffic !== undefined) return weighing(withTraffic, subjects)
  if (retention === undefined) return null
  throw new QuipuError('CONFIG', '--retention says nothing without --with-traffic', {
    hint: 'Name the store of an audit: --with-traffic=quipu.db',
  })
}

/** Where nobody says what he wants, GitHub is told in its own words. */
function withGithub(flags: SchemaCheckFlags): SchemaCheckFlags {
  const { format = [], json = false } = flags
  if (format.length > 0 || json || process.env.GITHUB_ACTIONS !== 'true') return flags
  return { ...flags, format: [{ format: 'github', file: null }] }
}

/** A source that cannot be read is no verdict: whatever hindered it, nothing could be checked. */
async function gathered(options: GatherOptions): Promise<GatheredSubjects> {
  try {
    return await gatherSubjects(options)
  } catch (error) {
    if (!(error instanceof QuipuError) || error.exitCode !== 4) throw error
    throw new QuipuError('CANNOT_JUDGE', `could not check: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error.cause ?? error,
    })
  }
}

function readBaseline(file: string): ReadonlySet<string> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new QuipuError('CONFIG', `cannot read the baseline ${file}: ${messageOf(cause)}`, {
      hint: `Write one: quipu schema check … --format json=${file}`,
      cause,
    })
  }
  return baselineOf(text, file)
}

/** As annotations name files: from the top of the repository. */
const placedSubject = (subject: SubjectReport): SubjectReport => ({
  ...subject,
  path: subject.path === null ? null : repositoryPath(resolve(subject.path)),
})

/** Earlier versions keep the names that their source gave them: they are no files here. */
const placedFinding = (finding: ReportedFinding): ReportedFinding => ({
  ...finding,
  place: finding.place === null ? null : placed(finding.place),
})

const placed = (place: Place): Place => ({
  ...place,
  source: repositoryPath(resolve(place.source)),
})
