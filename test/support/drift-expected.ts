/** What must be found for each fault, in each form; and a finding reduced to what the ledger knows. */
import { expect } from 'vitest'
import type { DriftFinding } from '../../src/drift/finding.ts'
import type { Fault, Sent } from './drift-pipeline.ts'
import type { Format } from './drift-schemas.ts'

/** `code topic path` */
type Expected = readonly string[]

/** A version that nobody announced is news of its own, beside what is wrong with its messages. */
const NEWS = 'new_version flights'

const byForm: Readonly<Record<Format, Readonly<Record<string, Expected>>>> = {
  json: {
    added: ['unknown_field flights /carrier'],
    renamed: ['missing_field flights /delay', 'unknown_field flights /delayMinutes'],
    retyped: ['type_changed flights /distance'],
    cut: ['undecodable_value flights'],
    empty: ['empty_value flights'],
    dropped: ['field_dropped enriched /origin'],
  },
  avro: {
    added: ['unknown_field flights /carrier', NEWS],
    renamed: ['missing_field flights /delay', 'unknown_field flights /delayMinutes', NEWS],
    retyped: ['type_changed flights /distance', NEWS],
    foreign: ['foreign_schema flights'],
    unregistered: ['unregistered_schema flights'],
    unframed: ['unframed_value flights'],
    cut: ['undecodable_value flights'],
    empty: ['empty_value flights'],
    dropped: ['field_dropped enriched /origin', 'new_version enriched'],
  },
  protobuf: {
    added: ['unknown_field flights /carrier', NEWS],
    // Nothing is required in proto3.
    renamed: ['unknown_field flights /delayMinutes', NEWS],
    retyped: ['type_changed flights /distance', NEWS],
    foreign: ['foreign_schema flights'],
    unregistered: ['unregistered_schema flights'],
    unframed: ['unframed_value flights'],
    cut: ['undecodable_value flights'],
    empty: ['empty_value flights'],
    dropped: ['field_dropped enriched /origin', 'new_version enriched'],
  },
}

/** Faults that there are in a form. */
export const faultsOf = (format: Format): readonly NonNullable<Fault['kind']>[] =>
  Object.keys(byForm[format]) as NonNullable<Fault['kind']>[]

export function expectedOf(format: Format, { kind }: Fault): Expected {
  return kind === null ? [] : [...(byForm[format][kind] ?? [])].sort()
}

export interface Place {
  readonly epochMs: number
  readonly windowMs: number
  readonly topics: { readonly flights: string; readonly enriched: string }
}

/** By code, topic and path; sorted. */
export function found(findings: readonly DriftFinding[], { topics }: Place): string[] {
  const nameOf = (topic: string): string => (topic === topics.flights ? 'flights' : 'enriched')
  return findings.map(({ code, topic, path }) => `${code} ${nameOf(topic)} ${path}`.trim()).sort()
}

/** The first window, how many, by whom, and which: as the ledger has it. */
export function expectFigures(
  findings: readonly DriftFinding[],
  sent: readonly Sent[],
  { epochMs, windowMs, topics }: Place,
): void {
  const faulty = sent.filter(({ isFaulty }) => isFaulty)
  const ids = faulty.map(({ id }) => id).sort()
  const first = Math.min(...faulty.map(({ window }) => window))
  const since = epochMs + first * windowMs
  for (const finding of findings) {
    const { code, path, count, open, producers, topic } = finding
    const isOfFlights = topic === topics.flights
    const what = `${code} ${path}`
    expect(new Date(finding.since), what).toEqual(new Date(since))
    // News is what comes first; what is wrong lasts.
    const isNews = code === 'new_version'
    const told = isNews ? faulty.filter(({ window }) => window === first) : faulty
    expect({ what, count, open }).toEqual({ what, count: told.length, open: !isNews })
    expect(finding.hops, what).toEqual(
      isOfFlights ? ['checkin', 'flights', 'enrich'] : expect.arrayContaining(['enriched']),
    )
    const writer = isOfFlights ? ['checkin', 'checkin/2.0.0 '] : ['enrich', 'enrich/1.0.0 ']
    expect(
      producers.map((p) => [p.service, p.client.slice(0, writer[1]?.length), p.count]),
      what,
    ).toEqual([[...writer, told.length]])
    // Which of the messages of a window lack a field is known only where all of one schema do.
    if (code !== 'field_dropped') expect(finding.ids[0], what).toBe(ids[0])
    expect(ids, what).toEqual(expect.arrayContaining([...finding.ids]))
  }
}
