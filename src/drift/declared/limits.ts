/** What is read of a declaration, and spent on one message, at most. */

/** Of one file, or one schema of a registry: the largest public ones that describe messages have 300 KB. */
export const SCHEMA_BYTES_MAX: number = 2 * 1024 * 1024

/** Objects and lists in one schema with all it refers to. */
export const SCHEMA_NODES_MAX = 50_000

/** Of schemas within each other, as they are written. */
export const SCHEMA_DEPTH_MAX = 200

/** Files or schemas that one refers to, directly or through others. */
export const SCHEMA_REFERENCES_MAX = 100

/** Places of a value told apart by what is declared there; what is beyond is taken as said by nobody. */
export const DECLARED_NODES_MAX = 20_000

/**
 * Schemas tried on one message: alternatives within alternatives would have no end. Some 50 ms: of a value
 * of 20,000 parts each can be held against two or three. What is read within one schema counts too.
 */
export const STEPS_MAX = 80_000

/** Schemas within each other on one message: references that lead back to themselves have no end. */
export const NESTING_MAX = 500

/** Things wrong with one message that are looked at before they are told apart. */
export const FAILURES_MAX = 1_000

/** Of a schema, for the difference of versions. */
export const SCHEMA_FIELDS_MAX = 200
