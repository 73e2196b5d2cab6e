/**
 * Files are written whole or not at all: beside their place first, and moved there once they are complete.
 * A device or a pipe is written as it is: whoever moved a file to `/dev/null` would take it from everybody.
 */
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf, QuipuError } from '../base/errors.ts'

interface Place {
  /** Where links lead to. */
  readonly target: string
  /** The same as `target`: it cannot be replaced. */
  readonly draft: string
}

/** @throws QuipuError FORBIDDEN: what was there is there still */
export function writeWhole(path: string, text: string): void {
  const place = placeOf(path)
  try {
    writeFileSync(place.draft, text)
    if (place.draft !== place.target) renameSync(place.draft, place.target)
  } catch (cause) {
    discard(place)
    throw cannotWrite(path, cause)
  }
}

/** Before work that ends in a file. @throws QuipuError FORBIDDEN: as `writeWhole` would say at its end */
export function needFolderOf(path: string): void {
  try {
    accessSync(dirname(path), constants.X_OK)
  } catch (cause) {
    throw cannotWrite(path, cause)
  }
}

/** @returns false: there is a file already. @throws QuipuError FORBIDDEN: there is none now either */
export function writeNew(path: string, text: string): boolean {
  let file: number
  try {
    file = openSync(path, 'wx')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cannotWrite(path, cause)
  }
  try {
    writeFileSync(file, text)
  } catch (cause) {
    rmSync(path, { force: true })
    throw cannotWrite(path, cause)
  } finally {
    closeSync(file)
  }
  return true
}

/**
 * @returns the number of lines; null: it was stopped, and nothing is written
 * @throws QuipuError FORBIDDEN, and whatever the lines throw
 */
export async function writeLines(
  path: string,
  lines: AsyncIterable<string>,
  stop: AbortSignal,
): Promise<number | null> {
  const { open } = await import('node:fs/promises')
  const place = placeOf(path)
  let count = 0
  try {
    const file = await open(place.draft, 'w')
    try {
      for await (const line of lines) {
        if (stop.aborted) break
        await file.writeFile(line)
        count++
      }
    } finally {
      await file.close()
    }
    if (stop.aborted) {
      discard(place)
      return null
    }
    if (place.draft !== place.target) renameSync(place.draft, place.target)
    return count
  } catch (cause) {
    discard(place)
    throw cause instanceof QuipuError ? cause : cannotWrite(path, cause)
  }
}

function placeOf(path: string): Place {
  // Links to what a process has open; whoever opened it goes on with that file, not with its successor.
  if (/^\/(dev|proc)\//.test(resolve(path))) return { target: path, draft: path }
  const there = statSync(path, { throwIfNoEntry: false })
  if (there !== undefined && !there.isFile()) return { target: path, draft: path }
  const target = there === undefined ? path : realpathSync(path)
  return { target, draft: `${target}.${process.pid}.tmp` }
}

function discard({ draft, target }: Place): void {
  if (draft !== target) rmSync(draft, { force: true })
}

const cannotWrite = (path: string, cause: unknown): QuipuError =>
  new QuipuError('FORBIDDEN', `cannot write ${path}: ${messageOf(cause)}`, {
    hint: 'Name a file in a folder that exists, has room, and that this user may write.',
    cause,
  })
