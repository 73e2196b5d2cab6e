/** The store for the one auditor that writes it: locked before it is opened, so before it is changed. */
import { lockForAuditor } from './auditor-lock.ts'
import { openSqliteStore } from './sqlite.ts'
import { refuseStrangeFile } from './sqlite-file.ts'
import type { SqliteOptions } from './sqlite-options.ts'
import type { Store } from './store.ts'

/**
 * Closing it lets the next one in. @throws QuipuError STORE: another auditor has it, or it is none of
 * ours; then nothing has been made or changed
 */
export async function openStoreForAuditor(
  path: string,
  options: SqliteOptions = {},
): Promise<Store> {
  refuseStrangeFile(path)
  const lock = await lockForAuditor(path)
  try {
    const store = await openSqliteStore(path, options)
    const close = store.close.bind(store)
    const locked = Object.assign(store, { close: () => close().finally(() => lock.release()) })
    return await writable(locked)
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Who may only read learns it now, not with the first frames: SQLite refuses nothing before a write. */
async function writable(store: Store): Promise<Store> {
  try {
    await store.setFact('audited', true)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}
