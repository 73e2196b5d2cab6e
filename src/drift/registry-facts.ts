/**
 * What a registry said, and when: plain JSON, so that the auditor can keep it for readers of its store.
 *
 * Law: what was not answered is `unreachable`, never `unregistered`.
 */

export interface RegistryFacts {
  /** ms */
  readonly at: number
  /** By id or GUID, as a variant names it. */
  readonly schemas: Readonly<Record<string, SchemaFact>>
  /** By name. */
  readonly subjects: Readonly<Record<string, SubjectFact>>
  /** Why something was not answered last time: of that an older answer stands here, if there is one. */
  readonly silence?: string
}

export type SchemaFact =
  | {
      readonly state: 'registered'
      /** With versions that were deleted, as far as the registry still knows them. */
      readonly places: readonly SubjectVersion[]
      readonly fields: readonly SchemaField[]
    }
  | { readonly state: 'unregistered' }
  | { readonly state: 'unreachable'; readonly why: string }

export interface SubjectVersion {
  readonly subject: string
  readonly version: number
}

/** A field of a schema, for the difference of two versions. */
export interface SchemaField {
  /** As `Field.path` in shape.ts. */
  readonly path: string
  /** In words: `string`, `long (timestamp-millis) or null`, … */
  readonly type: string
  readonly required: boolean
}

export type SubjectFact =
  /** `versions`: those not deleted, ascending, with their ids. */
  | {
      readonly state: 'registered'
      readonly versions: readonly { readonly version: number; readonly id: string }[]
    }
  | { readonly state: 'unregistered' }
  | { readonly state: 'unreachable'; readonly why: string }

export const NO_FACTS: RegistryFacts = { at: 0, schemas: {}, subjects: {} }
