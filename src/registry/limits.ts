/** What is asked of a registry at most, each with its reason. */

/** Of one answer of a registry: a schema of 10 MB, escaped within JSON. */
export const ANSWER_BYTES_MAX: number = 16 * 1024 * 1024

/** Requests to a registry at the same time. */
export const REQUESTS_AT_ONCE = 8
