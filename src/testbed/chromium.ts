/** A Chromium for tests of pages: the one that the machine has; none is fetched. */

import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { QuipuError } from '../base/errors.ts'

export interface TestChromium {
  readonly path: string
  readonly flags: readonly string[]
}

const programNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** What CHROMIUM names and nothing else; or PATH. Throws MISSING_PART. */
export async function findChromium(): Promise<TestChromium> {
  const named = process.env.CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const paths = named
    ? [named]
    : folders.flatMap((folder) => programNames.map((name) => join(folder, name)))
  for (const path of paths) {
    if (await isProgram(path)) return { path, flags: flags() }
  }
  throw new QuipuError('MISSING_PART', 'No page can be opened: Chromium missing', {
    hint: named
      ? `Set CHROMIUM to the program itself: ${named} is none.`
      : 'On Debian, run `apt-get install chromium`; or set CHROMIUM to the program.',
  })
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/** It refuses to run as root with its sandbox; small machines have little shared memory. */
const flags = (): string[] => [
  '--disable-dev-shm-usage',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]
