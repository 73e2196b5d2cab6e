/**
 * One schema against its earlier versions: every version that the mode asks for, in every direction, and
 * every finding of each; the registry stops at the first.
 *
 * Laws: what cannot be read is a problem and no verdict; a risk never makes a schema incompatible; the
 * same input gives the same findings in the same order.
 */
import type { Severity } from '../finding/finding.ts'
import type {
  Difference,
  Engine,
  Policy,
  Rule,
  SchemaProblem,
  SchemaSource,
  SearchBudget,
} from './engine.ts'
import { type EvolutionFinding, fingerprintOf } from './finding.ts'
import { type Direction, directionsOf, heldAgainst, type Mode } from './modes.ts'

export interface EvolutionRequest {
  /** For fingerprints; default: the name of the next version. */
  readonly subject?: string
  readonly mode: Mode
  readonly policy: Policy
  /** Oldest first; none: a new subject, which is fine. */
  readonly previous: readonly SchemaSource[]
  readonly next: SchemaSource
  /** Instances tried per incompatible pair; 0: no counterexample is looked for. */
  readonly budget: SearchBudget
}

export interface EvolutionResult {
  /** Null: a schema could not be read, so nothing is said. */
  readonly compatible: boolean | null
  readonly findings: readonly EvolutionFinding[]
  /** How many comparisons were made: versions × directions. */
  readonly comparisons: number
}

export function checkEvolution<Schema>(
  engine: Engine<Schema>,
  { subject, mode, policy, previous, next, budget }: EvolutionRequest,
): EvolutionResult {
  const of = subject ?? next.name
  const rules = new Map(engine.rules.map((rule) => [rule.id, rule]))
  const findings: EvolutionFinding[] = []
  const after = engine.parse(next)
  if (!after.ok) {
    findings.push(...after.problems.map((p) => problemOf(engine, of, p, null)))
    return { compatible: null, findings, comparisons: 0 }
  }
  let comparisons = 0
  let isUnread = false
  for (const index of heldAgainst(mode, previous.length)) {
    const source = previous[index] as SchemaSource
    const before = engine.parse(source)
    if (!before.ok) {
      isUnread = true
      findings.push(...before.problems.map((p) => problemOf(engine, of, p, source.name)))
      continue
    }
    for (const direction of directionsOf(mode)) {
      comparisons++
      const isBackward = direction === 'backward'
      const [reader, writer] = isBackward
        ? [after.schema, before.schema]
        : [before.schema, after.schema]
      const differences = engine.compare(reader, writer, policy)
      const counterexample =
        differences.length > 0 && budget.instancesMax > 0
          ? engine.counterexample(reader, writer, differences, budget)
          : null
      const pair = { before: before.schema, after: after.schema, against: source.name }
      for (const [i, difference] of differences.entries())
        findings.push({
          ...findingOf(engine, rules, of, difference, direction, pair),
          // It proves that the pair is incompatible, not each of its reasons.
          counterexample: i === 0 ? counterexample : null,
        })
    }
    if (index === previous.length - 1) {
      const pair = { before: before.schema, after: after.schema, against: source.name }
      const broken = findings.filter((f) => f.against === source.name).map((f) => f.path)
      for (const risk of engine.risks(before.schema, after.schema)) {
        const finding = findingOf(engine, rules, of, risk, null, pair)
        // What breaks there is told; that it might be misread as well is no news.
        if (!broken.includes(finding.path)) findings.push(finding)
      }
    }
  }
  const isBroken = findings.some((f) => f.kind === 'incompatible')
  return { compatible: isBroken ? false : isUnread ? null : true, findings, comparisons }
}

interface Pair<Schema> {
  readonly before: Schema
  readonly after: Schema
  readonly against: string
}

function findingOf<Schema>(
  engine: Engine<Schema>,
  rules: ReadonlyMap<string, Rule>,
  subject: string,
  { rule: id, readerPath, writerPath, args, message }: Difference,
  direction: Direction | null,
  { before, after, against }: Pair<Schema>,
): EvolutionFinding {
  const rule = rules.get(id)
  if (rule === undefined) throw new Error(`the ${engine.format} engine has no rule ${id}`)
  // Risks are told from the old version to the new one, as backward ones are.
  const [pathAfter, pathBefore] =
    direction === 'forward' ? [writerPath, readerPath] : [readerPath, writerPath]
  const path = pathAfter ?? pathBefore ?? ''
  return {
    ...{ format: engine.format, kind: rule.kind, rule: id, severity: rule.severity },
    ...{ direction, against, path, message, fix: rule.fix, args, counterexample: null },
    place: pathAfter === null ? null : engine.positionOf(after, pathAfter),
    placeBefore: pathBefore === null ? null : engine.positionOf(before, pathBefore),
    before: pathBefore === null ? null : engine.fragmentOf(before, pathBefore),
    after: pathAfter === null ? null : engine.fragmentOf(after, pathAfter),
    fingerprint: fingerprintOf(subject, id, direction, path),
  }
}

const PROBLEM: Severity = 'error'

function problemOf<Schema>(
  { format }: Engine<Schema>,
  subject: string,
  { code, message, source, position }: SchemaProblem,
  against: string | null,
): EvolutionFinding {
  return {
    ...{ format, kind: 'problem', rule: `SCHEMA_${code.toUpperCase()}`, severity: PROBLEM },
    ...{ direction: null, against, path: '', message, args: {}, counterexample: null },
    fix: 'Correct the schema, or give what it refers to: nothing is fetched.',
    place: against === null && position !== null ? { ...position, source } : null,
    placeBefore: against !== null && position !== null ? { ...position, source } : null,
    ...{ before: null, after: null },
    fingerprint: fingerprintOf(subject, code, against, source),
  }
}
