/**
 * Asks the registries of the pipelines about the schemas seen on the wire, and leaves the answers in the
 * store for its readers. Beside everything else: nobody waits for a registry, and one that is down leaves
 * that it did not answer, which is no word against a message.
 */
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import {
  NO_FACTS,
  type RegistryFacts,
  type SchemaFact,
  type SubjectFact,
} from '../drift/registry-facts.ts'
import { type HopKey, hopKey, hopOfKey, topicHop } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { Clock } from '../message/mint.ts'
import type { RegistryPlace } from '../registry/access.ts'
import type { Registry } from '../registry/client.ts'
import { openRegistry } from '../registry/open.ts'
import { REGISTRY_FACT } from '../store/facts.ts'
import type { SeenSchema, Store } from '../store/store.ts'
import { within } from './doctor/check.ts'
import { registryFactsOf } from './registry-fact.ts'

export interface RegistryWatchOptions {
  readonly pipelines: readonly Pipeline[]
  readonly store: Store
  readonly env: Environment
  readonly clock: Clock
  readonly onTrouble: (text: string) => void
}

/** ms: versions are registered and deleted at any time. */
const REGISTRY_EVERY_MS = 60_000
/** ms between two questions where schemas come that were never seen. */
const NEW_EVERY_MS = 5_000
/** ms that closing waits for the last answer. */
const LAST_MS = 5_000
/** ms: what was seen so long before the start is asked for again, should nobody have asked then. */
const RECALLED_MS = 3_600_000
/** Of one registry; beyond, schemas are left out, and that is said. */
const SCHEMAS_MAX = 5_000

export class RegistryWatch {
  readonly #options: RegistryWatchOptions
  readonly #desks: readonly Desk[]
  /** By topic. */
  readonly #byTopic = new Map<HopKey, Desk>()
  #asking: Promise<void> | null = null
  #isLoaded = false
  #isClosed = false

  constructor(options: RegistryWatchOptions) {
    this.#options = options
    const desks = new Map<string, Desk>()
    for (const { hop, shape } of options.pipelines.flatMap((p) => p.hops)) {
      if (hop.role !== 'topic' || shape === undefined || shape.registry === null) continue
      const { registry, subject } = shape
      const desk = desks.get(registry.url) ?? new Desk(registry, options)
      desks.set(registry.url, desk)
      if (subject !== null) desk.subjects.add(subject)
      this.#byTopic.set(hopKey(hop), desk)
    }
    this.#desks = [...desks.values()]
  }

  see(schemas: readonly SeenSchema[]): void {
    for (const { key, claim, schema } of schemas) {
      const { cluster, topic } = hopOfKey(key)
      const desk = this.#byTopic.get(hopKey(topicHop(cluster, topic)))
      if (desk !== undefined && isRegistered(claim)) desk.see(schema)
    }
  }

