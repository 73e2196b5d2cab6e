/** What is believed of a schema text before it is called too large or too deep; each with its reason. */

/** Of all texts of a schema together. The largest published API has less than one in a file. */
export const TEXT_CHARS_MAX = 4_194_304

/** Messages within messages, as the compiler of Protocol Buffers allows. */
export const NESTING_MAX = 32

/** Components of a package or of a type name. */
export const NAME_PARTS_MAX = 64

export const FILES_MAX = 2_000

/**
 * Sum over all blocks of the square of their statements: the parser looks through all earlier ones for
 * each. One block of 7,000 statements is below it.
 */
export const WORK_MAX = 50_000_000

/** Messages compared per pair of schemas; each pair of messages is visited once. */
export const PAIRS_MAX = 200_000

/** Differences told of one pair: nobody reads more. */
export const DIFFERENCES_MAX = 10_000

/** Of a fragment and of a counterexample's text. */
export const FRAGMENT_CHARS_MAX = 240
