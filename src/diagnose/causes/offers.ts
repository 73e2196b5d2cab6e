/**
 * What is left once every name and place has told: messages that are known by their number. A cause may be
 * likely there if it is the only one that fits, and the numbers agree.
 */
import { formatCount } from '../../base/words.ts'
import type { CauseCode, CauseFact } from '../../finding/cause.ts'
import type { FoundId } from '../../finding/finding.ts'
import type { Ground } from './ground.ts'
import type { Message, Messages } from './messages.ts'
import type { CauseRule, Told } from './rule.ts'

export interface Offered {
  readonly told: readonly {
    readonly rule: CauseRule
    readonly told: Told
    readonly count: number
    readonly found: FoundId | null
  }[]
  readonly untold: Messages
  /** Why what was offered was not enough. */
  readonly notes: readonly string[]
}

interface Offer {
  /** The first rule of the code that offers. */
  readonly rule: CauseRule
  readonly code: CauseCode
  readonly most: number
  readonly least: number
  readonly proof: readonly CauseFact[]
  readonly candidates: readonly Message[]
}

/** @param told how many messages a cause has explained already */
export function offersOf(
  rules: readonly CauseRule[],
  rest: Messages,
  ground: Ground,
  told: (code: CauseCode) => number,
): Offered {
  const none = (...notes: string[]): Offered => ({ told: [], untold: rest, notes })
  if (rest.named.length === 0 && rest.nameless === 0) return none()
  const offers = gathered(rules, rest, ground, told)
  const [offer, ...others] = offers
  if (offer === undefined) return none()
  if (others.length > 0)
    return none(`${offers.map(({ code }) => code).join(' and ')} fit as well as each other`)

  const { candidates, code, most, least, proof } = offer
  const count = candidates.reduce((n, m) => n + m.count, rest.nameless)
  if (count > most)
    return none(`${code} explains ${formatCount(most)} of ${formatCount(count)} at most`)
  if (count < least)
    return none(
      `${code} would have taken ${formatCount(least)} at least, not ${formatCount(count)}`,
    )
  const isProven = ({ found }: Message): boolean =>
    rest.nameless === 0 && offer.rule.proves?.(found, ground) === true
  const ids = new Set(candidates.map(({ found }) => found.id))
  return {
    told: [
      ...candidates.map((message) => ({
        rule: offer.rule,
        told: { certainty: isProven(message) ? ('proven' as const) : ('likely' as const), proof },
        count: message.count,
        found: message.found,
      })),
      ...(rest.nameless === 0
        ? []
        : [
            {
              rule: offer.rule,
              told: { certainty: 'likely' as const, proof },
              count: rest.nameless,
              found: null,
            },
          ]),
    ],
    untold: { named: rest.named.filter(({ found }) => !ids.has(found.id)), nameless: 0 },
    notes: [],
  }
}

/** One for each code that has a message to explain. */
function gathered(
  rules: readonly CauseRule[],
  rest: Messages,
  ground: Ground,
  told: (code: CauseCode) => number,
): readonly Offer[] {
  const offers = new Map<CauseCode, Offer>()
  for (const rule of rules) {
    const among = rule.among?.(ground)
    if (among === undefined) continue
    const { code } = rule
    const known = offers.get(code)
    const own = rest.named.filter(({ found }) => rule.excludes?.(found, ground) !== true)
    offers.set(code, {
      ...{ rule: known?.rule ?? rule, code },
      most: among.most + (known?.most ?? -told(code)),
      least: known === undefined ? Math.max(0, among.least - told(code)) : known.least,
      proof: [...(known?.proof ?? []), ...among.proof],
      candidates: [...new Set([...(known?.candidates ?? []), ...own])],
    })
  }
  return [...offers.values()].filter(
    ({ most, candidates }) => most > 0 && (candidates.length > 0 || rest.nameless > 0),
  )
}
