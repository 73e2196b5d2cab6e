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
    return Object.assign(store, { close: () => close().finally(() => lock.release()) })
  } catch (error) {
    lock.release()
    throw error
  }
}
