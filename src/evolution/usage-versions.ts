/**
 * Which earlier versions may still be read: of a topic that keeps messages for so long, a version that
 * nobody has written for longer is on it no more.
 *
 * Law: a version is left out only if what was looked at shows that it is gone: on every day, with the id
 * of every schema, and so many messages that less than one in `RARE_ONE_IN` can have been missed.
 */
import type { SubjectVersions } from './sources/source.ts'
import { RARE_ONE_IN, type SubjectTraffic, TRAFFIC_DAYS } from './usage.ts'
import { upperOf } from './usage-bounds.ts'

export interface KeptVersions {
  readonly subjects: readonly SubjectVersions[]
  /** One sentence each. */
  readonly told: readonly string[]
}

const DAY_MS = 86_400_000

/** @param retentionMs how long the topics keep messages */
export function keptVersions(
  subjects: readonly SubjectVersions[],
  trafficOf: (subject: string) => SubjectTraffic | null,
  retentionMs: number,
  now: number,
): KeptVersions {
  const told: string[] = []
  const kept = subjects.map((subject) => {
    const traffic = trafficOf(subject.subject)
    const why = traffic === null ? 'nothing of it was looked at' : hindrance(traffic, retentionMs)
    if (traffic === null || why !== null) {
      told.push(`${subject.subject}: all versions are compared: ${why}`)
      return subject
    }
    const previous = subject.previous.filter((version) => {
      const lastSeen = lastSeenOf(version.name, traffic)
      const isGone = lastSeen !== null && lastSeen < now - retentionMs
      if (isGone) told.push(`${version.name} is left out: ${seenWords(lastSeen)}`)
      return !isGone
    })
    // What was written last stays, whoever writes it.
    const last = subject.previous.at(-1)
    if (last === undefined || previous.includes(last)) return { ...subject, previous }
    told.push(`${last.name} is compared all the same: it is the latest`)
    return { ...subject, previous: [...previous, last] }
  })
  return { subjects: kept, told }
}

/** Null: what was seen is enough. */
function hindrance(
  { daysSeen, looked, hasOtherSchemas, versions }: SubjectTraffic,
  retentionMs: number,
): string | null {
  if (versions.size === 0) return 'no registry says which version a message is of'
  if (retentionMs > TRAFFIC_DAYS * DAY_MS) return `only ${TRAFFIC_DAYS} days are looked back`
  if (daysSeen < TRAFFIC_DAYS) return `it was looked at on ${daysSeen} of ${TRAFFIC_DAYS} days only`
  if (hasOtherSchemas) return 'some messages do not tell their schema, or there are too many'
  return upperOf(0) * RARE_ONE_IN < looked ? null : 'too few messages were looked at'
}

/** ms; 0: not in all the time; null: it is of no registry. */
function lastSeenOf(name: string, { versions }: SubjectTraffic): number | null {
  const number = / version (\d+)$/.exec(name)?.[1]
  return number === undefined ? null : (versions.get(Number(number)) ?? null)
}

function seenWords(lastSeen: number): string {
  return lastSeen === 0
    ? `nobody wrote it in ${TRAFFIC_DAYS} days`
    : `nobody has written it since ${new Date(lastSeen).toISOString().slice(0, 16)}Z`
}
