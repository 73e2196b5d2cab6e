/** Files of a folder of the file system. */
import type { Dirent } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { formatCount } from '../../base/words.ts'
import {
  Allowance,
  type Files,
  hasSchemaExtension,
  inOrder,
  isPassedOver,
  requireFewFiles,
  textOf,
} from './files.ts'
import { ENTRIES_MAX, FILE_BYTES_MAX, FOLDER_DEPTH_MAX } from './limits.ts'

/** @param folder absolute. @param label how messages name it; '': the working folder */
export function folderFiles(folder: string, label: string): Files {
  const allowance = new Allowance()
  const nameOf = (path: string): string => (label === '' ? path : `${label}/${path}`)
  let root: string | null = null

  const readOne = async (path: string): Promise<string | null> => {
    if (path.split('/').includes('..')) return null
    let real: string
    try {
      root ??= await realpath(folder)
      real = await realpath(join(folder, path))
      if (!(await stat(real)).isFile()) return null
    } catch (cause) {
      if (isMissing(cause)) return null
      throw unreadable(nameOf(path), cause)
    }
    if (!isWithin(root, real)) return null
    return textOf(await bytesOf(real, nameOf(path), allowance), nameOf(path))
  }

  return {
    nameOf,
    async list() {
      const found: string[] = []
      const waiting: { path: string; depth: number }[] = [{ path: '', depth: 0 }]
      let entries = 0
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { path, depth } = next
        const inside = await entriesOf(join(folder, path), nameOf(path))
        if (inside === null) {
          if (path === '') return null
          continue
        }
        entries += inside.length
        if (entries > ENTRIES_MAX || depth > FOLDER_DEPTH_MAX) throw tooMuch(nameOf(path))
        for (const entry of inside) {
          const below = path === '' ? entry.name : `${path}/${entry.name}`
          if (entry.isDirectory()) {
            if (!isPassedOver(entry.name)) waiting.push({ path: below, depth: depth + 1 })
          } else if (hasSchemaExtension(entry.name) && (entry.isFile() || entry.isSymbolicLink())) {
            found.push(below)
          }
        }
        requireFewFiles(found.length, label === '' ? folder : label)
      }
      return inOrder(found)
    },
    async read(paths) {
      const texts = new Map<string, string>()
      // One after the other: thousands at once would run out of descriptors.
      for (const path of paths) {
        const text = await readOne(path)
        if (text !== null) texts.set(path, text)
      }
      return texts
    },
  }
}

async function entriesOf(folder: string, name: string): Promise<Dirent[] | null> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (cause) {
    if (isMissing(cause)) return null
    throw unreadable(name, cause)
  }
}

async function bytesOf(path: string, name: string, allowance: Allowance): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      allowance.take((await file.stat()).size, name)
      // A file that grows while it is read is cut there, and then it is too large.
      const bytes = Buffer.alloc(Math.min((await file.stat()).size, FILE_BYTES_MAX) + 1)
      let length = 0
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return bytes.subarray(0, length)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof QuipuError) throw cause
    throw unreadable(name, cause)
  }
}

function isWithin(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep)
}

function isMissing(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function unreadable(name: string, cause: unknown): QuipuError {
  const message = `${name} cannot be read: ${messageOf(cause)}`
  return new QuipuError('CANNOT_JUDGE', message, { cause, hint: 'Give the right to read it.' })
}

function tooMuch(name: string): QuipuError {
  const message =
    `more than ${formatCount(ENTRIES_MAX)} files and folders,` +
    ` or ${FOLDER_DEPTH_MAX} folders within each other, at ${name}`
  const hint = 'Name the folder that holds the schemas.'
  return new QuipuError('CANNOT_JUDGE', message, { hint })
}
