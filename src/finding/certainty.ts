/** How sure a finding is: what stands before its number, and why it is not surer. Pure. */
import { formatCount, messages } from '../base/words.ts'
import type { Finding, FindingArg } from './finding.ts'

/** What stands before a number that is not a count. */
export function qualifier(evidence: Finding['evidence']): string {
  if (evidence === 'estimated') return 'at least '
  return evidence === 'sampled' ? 'about ' : ''
}

export function certaintyOf({ evidence, count, args }: Finding): string {
  const each = count === 1 ? 'it is known by its id' : 'each is known by its id'
  switch (evidence) {
    case 'exact':
      return `Proven: ${each}.`
    case 'estimated':
      return 'More differ than can be named: so many at least, with a confidence of 95% or more.'
    case 'sampled':
      return sampledWords(args)
    case 'committed':
      return "Judged by the group's committed offsets; its agent did not see it."
  }
}

/** `low` and `high` are of all windows together; one window alone has none. */
function sampledWords({ sampled, oneIn, low, high }: Finding['args']): string {
  const looked =
    typeof oneIn === 'number' ? `one message in ${formatCount(oneIn)}` : 'part of the messages'
  const found = typeof sampled === 'number' ? `: ${formatCount(sampled)} found there` : ''
  const range =
    typeof low === 'number' && typeof high === 'number'
      ? `, ${formatCount(low)} to ${formatCount(high)} in all (95%)`
      : ''
  return `Scaled up from ${looked}${found}${range}.`
}

/** A detail that counts messages, as many as of all: details of a sample are not scaled. */
export function scaledOf(args: Finding['args'], name: string): number {
  return numberOf(args[name]) * (typeof args.oneIn === 'number' ? args.oneIn : 1)
}

/** `: in the sample 4,100 to 4,600 missing, 0 to 500 extra (95%)`; a low end alone is proven. */
export function rangeWords({ oneIn, missingLow, missingHigh, ...args }: Finding['args']): string {
  const range = (low: FindingArg | undefined, high: FindingArg | undefined): string | null => {
    if (typeof low !== 'number') return null
    // At least none says nothing.
    if (typeof high !== 'number') return low === 0 ? null : `at least ${formatCount(low)}`
    return low === high ? formatCount(low) : `${formatCount(low)} to ${formatCount(high)}`
  }
  const missing = range(missingLow, missingHigh)
  const extra = range(args.extraLow, args.extraHigh)
  const parts = [
    ...(missing === null ? [] : [`${missing} missing`]),
    ...(extra === null ? [] : [`${extra} extra`]),
  ]
  if (parts.length === 0) return ''
  const where = typeof oneIn === 'number' ? 'in the sample ' : ''
  return `: ${where}${parts.join(', ')}${typeof missingHigh === 'number' ? ' (95%)' : ''}`
}

export function netWords({ net: arg, oneIn }: Finding['args']): string {
  const net = numberOf(arg)
  const where = typeof oneIn === 'number' ? 'In the sample ' : ''
  const begin = (words: string): string =>
    where === '' ? words : `${where}${words.slice(0, 1).toLowerCase()}${words.slice(1)}`
  if (net === 0) return begin('As many are missing as are extra.')
  const more = net > 0 ? 'missing than extra' : 'extra than missing'
  const are = Math.abs(net) === 1 ? 'is' : 'are'
  return begin(`Exactly ${messages(Math.abs(net))} more ${are} ${more}.`)
}

const numberOf = (arg: FindingArg | undefined): number => (typeof arg === 'number' ? arg : 0)
