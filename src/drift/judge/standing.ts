/** What a registry says of the schema that a variant names, against what is promised of its topic. Pure. */
import type { RegistryFacts, SchemaFact, SubjectFact, SubjectVersion } from '../registry-facts.ts'
import type { Claim, ShapePlan, Variant } from '../shape.ts'

export type Standing =
  /** It names none that a registry could know. */
  | { readonly state: 'none' }
  | { readonly state: 'good' }
  | { readonly state: 'unregistered' }
  | { readonly state: 'foreign'; readonly subjects: readonly string[] }
  | { readonly state: 'retired'; readonly why: 'deleted' | 'not allowed' }
  /** The registry was not asked, or did not answer: neither good nor bad. */
  | { readonly state: 'unknown'; readonly why: string }

export interface Named {
  /** As `DriftFinding.schema`. */
  readonly schema: string
  readonly subject: string
  /** Null: not known. */
  readonly version: number | null
}

/** Claims that name a schema of a registry. */
const NAMING: ReadonlySet<Claim> = new Set([
  'confluent',
  'confluent-v1',
  'apicurio-v2',
  'apicurio-v3',
  'glue',
])
/** Those of them that a registry is asked about: what it says of equal numbers is no word on the others. */
const ASKED: ReadonlySet<Claim> = new Set(['confluent', 'confluent-v1', 'apicurio-v3'])

type Promise = Pick<ShapePlan, 'subject' | 'versions'>

/**
 * Law: without an answer nothing is accused. A schema that nobody promised a subject for is good as soon as
 * it is registered, and a message that could be read proves that.
 */
export function standingOf(
  { claim, schema }: Pick<Variant, 'claim' | 'schema'>,
  { subject, versions }: Promise,
  facts: RegistryFacts,
): Standing {
  // Which schemas those are that are not told apart nobody can say.
  if (claim === 'others' && subject !== null) return { state: 'unknown', why: 'too many schemas' }
  if (!NAMING.has(claim)) return { state: 'none' }
  const fact = schemaFact(facts, { claim, schema })
  // Apicurio counts in two ways, and which of them it answers by is a setting of its own.
  const isBelieved = claim !== 'apicurio-v3'
  if (fact?.state === 'unregistered' && isBelieved) return { state: 'unregistered' }
  if (subject === null) return { state: 'good' }
  if (fact?.state === 'unregistered') return { state: 'unknown', why: 'not known by that id' }
  if (fact?.state !== 'registered') return { state: 'unknown', why: fact?.why ?? 'not asked' }
  // A registry that does not tell where a schema is: nothing follows from its silence.
  if (fact.places.length === 0) return { state: 'unknown', why: 'places not told' }
  const here = fact.places.filter((place) => place.subject === subject)
  if (here.length === 0) {
    return { state: 'foreign', subjects: fact.places.map((place) => place.subject).sort() }
  }
  // One schema may be several versions of a subject: one that may be written is enough.
  const allowed = here.filter((place) => versions?.includes(place.version) ?? true)
  if (allowed.length === 0) return { state: 'retired', why: 'not allowed' }
  const kept = subjectFact(facts, subject)
  if (kept?.state === 'unregistered') return { state: 'retired', why: 'deleted' }
  if (kept?.state !== 'registered') return { state: 'unknown', why: kept?.why ?? 'not asked' }
  const left = new Set(kept.versions.map(({ version }) => version))
  if (allowed.some(({ version }) => left.has(version))) return { state: 'good' }
  return { state: 'retired', why: 'deleted' }
}

/** What a schema is called in findings. */
export function nameOf(
  { claim, schema }: Pick<Variant, 'claim' | 'schema'>,
  { subject }: Promise,
  facts: RegistryFacts,
): Named {
  if (schema === '') return { schema: '', subject: subject ?? '', version: null }
  if (claim === 'single-object') {
    return { schema: `fingerprint ${schema}`, subject: subject ?? '', version: null }
  }
  const bare = /^\d+$/.test(schema) ? `id ${schema}` : schema
  const place = placeOf(schemaFact(facts, { claim, schema }), subject)
  if (place === null) return { schema: bare, subject: subject ?? '', version: null }
  const name = `version ${place.version} (${bare})`
  return { schema: name, subject: place.subject, version: place.version }
}

/** Its newest place under the subject; where none is promised, the only one. */
function placeOf(fact: SchemaFact | undefined, subject: string | null): SubjectVersion | null {
  if (fact?.state !== 'registered') return null
  const own = new Set(fact.places.map((place) => place.subject))
  if (subject === null && own.size !== 1) return null
  const here = fact.places.filter((place) => subject === null || place.subject === subject)
  return here.reduce<SubjectVersion | null>(
    (best, place) => (best === null || place.version > best.version ? place : best),
    null,
  )
}

/** A name may be one that every object has. */
export function schemaFact(
  { schemas }: RegistryFacts,
  { claim, schema }: Pick<Variant, 'claim' | 'schema'>,
): SchemaFact | undefined {
  return ASKED.has(claim) && Object.hasOwn(schemas, schema) ? schemas[schema] : undefined
}

function subjectFact({ subjects }: RegistryFacts, subject: string): SubjectFact | undefined {
  return Object.hasOwn(subjects, subject) ? subjects[subject] : undefined
}
