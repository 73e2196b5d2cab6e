/** Defaults: what a reader takes where nothing was written. */
import { isDeepStrictEqual } from 'node:util'
import type { Difference } from '../engine.ts'
import { defaultFit } from './default-value.ts'
import { riskAt } from './risk.ts'
import { riskRules } from './rules-risk.ts'
import { shown } from './shown.ts'
import { pointer } from './trail.ts'
import { type AvroSchema, describe } from './type.ts'
import { everyField, type Matched, matchedFields } from './walk.ts'

export function defaultRisks(pair: Matched): readonly Difference[] {
  const { after, before } = pair
  if (after.kind !== 'record' || before.kind !== 'record') return []
  const risks: Difference[] = []
  for (const { after: field, before: old } of matchedFields(after, before)) {
    if (old.default === undefined || isDeepStrictEqual(old.default, field.default)) continue
    const keys = [
      ['fields', field.index],
      ['fields', old.index],
    ] as const
    if (field.default === undefined) {
      const message = `\`${field.name}\` has no default any more: versions from before the field are not readable.`
      const args = { field: field.name, before: shown(old.default) }
      risks.push(riskAt(riskRules.defaultRemoved, pair, message, args, ...keys))
      continue
    }
    const args = { field: field.name, before: shown(old.default), after: shown(field.default) }
    const message = `The default of \`${field.name}\` was ${args.before} and is ${args.after}: where the field was not written, it reads so.`
    risks.push(riskAt(riskRules.defaultChanged, pair, message, args, ...keys))
  }
  return risks
}

/** Of every field of the new version, whether it is new or not. */
export function invalidDefaults(after: AvroSchema): readonly Difference[] {
  const risks: Difference[] = []
  for (const { field, record, trail } of everyField(after)) {
    if (field.default === undefined) continue
    const fit = defaultFit(field.use.type, field.default)
    if (fit === 'fits') continue
    const type = describe(field.use.type)
    const args = { field: field.name, record: record.name, default: shown(field.default), type }
    const readerPath = pointer(trail)
    const common = { readerPath, writerPath: null, args }
    if (fit === 'no') {
      const message = `The default of \`${field.name}\`, ${args.default}, is no value of ${type}.`
      risks.push({ rule: riskRules.defaultInvalid.id, ...common, message })
    } else {
      const message = `The default of \`${field.name}\`, ${args.default}, is not of the first branch of its union.`
      risks.push({ rule: riskRules.defaultOfLaterBranch.id, ...common, message })
    }
  }
  return risks
}
