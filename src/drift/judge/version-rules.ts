/**
 * Rules 14 and 15: what versions of a schema follow each other at one hop.
 *
 * A change of version is rolled out: for a while old and new producers run side by side. So a version
 * counts as old only a grace after a newer one was first seen: 60 windows, at most an hour.
 */
import { type Seen, type Sighting, sightingOf } from './sighting.ts'

const GRACE_WINDOWS = 60
const GRACE_MS_MAX = 3_600_000

/** @param seen of one hop, in order of time; without what rules 1–6 accuse */
export function judgeVersions(seen: readonly Seen[]): Sighting[] {
  const named = seen.filter(({ variant }) => variant.schema !== '')
  return [...oldVersions(named), ...newVersions(named)]
}

/**
 * Rule 14 - a version below the newest one seen here is still written. Only above rule 15's first window and
 * its grace; and never one that the pipeline file lists, which is a promise that it may be written.
 */
function oldVersions(seen: readonly Seen[]): Sighting[] {
  const windowMs = seen.reduce((least, { window, end }) => Math.min(least, end - window), Infinity)
  const graceMs = Math.min(GRACE_WINDOWS * windowMs, GRACE_MS_MAX)
  // The newest version as of a moment: it rises in order of time.
  const rises: { readonly version: number; readonly schema: string; readonly from: number }[] = []
  return seen.flatMap((one) => {
    const { version, schema } = one.named
    if (version === null) return []
    if (version > (rises.at(-1)?.version ?? -1)) rises.push({ version, schema, from: one.window })
    if (one.hop.plan.versions?.includes(version)) return []
    const newer = rises.find((rise) => rise.version > version && rise.from + graceMs <= one.window)
    if (newer === undefined) return []
    const { count, ids } = one.variant
    const args = { newer: newer.schema, newerSince: newer.from }
    return [sightingOf(one, { code: 'old_version', path: '', count, ids, args })]
  })
}

/**
 * Rule 15 - a version that was not there before: in its first window only, and not in the first window of
 * all. A lower one than before is no news: it is rule 14's.
 */
function newVersions(seen: readonly Seen[]): Sighting[] {
  const firsts = new Map<string, First>()
  for (const { named, variant, window } of seen) {
    const key = `${variant.claim} ${variant.schema}`
    if (!firsts.has(key)) firsts.set(key, { ...named, window })
  }
  const known = [...firsts.values()]
  return seen.flatMap((one) => {
    const { variant, named, window } = one
    if (firsts.get(`${variant.claim} ${variant.schema}`)?.window !== window) return []
    const before = known.filter((other) => other.window < window)
    const last = before.at(-1)
    const isLower = before.some(({ version }) => (version ?? -1) >= (named.version ?? Infinity))
    if (last === undefined || isLower) return []
    const { count, ids } = variant
    const args = { before: last.schema }
    return [sightingOf(one, { code: 'new_version', path: '', count, ids, args })]
  })
}

/** A schema where it is first seen. */
interface First {
  readonly schema: string
  readonly version: number | null
  readonly window: number
}
