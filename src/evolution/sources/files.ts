/**
 * Files of one folder, wherever it is kept: in the file system or in a commit.
 *
 * Laws: paths are relative to the folder, with `/`; a link out of it is not read; nothing outside of
 * the limits is read in part.
 */
import { byText } from '../../base/by-text.ts'
import { QuipuError } from '../../base/errors.ts'
import { formatCount } from '../../base/words.ts'
import { FILE_BYTES_MAX, FILES_MAX, TREE_BYTES_MAX } from './limits.ts'

export interface Files {
  /** Those with the extension of a schema, in a fixed order. Null: there is no such folder. */
  list(): Promise<readonly string[] | null>
  /** Paths that do not exist are left out. */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** For messages. */
  nameOf(path: string): string
}

const extensions = ['.avsc', '.json', '.proto']

export function hasSchemaExtension(path: string): boolean {
  return extensions.some((extension) => path.toLowerCase().endsWith(extension))
}

/** Where packages and tools keep theirs: not the schemas of a project. */
export function isPassedOver(folder: string): boolean {
  return folder === 'node_modules' || folder.startsWith('.')
}

/** By code units: the same on every machine. */
export function inOrder(paths: Iterable<string>): string[] {
  return [...paths].sort(byText)
}

/** @throws QuipuError: bytes that are no text */
export function textOf(bytes: Uint8Array, name: string): string {
  try {
    // Takes a byte order mark away as well.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new QuipuError('CANNOT_JUDGE', `${name} is not UTF-8`, {
      cause,
      hint: 'Save it as UTF-8.',
    })
  }
}

/** Counts what is read from one place. */
export class Allowance {
  #bytes = 0

  /** @throws QuipuError */
  take(bytes: number, name: string): void {
    if (bytes > FILE_BYTES_MAX) {
      const message = `${name} has ${formatCount(bytes)} bytes; ${formatCount(FILE_BYTES_MAX)} are read`
      throw new QuipuError('CANNOT_JUDGE', message, { hint: 'Leave it out, or split it.' })
    }
    this.#bytes += bytes
    if (this.#bytes > TREE_BYTES_MAX) {
      const message = `more than ${formatCount(TREE_BYTES_MAX)} bytes of schemas, at ${name}`
      throw new QuipuError('CANNOT_JUDGE', message, { hint: 'Check fewer folders at a time.' })
    }
  }
}

/** @throws QuipuError */
export function requireFewFiles(count: number, folder: string): void {
  if (count <= FILES_MAX) return
  const message = `${folder} has more than ${formatCount(FILES_MAX)} files that may be schemas`
  throw new QuipuError('CANNOT_JUDGE', message, { hint: 'Name the folder that holds the schemas.' })
}
