/**
 * Where schemas come from: the next version of each subject from the working tree, its earlier ones
 * from git, folders, files or a registry.
 *
 * Laws: nothing that a schema refers to is ever fetched; what could not be read is an error and never
 * "no earlier version", for that would acquit; the same trees give the same list in the same order.
 */
import type { Environment } from '../../base/environment.ts'
import type { RegistryAccess } from '../../registry/access.ts'
import type { SchemaFormat, SchemaSource } from '../engine.ts'
import type { Mode } from '../modes.ts'

/** A version whose format is known: a subject may change its format, which no reader survives. */
export interface SchemaVersion extends SchemaSource {
  readonly format: SchemaFormat
  /** What each reference is in, by the name in `references`: a file, or subject and version. */
  readonly referencePaths?: ReadonlyMap<string, string>
}

/** One subject as it is to be checked. */
export interface SubjectVersions {
  readonly subject: string
  /** Of the next version; of the last one where it is deleted. */
  readonly format: SchemaFormat
  /** Null: deleted. */
  readonly next: SchemaVersion | null
  /** Oldest first; none: a new subject. */
  readonly previous: readonly SchemaVersion[]
  /** As a registry says for this subject; absent: none was asked. */
  readonly mode?: Mode
  /** Of the next version, below the working folder where it is; null: deleted. */
  readonly path: string | null
  /** The file behind each reference of the next version, by the name in `next.references`. */
  readonly referencePaths: ReadonlyMap<string, string>
}

export interface GatheredSubjects {
  /** By name. */
  readonly subjects: readonly SubjectVersions[]
  /** Files with the extension of a schema that are none, such as other JSON: to be told. */
  readonly skipped: readonly string[]
}

export interface GatherOptions {
  /** Files and folders of the next versions. */
  readonly paths: readonly string[]
  /**
   * Oldest first: `git:REF`, `merge-base:REF`, `registry:URL`, a folder, a file; what is neither is
   * taken for a git ref.
   */
  readonly against: readonly string[]
  /** Absolute; paths are relative to it. */
  readonly workingFolder: string
  /**
   * Folder below which subjects are named and imports found, for all paths within it; default: each
   * folder that is given, and for a file the one it is in.
   */
  readonly root?: string
  /**
   * How a file's path gives its subject: `{path}` (below its root), `{folder}`, `{name}`, `{extension}`.
   * @defaultValue `{path}`: `orders/orders-value.avsc` is `orders/orders-value`
   */
  readonly subjectRule?: string
  /** Of every file; absent: from the extension, else from the text. */
  readonly format?: SchemaFormat
  /** Folders, relative to the root, in which Protobuf imports are looked for; default: the root. */
  readonly importRoots?: readonly string[]
  /** Which subjects are wanted; absent: all. */
  readonly isWanted?: (subject: string) => boolean
  /** The mode a subject is checked in, null: as the registry says. Tells how many versions to ask for. */
  readonly modeOf?: (subject: string) => Mode | null
  readonly registry?: RegistryAccess
  /** For the variables that `registry` names. */
  readonly env?: Environment
}