  /** Asks if it is time to; returns at once. */
  turn(): void {
    const now = this.#options.clock()
    if (this.#isClosed || this.#asking !== null || !this.#desks.some((d) => d.isDue(now))) return
    this.#asking = this.#ask(this.#desks.filter((d) => d.isDue(now))).finally(() => {
      this.#asking = null
    })
  }

  /** Asks once more if something new was seen; nothing is asked or written after that. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    const last = async (): Promise<void> => {
      await this.#asking
      const desks = this.#desks.filter((d) => d.hasNew)
      if (desks.length > 0) await this.#ask(desks)
    }
    await within(LAST_MS, last()).catch(() => {})
    this.#isClosed = true
    for (const desk of this.#desks) desk.close()
  }

  /** Never rejects. */
  async #ask(desks: readonly Desk[]): Promise<void> {
    try {
      if (!this.#isLoaded) await this.#load()
      await Promise.all(desks.map((desk) => desk.ask(this.#options.clock())))
      if (this.#isClosed) return
      const facts = Object.fromEntries(this.#desks.map((desk) => [desk.url, desk.facts]))
      await this.#options.store.setFact(REGISTRY_FACT, facts)
    } catch (error) {
      // The store may be busy or full; it is said by all else that writes, and tried again.
      this.#options.onTrouble(`what the registry said could not be kept: ${messageOf(error)}`)
    }
  }

  async #load(): Promise<void> {
    const { store, clock } = this.#options
    const kept = registryFactsOf(await store.fact(REGISTRY_FACT))
    for (const desk of this.#desks) desk.recall(kept[desk.url] ?? NO_FACTS)
    for (const { key, shape } of await store.shapes(clock() - RECALLED_MS))
      this.see(shape.variants.map(({ claim, schema }) => ({ key, claim, schema })))
    this.#isLoaded = true
  }
}

/** What names a schema by an id that such a registry is asked for; others are counted otherwise. */
function isRegistered(claim: SeenSchema['claim']): boolean {
  return claim.startsWith('confluent') || claim === 'apicurio-v3'
}

/** What is asked of one registry, and what it said. */
class Desk {
  readonly subjects = new Set<string>()
  readonly url: string
  readonly #place: RegistryPlace
  readonly #env: Environment
  readonly #onTrouble: (text: string) => void
  readonly #schemas = new Set<string>()
  #registry: Registry | null = null
  #facts: RegistryFacts = NO_FACTS
  #hasNew = true
  /** ms; null: never */
  #askedAt: number | null = null
  #trouble = ''

  constructor(place: RegistryPlace, { env, onTrouble }: RegistryWatchOptions) {
    this.url = place.url
    this.#place = place
    this.#env = env
    this.#onTrouble = onTrouble
  }

  get facts(): RegistryFacts {
    return this.#facts
  }

  get hasNew(): boolean {
    return this.#hasNew
  }

  recall(facts: RegistryFacts): void {
    this.#facts = facts
    for (const schema of Object.keys(facts.schemas)) this.#schemas.add(schema)
  }

  see(schema: string): void {
    if (schema === '' || this.#schemas.has(schema)) return
    if (this.#schemas.size >= SCHEMAS_MAX) {
      this.#tell(`more than ${SCHEMAS_MAX} schemas were seen; it is not asked about the others`)
      return
    }
    this.#schemas.add(schema)
    this.#hasNew = true
  }

  isDue(now: number): boolean {
    const everyMs = this.#hasNew ? NEW_EVERY_MS : REGISTRY_EVERY_MS
    return this.#askedAt === null || now - this.#askedAt >= everyMs
  }

  /** Never rejects: without an answer that is what is known. */
  async ask(now: number): Promise<void> {
    this.#askedAt = now
    this.#hasNew = false
    const [ids, subjects] = [[...this.#schemas], [...this.subjects]]
    try {
      // What reads schemas is loaded only where a registry is named.
      const { askRegistry } = await import('../drift/facts.ts')
      this.#registry ??= openRegistry({ ...this.#place, env: this.#env })
      this.#facts = await askRegistry(this.#registry, { ids, subjects }, this.#facts, now)
      this.#tell(this.#facts.silence ?? '')
    } catch (error) {
      const why = messageOf(error)
      this.#facts = withoutAnswer(this.#facts, { ids, subjects }, why, now)
      this.#tell(why)
    }
  }

  close(): void {
    this.#registry?.close()
  }

  /** The same trouble once, until it has passed. @param why empty: there is none */
  #tell(why: string): void {
    if (why !== '' && this.#trouble !== why) this.#onTrouble(`the registry at ${this.url}: ${why}`)
    this.#trouble = why
  }
}

/** What was registered stays so; of all else nothing is known any more. */
function withoutAnswer(
  before: RegistryFacts,
  asked: { readonly ids: readonly string[]; readonly subjects: readonly string[] },
  why: string,
  now: number,
): RegistryFacts {
  const silent = { state: 'unreachable', why } as const
  const known = <Fact extends SchemaFact | SubjectFact>(
    names: readonly string[],
    facts: Readonly<Record<string, Fact>>,
  ): Readonly<Record<string, Fact | typeof silent>> => {
    const kept = Object.entries(facts).filter(([, { state }]) => state === 'registered')
    return Object.fromEntries([...names.map((name) => [name, silent] as const), ...kept])
  }
  return {
    at: now,
    silence: why,
    schemas: known(asked.ids, before.schemas),
    subjects: known(asked.subjects, before.subjects),
  }
}
