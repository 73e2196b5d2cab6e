/** Symbols that a reader does not know, and takes its default for without a word. */
import type { Difference } from '../engine.ts'
import { bounded, listed } from './issue.ts'
import { riskAt } from './risk.ts'
import { riskRules } from './rules-risk.ts'
import type { Matched } from './walk.ts'

export function enumRisks(pair: Matched): readonly Difference[] {
  const { after, before } = pair
  if (after.kind !== 'enum' || before.kind !== 'enum') return []
  const risks: Difference[] = []
  const gone = [...before.symbols].filter((symbol) => !after.symbols.has(symbol))
  if (after.default !== null && gone.length > 0) {
    const message = `${listed(gone)} of ${before.name} will be read as its default, ${after.default}.`
    const args = { symbols: bounded(gone), count: gone.length, default: after.default }
    risks.push(riskAt(riskRules.enumDefaultSwallows, pair, message, args, ['symbols'], ['symbols']))
  }
  const added = [...after.symbols].filter((symbol) => !before.symbols.has(symbol))
  if (before.default !== null && added.length > 0) {
    const message = `Readers with the earlier version will read ${listed(added)} of ${after.name} as ${before.default}.`
    const args = { symbols: bounded(added), count: added.length, default: before.default }
    risks.push(
      riskAt(riskRules.enumDefaultSwallowsNew, pair, message, args, ['symbols'], ['symbols']),
    )
  }
  return risks
}
