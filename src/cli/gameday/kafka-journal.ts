/**
 * Journals: what a worker did, one line of JSON each, outside of the system under test.
 *
 * A line is with the operating system when `note` returns, so a killed worker loses none; the one it was
 * writing may be cut off, and is left out.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

export class Journal<T> {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  /** The newline comes first as well: what a killed worker began to write must not swallow a line. */
  note(entry: T): void {
    writeSync(this.#file, `\n${JSON.stringify(entry)}\n`)
  }

  close(): void {
    closeSync(this.#file)
  }
}

export function readJournal<T>(path: string): T[] {
  const entries: T[] = []
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  for (const line of text.split('\n')) {
    if (line === '') continue
    try {
      entries.push(JSON.parse(line) as T)
    } catch {
      // Cut off by a kill.
    }
  }
  return entries
}
