/** Messages one by one to a draft of their schema. Bounded in memory, whatever comes; never throws. */
import type { Value } from '../read/reader.ts'
import type { Doubt } from './doubts.ts'
import { Drafter, type DraftRules, type JsonSchema } from './draft.ts'
import { PLACES_MAX, Profile } from './profile.ts'

export interface LearnedSchema {
  readonly schema: JsonSchema
  readonly doubts: readonly Doubt[]
}

export interface LearnedFrom {
  readonly title: string
  /** What else is known of where it comes from: plain JSON. */
  readonly seen: Readonly<Record<string, unknown>>
}

export class Learner {
  readonly #root: Profile
  #messages = 0

  /** `values`: few texts that come again and again become an enumeration. */
  constructor({ values = false }: { readonly values?: boolean } = {}) {
    this.#root = new Profile({ values, room: { left: PLACES_MAX } })
  }

  get messages(): number {
    return this.#messages
  }

  add(value: Value): void {
    this.#messages++
    this.#root.add(value, this.#messages)
  }

  /** Once, at the end. */
  draft({ title, seen }: LearnedFrom, rules: DraftRules): LearnedSchema {
    const drafter = new Drafter(rules)
    const body = drafter.schemaOf(this.#root, '')
    return {
      schema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        title,
        'x-quipu': { messages: this.#messages, ...seen },
        ...body,
      },
      doubts: drafter.doubts,
    }
  }
}
