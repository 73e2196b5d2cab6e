/**
 * Rules 7–13: what is odd in the content of messages whose frame and schema are as promised. All of them
 * are asked; each stays silent where a rule before it explains what it sees.
 */

import { byText } from '../../base/by-text.ts'
import type { OddityKind, UnreadReason, Variant } from '../shape.ts'
import { isWithin, parentOf, type Seen, type Told } from './sighting.ts'
import { sum } from './sum.ts'

type Rule = (seen: Seen) => readonly Told[]

/** Rule 7 - bytes that are no value of their schema. Nothing else is known of such a message. */
const undecodable: Rule = ({ variant }) => odd(variant, 'undecodable', 'undecodable_value')

/**
 * Rule 8 - another type than promised. Above the rules of values: a checker says of `"12"` for 12 also that
 * it is none of the values allowed, and of a text in place of an object also that its fields are missing.
 */
const typeChanged: Rule = ({ variant }) => odd(variant, 'type_changed', 'type_changed')

/** Rule 9 - a field that must be there is not. */
const missing: Rule = ({ variant }) => beyondTypes(variant, 'missing_field')

/** Rule 10 - a value that is none of those declared. */
const unseen: Rule = ({ variant }) => beyondTypes(variant, 'unseen_value')

/** Rule 11 - longer, shorter, higher, lower or otherwise shaped than declared. */
const outOfBounds: Rule = ({ variant }) => beyondTypes(variant, 'out_of_bounds')

/** Rule 12 - a field that nobody declared; of one within another only the outer one is told. */
const unknownField: Rule = ({ variant }) => {
  const unknown = variant.fields.filter(({ declared, present }) => !declared && present > 0)
  const paths = new Set(unknown.map(({ path }) => path))
  const changed = variant.oddities.filter(({ kind }) => kind === 'type_changed')
  return unknown
    .filter(({ path }) => {
      const around = parentOf(path)
      if (around !== null && hasAround(paths, around)) return false
      // An object where a scalar is promised: its fields are no fault of their own.
      return !changed.some((oddity) => isWithin(path, oddity.path))
    })
    .map(({ path, present, ids, types }) => ({
      ...({ code: 'unknown_field', path, count: present, ids } as const),
      came: Object.keys(types).sort(byText),
    }))
}

/**
 * Rule 13 - nothing is known of them, for or against. Last: what a rule above accuses is known. A registry
 * that does not answer leaves open whether any message of its schemas is as promised.
 */
const unread: Rule = ({ variant, standing, isRegistered }) => {
  const reasons = (Object.entries(variant.unread) as [UnreadReason, number][])
    .filter(([, count]) => count > 0)
    .map(([reason]): string => reason)
  const count = unknownOf({ variant, standing, isRegistered })
  if (count === 0) return []
  const open = standing.state === 'unknown' ? ['unreachable'] : []
  const late = lateOf(variant, isRegistered) > 0 ? ['pending'] : []
  const came = [...new Set([...reasons, ...open, ...late])].sort(byText)
  const why = standing.state === 'unknown' ? { args: { why: standing.why } } : {}
  return [{ code: 'unread', path: '', count, ids: variant.ids, came, ...why }]
}

const rules: readonly Rule[] = [
  undecodable,
  typeChanged,
  missing,
  unseen,
  outOfBounds,
  unknownField,
  unread,
]

export function judgeContent(seen: Seen): Told[] {
  return rules.flatMap((rule) => rule(seen))
}

/** Messages of which nothing is known, where none of rules 1–6 hit. */
export function unknownOf({
  variant,
  standing,
  isRegistered,
}: Pick<Seen, 'variant' | 'standing' | 'isRegistered'>): number {
  const late = lateOf(variant, isRegistered)
  // Whether the rest is under the right subject nobody can say; what is wrong by itself stays wrong.
  if (standing.state === 'unknown') return variant.count - variant.invalid + late
  return sum(Object.values(variant.unread)) + late
}

/** Called unregistered by an agent, and registered now: it was looked at too early. */
export function lateOf({ oddities }: Variant, isRegistered: boolean): number {
  if (!isRegistered) return 0
  return oddities.find(({ kind }) => kind === 'unregistered')?.count ?? 0
}

function odd(variant: Variant, kind: OddityKind, code: Told['code']): Told[] {
  return variant.oddities
    .filter((oddity) => oddity.kind === kind && oddity.count > 0)
    .map(({ path, count, ids, expected, came, values }) => ({
      ...{ code, path, count, ids, expected, values },
      came: came === '' ? [] : [came],
    }))
}

/** At least so many are odd by themselves: which messages have both is not kept. */
function beyondTypes(variant: Variant, kind: OddityKind & Told['code']): Told[] {
  const changed = variant.oddities.filter((oddity) => oddity.kind === 'type_changed')
  return odd(variant, kind, kind).flatMap((told) => {
    const explained = sum(
      changed.filter(({ path }) => isWithin(told.path, path)).map(({ count }) => count),
    )
    return told.count > explained ? [{ ...told, count: told.count - explained }] : []
  })
}

function hasAround(paths: ReadonlySet<string>, path: string): boolean {
  for (let at: string | null = path; at !== null; at = parentOf(at)) {
    if (paths.has(at)) return true
  }
  return false
}
