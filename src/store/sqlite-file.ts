/** Which files are no store that this version can open, told by what stands in them and changing nothing. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { QuipuError } from '../base/errors.ts'
import { migrations } from './migrations/index.ts'
import { storeError } from './sqlite-errors.ts'

/** `QUPU`: marks the file as a store of ours. */
export const APPLICATION_ID = 0x51555055

/** The beginning of an SQLite file, with that of the table of tables: https://sqlite.org/fileformat.html */
const HEADER_BYTES = 105
const MAGIC = 'SQLite format 3\0'
const VERSION_AT = 60
const APPLICATION_ID_AT = 68
const PAGE_KIND_AT = 100
const LEAF = 0x0d
const CELLS_AT = 103

/** @throws QuipuError if the path is a folder, or in a folder that is not there */
export function refuseMissingFolder(path: string): void {
  if (path === ':memory:') return
  const folder = dirname(path)
  if (!existsSync(folder)) {
    throw new QuipuError('NOT_FOUND', `store ${path}: the folder ${folder} does not exist`, {
      hint: `Make it first: mkdir -p ${folder}`,
    })
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw new QuipuError('STORE', `store ${path} is a folder`, { hint: 'Name a file.' })
  }
}

/** @throws QuipuError STORE: a store of a newer version, or a database of something else */
export function refuseStore(path: string, applicationId: number, version: number): void {
  if (applicationId !== APPLICATION_ID) {
    throw new QuipuError('STORE', `store ${path} is the database of another program`, {
      hint: 'Name another file.',
    })
  }
  if (version > migrations.length) {
    throw new QuipuError(
      'STORE',
      `store ${path} was made by a newer version (tables ${version}, known ${migrations.length})`,
      { hint: 'Update quipu-audit, or name another file; this one was left as it is.' },
    )
  }
}

/**
 * Asks the file itself, before anything is made beside it. What it cannot tell it lets pass: SQLite is
 * asked when the store is opened. @throws QuipuError
 */
export function refuseStrangeFile(path: string): void {
  refuseMissingFolder(path)
  if (path === ':memory:' || !existsSync(path)) return
  const header = headerOf(path)
  if (header === null) return
  if (!header.toString('latin1').startsWith(MAGIC))
    throw storeError(path, Object.assign(new Error('no SQLite header'), { code: 'SQLITE_NOTADB' }))
  const version = header.readUInt32BE(VERSION_AT)
  // Its log may hold more than the file, but nothing to the contrary: a store becomes ours while it is
  // empty, in one transaction, and its version only grows.
  const isEmpty = header[PAGE_KIND_AT] === LEAF && header.readUInt16BE(CELLS_AT) === 0
  if (version > 0 || !isEmpty) refuseStore(path, header.readUInt32BE(APPLICATION_ID_AT), version)
}

/** Null: too short for one, or it cannot be read. */
function headerOf(path: string): Buffer | null {
  const header = Buffer.alloc(HEADER_BYTES)
  try {
    const file = openSync(path, 'r')
    try {
      return readSync(file, header) < HEADER_BYTES ? null : header
    } finally {
      closeSync(file)
    }
  } catch {
    return null
  }
}
