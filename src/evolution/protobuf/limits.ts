/** What is believed of a schema text before it is called too large or too deep; each with its reason. */

/** Of all texts of a schema together. The largest published API has less than one in a file. */
export const TEXT_CHARS_MAX = 4_194_304

/** Messages within messages, as the compiler of Protocol Buffers allows. */
export const NESTING_MAX = 32

/** Components of a package or of a type name. */
export const NAME_PARTS_MAX = 64

export const FILES_MAX = 2_000

/**
 * Steps of the parser: for each statement of a block it looks through all earlier ones. One file of 7,000
 * messages, or one message of 2,500 fields, is below it.
 */
export const WORK_MAX = 50_000_000

/** Steps for a pair of fields of one message: their numbers are indexed anew for each field. */
export const FIELD_WORK = 8

/** Steps for an extension that waits for what it extends, at each message that comes before. */
export const EXTENSION_WORK = 16

/** Messages compared per pair of schemas, each pair once; beyond it nothing is called compatible. */
export const PAIRS_MAX = 100_000

/** Differences told of one pair: nobody reads more. */
export const DIFFERENCES_MAX = 10_000

/** Of what is wrong, as the library tells it. */
export const MESSAGE_CHARS_MAX = 300

/** Messages within one message that is tried. */
export const NODES_MAX = 500

/** Of a fragment and of a counterexample's text. */
export const FRAGMENT_CHARS_MAX = 240
