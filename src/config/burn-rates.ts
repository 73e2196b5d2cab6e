/** When a burning budget is worth a word: what the file says, over the defaults. */
import { parseDuration } from '../base/duration.ts'
import { BURN_RATES_DEFAULT, type BurnRates, type BurnTier } from '../objective/objective.ts'
import type { BurnRateInput } from './objective-schema.ts'
import type { Complain } from './pipelines.ts'
import { parseShare } from './share.ts'

export function burnRatesOf(input: BurnRateInput | undefined, complain: Complain): BurnRates {
  if (input === undefined) return BURN_RATES_DEFAULT
  const forMs = input.for === undefined ? BURN_RATES_DEFAULT.forMs : msOf(input.for)
  const tiers = BURN_RATES_DEFAULT.tiers.map((tier): BurnTier => {
    const { severity, speed } = tier
    const declared = input[severity]?.[speed]
    const path = ['alerting', 'burnRate', severity, speed]
    if (declared === undefined) {
      if (tier.longMs > forMs) {
        const missing = `\`${severity}.${speed}\` of the defaults looks back further than that`
        complain(['alerting', 'burnRate', 'for'], `\`for\`: ${missing}; declare it as well`)
      }
      return tier
    }
    const longMs = msOf(declared.long)
    const shortMs = msOf(declared.short)
    if (shortMs >= longMs)
      complain([...path, 'short'], 'expected `short` to be shorter than `long`')
    if (longMs > forMs) {
      complain([...path, 'long'], 'expected `long` to be no longer than the period, see `for`')
    }
    return { severity, speed, budget: parseShare(declared.budget) as number, longMs, shortMs }
  })
  return { forMs, tiers }
}

const msOf = (text: string): number => parseDuration(text) as number
