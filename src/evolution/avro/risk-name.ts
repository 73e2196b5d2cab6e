/** Names that change in a way that readers survive, and data perhaps does not. */
import { nearest } from '../../base/nearest.ts'
import type { Difference } from '../engine.ts'
import { bounded, listed } from './issue.ts'
import { writerFieldsOf } from './match.ts'
import { simpleName } from './name.ts'
import { riskAt } from './risk.ts'
import { riskRules } from './rules-risk.ts'
import { shown } from './shown.ts'
import {
  type AvroType,
  describe,
  type Field,
  isNamed,
  type NamedType,
  type RecordType,
} from './type.ts'
import { type Matched, matchedFields } from './walk.ts'

/** Aliases that went, of types and of fields; namespaces that changed. */
export function aliasRisks(pair: Matched): readonly Difference[] {
  const { after, before } = pair
  if (!isNamed(after) || !isNamed(before) || after.kind !== before.kind) return []
  const risks = [...namespaceRisk(pair, after, before)]
  const kept = (alias: string): boolean => after.name === alias || after.aliases.includes(alias)
  const gone = before.aliases.filter((alias) => !kept(alias))
  if (gone.length > 0) risks.push(aliasGone(pair, describe(after), gone, [], []))
  if (after.kind !== 'record' || before.kind !== 'record') return risks
  for (const { after: field, before: old } of matchedFields(after, before)) {
    const lost = old.aliases.filter((a) => field.name !== a && !field.aliases.includes(a))
    if (lost.length === 0) continue
    const keys = [
      ['fields', field.index],
      ['fields', old.index],
    ] as const
    risks.push(aliasGone(pair, `the field \`${field.name}\``, lost, ...keys))
  }
  return risks
}

function aliasGone(
  pair: Matched,
  what: string,
  gone: readonly string[],
  afterKeys: readonly (string | number)[],
  beforeKeys: readonly (string | number)[],
): Difference {
  const message = `What was written as ${listed(gone)} is no longer found by ${what}: the alias is gone.`
  return riskAt(
    riskRules.aliasRemoved,
    pair,
    message,
    { aliases: bounded(gone) },
    afterKeys,
    beforeKeys,
  )
}

function namespaceRisk(pair: Matched, after: NamedType, before: NamedType): readonly Difference[] {
  const isMoved =
    after.name !== before.name &&
    simpleName(after.name) === simpleName(before.name) &&
    !after.aliases.includes(before.name)
  if (!isMoved) return []
  const message = `${before.name} is called ${after.name} now, without an alias: only some readers take one for the other.`
  const args = { before: before.name, after: after.name }
  return [riskAt(riskRules.namespaceChanged, pair, message, args, ['name'], ['name'])]
}

/**
 * A field that went and one that came instead, with a default: the same type, and the same place or
 * nearly the same name. Each one that went is told once.
 */
export function renameRisks(pair: Matched): readonly Difference[] {
  const { after, before } = pair
  if (after.kind !== 'record' || before.kind !== 'record') return []
  const taken = new Set(after.fields.flatMap((field) => writerFieldsOf(field, before)))
  const gone = new Set(before.fields.filter((field) => !taken.has(field)))
  const risks: Difference[] = []
  for (const field of after.fields) {
    // Without a default it is incompatible, and told as that.
    if (field.default === undefined || writerFieldsOf(field, before).length > 0) continue
    const old = renamedFrom(field, after, before, gone)
    if (old === null) continue
    gone.delete(old)
    const message = `\`${old.name}\` looks renamed to \`${field.name}\`, without an alias: what was written before reads as ${shown(field.default)}.`
    const args = { before: old.name, after: field.name }
    const keys = [
      ['fields', field.index],
      ['fields', old.index],
    ] as const
    risks.push(riskAt(riskRules.fieldRenamedWithDefault, pair, message, args, ...keys))
  }
  return risks
}

function renamedFrom(
  field: Field,
  after: RecordType,
  before: RecordType,
  gone: ReadonlySet<Field>,
): Field | null {
  const alike = [...gone].filter((old) => coreOf(old.use.type) === coreOf(field.use.type))
  const near = nearest(
    field.name,
    alike.map((old) => old.name),
  )
  if (near !== null) return alike.find((old) => old.name === near) ?? null
  // In the same place between the same neighbours; at the end, a field more is a new field.
  const isSameSize = after.fields.length === before.fields.length
  return alike.find((old) => isSameSize && old.index === field.index) ?? null
}

/** What a value is, whether it may be null or not. */
function coreOf(type: AvroType): string {
  const parts = type.kind === 'union' ? type.branches.map((branch) => branch.type) : [type]
  const names = parts.map((part) => describe(part)).filter((name) => name !== 'null')
  return names.sort().join(' ')
}
