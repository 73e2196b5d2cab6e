/** Rules of no format: what is found of a subject as a whole, of a schema alone, or of a suppression. */
import type { Rule, SchemaFormat } from './engine.ts'

/** A rule as people read it. `upkeep`: of the settings, not of a schema. */
export interface DocumentedRule extends Omit<Rule, 'format' | 'kind' | 'example'> {
  /** Null: all. */
  readonly format: SchemaFormat | null
  readonly kind: Rule['kind'] | 'problem' | 'upkeep'
  readonly example: Rule['example'] | null
}

export const SUBJECT_DELETED = 'SCHEMA_SUBJECT_DELETED'
export const FORMAT_CHANGED = 'SCHEMA_FORMAT_CHANGED'
export const SUPPRESSION_STALE = 'SCHEMA_SUPPRESSION_STALE'
export const SUPPRESSION_EXPIRED = 'SCHEMA_SUPPRESSION_EXPIRED'

const ALL = { format: null, registryName: null } as const

const problem = (code: string, purpose: string, fix: string): DocumentedRule => ({
  ...ALL,
  ...{ id: `SCHEMA_${code}`, kind: 'problem', severity: 'error', purpose, fix, example: null },
})

const ofSubjects: readonly DocumentedRule[] = [
  {
    ...ALL,
    id: SUBJECT_DELETED,
    kind: 'incompatible',
    severity: 'error',
    purpose:
      'A subject that had a schema has none any more: who still reads or writes it is on their own.',
    fix: 'Put the file back, or suppress this with a reason once nobody uses the subject.',
    example: { before: 'orders-value.avsc', after: '(no such file)' },
  },
  {
    ...ALL,
    id: FORMAT_CHANGED,
    kind: 'incompatible',
    severity: 'error',
    purpose: 'A subject changes its format: no reader of one format reads another.',
    fix: 'Keep the format, or give the new schema a subject, and a topic, of its own.',
    example: { before: 'orders-value.avsc', after: 'orders-value.proto' },
  },
]

const ofSuppressions: readonly DocumentedRule[] = [
  {
    ...ALL,
    id: SUPPRESSION_STALE,
    kind: 'upkeep',
    severity: 'warning',
    purpose: 'A suppression that nothing matches any more would hide what comes next.',
    fix: 'Remove the entry from `schemas.suppress`.',
    example: null,
  },
  {
    ...ALL,
    id: SUPPRESSION_EXPIRED,
    kind: 'upkeep',
    severity: 'warning',
    purpose: 'A suppression is past its date: it hides nothing any more.',
    fix: 'Mend what it hid, or give the entry a later date and a reason that still holds.',
    example: null,
  },
]

/** What keeps a schema from being read. Never silenced: it is evidence that is missing. */
const problems: readonly DocumentedRule[] = [
  problem(
    'UNPARSABLE',
    'The text is no schema of its format.',
    'Correct the text at the place that is named.',
  ),
  problem(
    'MISSING_REFERENCE',
    'A schema refers to something that was not given; nothing is ever fetched.',
    'Put the file beside the others, below a path that is checked.',
  ),
  problem(
    'UNRESOLVED_TYPE',
    'A Protobuf field names a type that no given file declares.',
    'Import the file that declares it, and put that file below a path that is checked.',
  ),
  problem(
    'IMPORT_CYCLE',
    'A Protobuf file is imported by what it imports itself.',
    'Move what both need into a third file.',
  ),
  problem(
    'DUPLICATE',
    'An Avro schema declares a name, or a field, twice.',
    'Rename one of them, or remove the copy.',
  ),
  problem(
    'NESTED_UNION',
    'An Avro union holds a union, which Avro does not allow.',
    'List the branches in one union.',
  ),
  problem(
    'TOO_LARGE',
    'A schema is larger than what is compared in bounded time.',
    'Split the schema into subjects of their own.',
  ),
  problem(
    'TOO_DEEP',
    'A schema is nested more deeply than what is compared in bounded time.',
    'Flatten the schema, or name its parts and refer to them.',
  ),
]

export const generalRules: readonly DocumentedRule[] = [
  ...ofSubjects,
  ...ofSuppressions,
  ...problems,
]
