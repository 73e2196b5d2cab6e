/**
 * Rules 1–6: messages that are wrong as a whole, by their frame or by the schema they name. First hit wins,
 * and what it says explains all that is odd in their content.
 *
 * The order is that of reading: what has no frame names no schema, so it can be neither unregistered nor
 * foreign; what no registry knows is under no subject; what is under another subject has no version of
 * this one.
 */
import type { Variant } from '../shape.ts'
import type { Seen, Told } from './sighting.ts'

type Rule = (seen: Seen) => Told | null

/** Rule 1 - a value of no bytes: it is no tombstone, and nothing can be read from it. */
const isEmpty: Rule = ({ variant }) =>
  variant.claim === 'empty' ? whole('empty_value', variant) : null

/** Rule 2 - a schema id is promised, and there is none. */
const isUnframed: Rule = ({ variant, hop }) =>
  variant.claim === 'unframed'
    ? { ...whole('unframed_value', variant), expected: hop.plan.framing ?? '' }
    : null

/** Rule 3 - no framing is declared, and the first byte may be one or data: it is not guessed. */
const isAmbiguous: Rule = ({ variant }) =>
  variant.claim === 'ambiguous' ? whole('ambiguous_framing', variant) : null

/**
 * Rule 4 - its id is in no registry. Either the registry says so now, of all messages; or it said so to an
 * agent, of those that it asked for, and nothing has been said against it.
 */
const isUnregistered: Rule = ({ variant, standing, isRegistered }) => {
  if (standing.state === 'unregistered') return whole('unregistered_schema', variant)
  if (isRegistered) return null
  const odd = variant.oddities.find(({ kind }) => kind === 'unregistered')
  if (odd === undefined) return null
  return { code: 'unregistered_schema', path: '', count: odd.count, ids: odd.ids }
}

/** Rule 5 - registered, but not under the subject of this topic. */
const isForeign: Rule = ({ variant, standing }) =>
  standing.state === 'foreign'
    ? { ...whole('foreign_schema', variant), came: standing.subjects }
    : null

/** Rule 6 - a version that was deleted, or is none of those that the pipeline file allows. */
const isRetired: Rule = ({ variant, standing, hop }) =>
  standing.state === 'retired'
    ? {
        ...whole('retired_version', variant),
        args: { why: standing.why, allowed: (hop.plan.versions ?? []).map(String) },
      }
    : null

const rules: readonly Rule[] = [
  isEmpty,
  isUnframed,
  isAmbiguous,
  isUnregistered,
  isForeign,
  isRetired,
]

export function judgeMessages(seen: Seen): Told | null {
  for (const rule of rules) {
    const told = rule(seen)
    if (told !== null && told.count > 0) return told
  }
  return null
}

const whole = (code: Told['code'], { count, ids }: Variant): Told => ({
  code,
  path: '',
  count,
  ids,
})
