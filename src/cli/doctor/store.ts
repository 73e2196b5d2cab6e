/** The store: whether it is one, can be written, and has room. Changes nothing. */
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { formatCount } from '../../base/words.ts'
import { refuseStrangeFile } from '../../store/sqlite-file.ts'
import { type CheckResult, fail, ok, warn } from './check.ts'

/** Less than that is full within hours. */
const FREE_MB_FAIL = 100
/** Less than that is full within days. */
const FREE_MB_WARN = 1_000

export interface StoreFacts {
  readonly path: string
  /** null: there is no file yet */
  readonly mb: number | null
  /** Why it is no store of ours, or null. */
  readonly strange: { readonly message: string; readonly todo: string } | null
  /** What may not be written, or null. */
  readonly readOnly: string | null
  /** null: the system does not tell */
  readonly freeMb: number | null
}

export async function storeFacts(path: string): Promise<StoreFacts> {
  const folder = dirname(resolve(path))
  const size = await stat(path).then(
    (s) => s.size,
    () => null,
  )
  const writable = (of: string): Promise<string | null> =>
    access(of, constants.W_OK).then(
      () => null,
      () => of,
    )
  return {
    path,
    mb: size === null ? null : Math.ceil(size / 1e6),
    strange: strangeOf(path),
    // The log beside the file is written as well.
    readOnly: (await writable(folder)) ?? (size === null ? null : await writable(path)),
    freeMb: await statfs(folder).then(
      (s) => Math.floor((s.bavail * s.bsize) / 1e6),
      () => null,
    ),
  }
}

function strangeOf(path: string): StoreFacts['strange'] {
  try {
    refuseStrangeFile(path)
    return null
  } catch (error) {
    const hint = error instanceof QuipuError ? error.hint : undefined
    return { message: messageOf(error), todo: hint ?? 'Name another file with --store FILE.' }
  }
}

export function checkStore({ path, mb, strange, readOnly, freeMb }: StoreFacts): CheckResult[] {
  if (strange !== null) return [fail('store', path, strange.message, strange.todo)]
  const results: CheckResult[] = []
  if (readOnly !== null) {
    const todo = 'Give this user the right to write it, or name another store with --store FILE.'
    results.push(fail('store', path, `${readOnly} cannot be written`, todo))
  } else {
    const size = mb === null ? 'is not there yet; `quipu audit` makes it' : `${formatCount(mb)} MB`
    results.push(ok('store', path, size))
  }
  if (freeMb === null) return results
  const free = `${formatCount(freeMb)} MB are free on its disk`
  if (freeMb >= FREE_MB_WARN) return [...results, ok('store-space', path, free)]
  const todo = 'Free some, or keep windows for a shorter time: quipu audit --retention 8d'
  const say = freeMb < FREE_MB_FAIL ? fail : warn
  return [...results, say('store-space', path, free, todo)]
}
