/**
 * One auditor to a store: a lock beside it that the system gives back when its process dies.
 *
 * Readers need no lock. The file stays: to delete it could let two in.
 */
import { QuipuError } from '../base/errors.ts'
import { storeError } from './sqlite-errors.ts'
import { loadDriver } from './sqlite-open.ts'

export interface AuditorLock {
  release(): void
}

/** A handle that nobody can reach any more is closed by and by, and its lock with it. */
const held = new Set<object>()

/** @throws QuipuError STORE if another process has it */
export async function lockForAuditor(path: string): Promise<AuditorLock> {
  if (path === ':memory:') return { release: () => {} }
  const Database = await loadDriver()
  try {
    const db = new Database(`${path}-auditor`, { timeout: 0 })
    try {
      db.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      db.close()
      throw error
    }
    held.add(db)
    return {
      release: () => {
        held.delete(db)
        db.close()
      },
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') {
      throw new QuipuError('STORE', `store ${path} is in use by another auditor`, {
        hint: 'Stop that one, or give this one a store of its own with --store FILE.',
        cause: error,
      })
    }
    throw storeError(path, error)
  }
}
