/** The text of a pipeline file to everything that is wrong with it, with places. Pure. */
import type { Environment } from '../base/environment.ts'
import type { Config } from '../config/config.ts'
import type { Path, YamlFile } from '../config/document.ts'
import { parseFile } from '../config/parse.ts'
import type { LintRule, LintSeverity, LintSubject } from './rule.ts'
import { checkedRules, unreadable, unsetVariable } from './rules.ts'

export interface LintFinding {
  /** `QL101` */
  readonly rule: string
  /** `unused-hop` */
  readonly name: string
  readonly severity: LintSeverity
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly message: string
  /** What it is about, as `pipelines.flights.hops.store`; the same wherever it stands in the file. */
  readonly subject: string
}

export interface LintResult {
  /** By place. */
  readonly findings: readonly LintFinding[]
  /** Null: it cannot be read, or depends on variables that are not set; then no rule was asked. */
  readonly config: Config | null
}

export interface LintOptions {
  /** Warnings become errors. */
  readonly strict?: boolean
  /** Reads the files that topics name; left out: they are not looked at. */
  readonly schemaTrouble?: LintSubject['schemaTrouble']
}

/** @param file its path: relative paths in it start there */
export function lint(
  source: string,
  file: string,
  env: Environment,
  { strict = false, schemaTrouble = () => null }: LintOptions = {},
): LintResult {
  const { result, yaml } = parseFile(source, file, env, 'left')
  const findings: LintFinding[] = (yaml?.unset ?? []).map(({ name, ...place }) => ({
    ...found(unsetVariable),
    ...place,
    message: `the environment variable \`${name}\` is not set here, so its value was not checked`,
    subject: `\${${name}}`,
  }))
  if (!result.ok) {
    for (const issue of result.issues) {
      findings.push({ ...found(unreadable), ...issue, subject: issue.message })
    }
  } else if (yaml !== null) {
    findings.push(...broken({ ...result, schemaTrouble }, yaml))
  }
  const sorted = findings
    .map((f): LintFinding => (strict && f.severity === 'warning' ? { ...f, severity: 'error' } : f))
    .sort((a, b) => a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : 1))
  return { findings: sorted, config: result.ok ? result.config : null }
}

function broken(known: Omit<LintSubject, 'sourceAt'>, yaml: YamlFile): LintFinding[] {
  const subject = { ...known, sourceAt: (path: Path) => yaml.sourceAt(path) }
  return checkedRules.flatMap((rule) =>
    rule.check(subject).map(({ path, key, message }) => ({
      ...found(rule),
      ...(key === undefined ? yaml.issueAt(path, message) : yaml.issueAtKey(path, key, message)),
      subject: [...path, ...(key === undefined ? [] : [key])].map(String).join('.'),
    })),
  )
}

const found = ({
  id,
  name,
  severity,
}: Pick<LintRule, 'id' | 'name' | 'severity'>): Pick<
  LintFinding,
  'rule' | 'name' | 'severity'
> => ({
  ...{ rule: id, name, severity },
})
