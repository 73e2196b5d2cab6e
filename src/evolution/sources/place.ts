/** A path that somebody gave, as a folder that subjects are named below, and what is meant in it. */
import { statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { QuipuError } from '../../base/errors.ts'

export interface Place {
  /** Absolute. */
  readonly root: string
  /** For messages: below the working folder where it is; '': the working folder. */
  readonly label: string
  /** Folder or file below the root, with `/`; '': all of it. */
  readonly below: string
  readonly isFile: boolean
}

/** @param root absolute; null: each folder is its own, and a file's is the one it is in */
export function placeOf(path: string, workingFolder: string, root: string | null): Place {
  const absolute = resolve(workingFolder, path)
  const kind = kindOf(absolute)
  if (kind === null) {
    const hint = 'Check the path; it is relative to the working folder.'
    throw new QuipuError('CONFIG', `there is no file or folder ${path}`, { hint })
  }
  const isFile = kind === 'file'
  const isInRoot = root !== null && isWithin(root, absolute)
  const top = isInRoot ? root : isFile ? dirname(absolute) : absolute
  return {
    ...{ root: top, isFile, below: slashed(relative(top, absolute)) },
    label: slashed(relative(workingFolder, top)),
  }
}

export function kindOf(path: string): 'file' | 'folder' | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : found.isDirectory() ? 'folder' : 'file'
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function slashed(path: string): string {
  return path.split(sep).join('/')
}
