/** What is read at most, each with its reason. */

/** Of one file. The largest public schemas have 4 MB; engines refuse before that what they cannot bear. */
export const FILE_BYTES_MAX: number = 10 * 1024 * 1024

/** Of all files read from one place: they are held in memory. */
export const TREE_BYTES_MAX: number = 256 * 1024 * 1024

/** With the extension of a schema, below one root. */
export const FILES_MAX = 10_000

/** Files and folders looked at below one root, whatever they are. */
export const ENTRIES_MAX = 200_000

/** Folders within each other; links to folders are not followed, so there are no circles. */
export const FOLDER_DEPTH_MAX = 64

/** Schemas that one schema refers to, each counted once. */
export const REFERENCES_MAX = 1_000

/** Links followed from one to the next. */
export const LINKS_MAX = 8

/** One run of git. A tree of 10,000 files takes about a second. */
export const GIT_TIMEOUT_MS = 60_000

/** Versions of one subject that are asked for; the oldest are not left out, it is refused. */
export const VERSIONS_MAX = 10_000
