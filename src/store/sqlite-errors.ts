/** What SQLite and the file system say, as errors that tell what to do. */
import { type ErrorCode, messageOf, QuipuError } from '../base/errors.ts'
import { SketchFormatError } from '../sketch/sketch.ts'

/** By the beginning of SQLite's code; the first hit wins. */
const table: readonly (readonly [prefix: string, code: ErrorCode, what: string, hint: string])[] = [
  [
    'SQLITE_FULL',
    'STORE',
    'is full',
    'Free space on its disk, or raise its limit; nothing was half-written.',
  ],
  [
    'SQLITE_BUSY',
    'STORE',
    'is busy: another process has been writing to it for too long',
    'Stop the other auditor, or give this one a store of its own.',
  ],
  [
    'SQLITE_IOERR',
    'STORE',
    'cannot be read or written',
    'Check its disk and file system; nothing was half-written.',
  ],
  [
    'SQLITE_NOTADB',
    'STORE',
    'is a file of another kind, not an SQLite database',
    'Name another file, or move this one away.',
  ],
  [
    'SQLITE_CORRUPT',
    'STORE',
    'is damaged',
    'Move it away: a new one is filled again from the audit topic, as far back as that is kept.',
  ],
  [
    'SQLITE_READONLY',
    'FORBIDDEN',
    'cannot be written',
    'Give this user the right to write the file and its folder, or name another file.',
  ],
  [
    'SQLITE_CANTOPEN',
    'FORBIDDEN',
    'cannot be opened or created',
    'Name a file in a folder where this user may write.',
  ],
]

/** Bytes that were checked before they were stored, and cannot be read any more. */
export class DamagedBytes extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what} cannot be read: ${messageOf(cause)}`, { cause })
    this.name = 'DamagedBytes'
  }
}

/** What may be over by and by without anybody touching the file: room, rights, disks, other writers. */
const PASSING = ['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_IOERR', 'SQLITE_READONLY', 'SQLITE_CANTOPEN']

/** Whether it is a failure of a store, and one that may pass. */
export function storeFailure(error: unknown): 'passing' | 'lasting' | null {
  if (!(error instanceof QuipuError)) return null
  const { cause } = error
  const code = (cause as { code?: unknown } | null | undefined)?.code
  if (cause instanceof SketchFormatError || cause instanceof DamagedBytes) return 'lasting'
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return null
  // What was moved away under us stays away.
  if (code === 'SQLITE_READONLY_DBMOVED') return 'lasting'
  return PASSING.some((prefix) => code.startsWith(prefix)) ? 'passing' : 'lasting'
}

/** Any error of the driver as a QuipuError; assertions and QuipuErrors pass as they are. */
export function storeError(path: string, error: unknown): unknown {
  // Sketches are checked before they are stored, so these bytes have changed since.
  const code =
    error instanceof SketchFormatError || error instanceof DamagedBytes
      ? 'SQLITE_CORRUPT'
      : (error as { code?: unknown } | null)?.code
  if (error instanceof QuipuError || typeof code !== 'string' || !code.startsWith('SQLITE_')) {
    return error
  }
  for (const [prefix, errorCode, what, hint] of table) {
    if (code.startsWith(prefix)) {
      return new QuipuError(errorCode, `store ${path} ${what}`, { hint, cause: error })
    }
  }
  return new QuipuError('STORE', `store ${path}: ${messageOf(error)} (${code})`, { cause: error })
}
