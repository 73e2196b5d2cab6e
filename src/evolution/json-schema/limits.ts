/**
 * What is read and compared at most. Counted in bytes, levels and steps, never in time, so that an
 * answer is the same on every machine.
 */

/** Of one text. The largest public schemas (FHIR, Kubernetes) have about 4 MB. */
export const TEXT_BYTES_MAX = 8_388_608

/** Of `{` and `[` within each other; people write up to about 40. */
export const DEPTH_MAX = 500

/** Schemas within one source and all it refers to, each place counted once. */
export const NODES_MAX = 200_000

/** Of pairs within each other; a chain of `$ref` is not bounded by the depth of the text. */
export const PAIR_DEPTH_MAX = 400

/** Of a comparison: pairs looked at, and edges of matchings. About two seconds. */
export const STEPS_MAX = 1_000_000

/** What a comparison lists; a reader of more has stopped long before. */
export const DIFFERENCES_MAX = 1_000

/** Characters of all their paths: names may be long. */
export const PATHS_LENGTH_MAX = 1_000_000

/** Characters of one name of a property. */
export const NAME_LENGTH_MAX = 10_000

/** Pairs of schemas that are looked at for risks. */
export const RISK_PAIRS_MAX = 100_000

/** Problems that one schema lists. */
export const PROBLEMS_MAX = 100

/** Characters of a fragment or of a counterexample. */
export const FRAGMENT_LENGTH_MAX = 200
