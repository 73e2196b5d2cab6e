/**
 * What is read and compared at most. Counted in characters, levels and steps, never in time, so that an
 * answer is the same on every machine.
 */

/** Of a schema and all it refers to. A registry keeps a schema in one Kafka message, 1 MB unless told. */
export const TEXT_LENGTH_MAX = 8_000_000

/** Of `{` and `[` within each other: what reads JSON is recursive. People write up to about 40. */
export const DEPTH_MAX = 500

/** Types of one schema, each place counted once. */
export const TYPES_MAX = 50_000

/** Texts that a schema refers to. */
export const REFERENCES_MAX = 1_000

/** Problems listed of one schema. */
export const PROBLEMS_MAX = 100

/** Of a comparison: pairs of types, their fields, branches and symbols. About a second. */
export const STEPS_MAX = 250_000

/** Of these, for telling what follows from a recursive type and what does not. */
export const CONSEQUENCE_STEPS_MAX = 50_000

/** Differences listed of one comparison; who has so many mends the first. */
export const DIFFERENCES_MAX = 1_000

/** Steps of a path; types may refer to each other without end. A longer one stops above the element. */
export const PATH_STEPS_MAX = 400

/** Characters of a fragment, of a counterexample and of a library's refusal. */
export const FRAGMENT_LENGTH_MAX = 200
export const COUNTEREXAMPLE_LENGTH_MAX = 2_000
export const REFUSAL_LENGTH_MAX = 300

/** Characters of a name; the longest Java class names have about 200. */
export const NAME_LENGTH_MAX = 1_000

/** Names listed in one finding. */
export const NAMES_MAX = 50

/** Types of a reader's schema that an instance is looked for with: the library is recursive. */
export const SEARCH_TYPES_MAX = 2_000

/** Values within one instance. */
export const INSTANCE_VALUES_MAX = 500

/** Of a `fixed` in an instance. */
export const INSTANCE_FIXED_BYTES_MAX = 65_536
