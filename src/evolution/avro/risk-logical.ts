/** The meaning of a value that changes while its bytes stay what they are. */
import type { Difference } from '../engine.ts'
import { describeLogical, type Logical, unitOf } from './logical.ts'
import { isPromoted } from './match.ts'
import { riskAt } from './risk.ts'
import { riskRules } from './rules-risk.ts'
import type { Matched } from './walk.ts'

export function logicalRisks(pair: Matched): readonly Difference[] {
  const { after, before } = pair
  const [now, was] = [after.logical, before.logical]
  if (now === null && was === null) return []
  const isRead =
    after.kind === before.kind ||
    isPromoted(after.kind, before.kind) ||
    isPromoted(before.kind, after.kind)
  if (!isRead) return []
  const args = { before: describeLogical(was), after: describeLogical(now) }
  if (args.before === args.after) return []
  const change = `${args.before} before, ${args.after} now`
  if (was === null || now === null || was.name !== now.name) {
    return [ofName(pair, was, now, args, change)]
  }
  const risks: Difference[] = []
  if (was.scale !== now.scale) {
    const message = `The point of the decimal moved: ${change}; old values would be other numbers.`
    risks.push(riskAt(riskRules.decimalScaleChanged, pair, message, args))
  }
  if (was.precision !== now.precision) {
    const isNarrower = (now.precision ?? 0) < (was.precision ?? 0)
    const who = isNarrower
      ? 'old values may not fit the new version'
      : 'new values may not fit the old version'
    const message = `The decimal has other digits: ${change}; ${who}.`
    risks.push(riskAt(riskRules.decimalPrecisionChanged, pair, message, args))
  }
  return risks
}

function ofName(
  pair: Matched,
  was: Logical | null,
  now: Logical | null,
  args: Difference['args'],
  change: string,
): Difference {
  const [unitBefore, unitAfter] = [unitOf(was?.name ?? ''), unitOf(now?.name ?? '')]
  if (unitBefore !== null && unitAfter !== null && unitBefore.of === unitAfter.of) {
    const message = `The unit changed and the number does not: ${change}.`
    return riskAt(riskRules.logicalUnitChanged, pair, message, args)
  }
  const message = `The same bytes mean something else: logical type ${change}.`
  return riskAt(riskRules.logicalTypeChanged, pair, message, args)
}
