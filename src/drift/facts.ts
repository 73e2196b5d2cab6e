/**
 * Asking a registry about the schemas and subjects that were seen on the wire.
 *
 * Laws:
 * - What an id means does not change: it is asked once. Which versions a subject has is asked each time,
 *   and tells of ids that were registered there since.
 * - What was registered once is kept where the registry does not answer now, and that is said. All else
 *   is `unreachable`: what was not there may have come since.
 */
import { messageOf, QuipuError } from '../base/errors.ts'
import type { Answer, FoundSchema, Registry } from '../registry/client.ts'
import { REQUESTS_AT_ONCE } from '../registry/limits.ts'
import { Unusable } from './declared/schema-json.ts'
import type { RegistryFacts, SchemaFact, SubjectFact, SubjectVersion } from './registry-facts.ts'
import { schemaFields } from './schemas/schema-fields.ts'
import { withReferences } from './schemas/texts.ts'

export interface Question {
  /** Ids in decimal, or GUIDs. */
  readonly ids: readonly string[]
  readonly subjects: readonly string[]
}

/** Of each kind in one question: what is beyond keeps what was known of it. */
const ASKED_MAX = 1_000
/** Of one subject, the newest. */
const VERSIONS_MAX = 200

/** Never rejects because a registry is silent. */
export async function askRegistry(
  registry: Registry,
  { ids, subjects }: Question,
  previous: RegistryFacts,
  now: number,
): Promise<RegistryFacts> {
  const schemaFacts = new Map(Object.entries(previous.schemas))
  const subjectFacts = new Map(Object.entries(previous.subjects))
  let silence = ''
  const isNew = (id: string): boolean => schemaFacts.get(id)?.state !== 'registered'
  const work: (() => Promise<void>)[] = []
  const add = <Fact extends SchemaFact | SubjectFact>(
    name: string,
    facts: Map<string, Fact>,
    ask: () => Promise<Fact>,
  ): void => {
    work.push(async () => {
      const known = facts.get(name)
      try {
        facts.set(name, await ask())
      } catch (error) {
        if (!(error instanceof QuipuError)) throw error
        silence ||= messageOf(error)
        if (known?.state !== 'registered')
          facts.set(name, { state: 'unreachable', why: messageOf(error) } as Fact)
      }
    })
  }
  for (const subject of subjects.slice(0, ASKED_MAX)) {
    add(subject, subjectFacts, () => subjectFact(registry, subject, subjectFacts.get(subject)))
  }
  for (const id of ids.filter(isNew).slice(0, ASKED_MAX)) {
    add(id, schemaFacts, () => schemaFact(registry, id))
  }
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, () => worker(work)))
  return {
    at: now,
    schemas: withPlaces(schemaFacts, subjectFacts),
    subjects: Object.fromEntries(subjectFacts),
    ...(silence === '' ? {} : { silence }),
  }
}

async function worker(work: (() => Promise<void>)[]): Promise<void> {
  for (let next = work.shift(); next !== undefined; next = work.shift()) await next()
}

async function schemaFact(registry: Registry, id: string): Promise<SchemaFact> {
  const isNumber = /^\d+$/.test(id)
  const number = Number(id)
  if (isNumber && !Number.isSafeInteger(number)) return { state: 'unregistered' }
  const found = isNumber ? await registry.schemaById(number) : await registry.schemaByGuid(id)
  if (!found.ok) return missing(found.missing)
  // Where a GUID is registered no registry tells: its subjects do, by their ids.
  const places = isNumber ? await registry.placesOf(number) : null
  const fields = await fieldsOf(registry, found.value)
  return { state: 'registered', places: places?.ok === true ? sorted(places.value) : [], fields }
}

/** Another answer than "no such schema" is none to what was asked. */
function missing(what: (Answer<never> & { ok: false })['missing']): SchemaFact {
  return what === 'schema'
    ? { state: 'unregistered' }
    : { state: 'unreachable', why: `the registry answers that there is no ${what}` }
}

async function fieldsOf(
  registry: Registry,
  found: FoundSchema,
): Promise<(SchemaFact & { state: 'registered' })['fields']> {
  try {
    return await schemaFields(await withReferences(registry, found))
  } catch (error) {
    if (error instanceof Unusable) return []
    throw error
  }
}

async function subjectFact(
  registry: Registry,
  subject: string,
  previous: SubjectFact | undefined,
): Promise<SubjectFact> {
  const numbers = await registry.versions(subject)
  if (!numbers.ok) {
    if (numbers.missing === 'subject') return { state: 'unregistered' }
    return { state: 'unreachable', why: `the registry answers that there is no ${numbers.missing}` }
  }
  const known = previous?.state === 'registered' ? previous.versions : []
  const ids = new Map(known.map(({ version, id }) => [version, id]))
  const versions: { readonly version: number; readonly id: string }[] = []
  for (const version of numbers.value.slice(-VERSIONS_MAX)) {
    const id = ids.get(version) ?? (await idOf(registry, subject, version))
    // One that was deleted meanwhile is no longer a version.
    if (id !== null) versions.push({ version, id })
  }
  return { state: 'registered', versions }
}

async function idOf(registry: Registry, subject: string, version: number): Promise<string | null> {
  const found = await registry.version(subject, version)
  return found.ok ? String(found.value.id) : null
}

/** An id that was known before may have become a version of a subject since. */
function withPlaces(
  schemas: ReadonlyMap<string, SchemaFact>,
  subjects: ReadonlyMap<string, SubjectFact>,
): Readonly<Record<string, SchemaFact>> {
  const byId = new Map<string, SubjectVersion[]>()
  for (const [subject, fact] of subjects) {
    for (const { version, id } of fact.state === 'registered' ? fact.versions : []) {
      const list = byId.get(id)
      if (list === undefined) byId.set(id, [{ subject, version }])
      else list.push({ subject, version })
    }
  }
  const all = [...schemas].map(([id, fact]): readonly [string, SchemaFact] => {
    const places = byId.get(id)
    if (fact.state !== 'registered' || places === undefined) return [id, fact]
    return [id, { ...fact, places: sorted([...fact.places, ...places]) }]
  })
  return Object.fromEntries(all)
}

/** Each once. */
function sorted(places: readonly SubjectVersion[]): readonly SubjectVersion[] {
  const distinct = new Map(places.map((place) => [`${place.version} ${place.subject}`, place]))
  return [...distinct.values()]
    .map(({ subject, version }) => ({ subject, version }))
    .sort((a, b) =>
      a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : a.version - b.version,
    )
}
