/** Where the broker's jars are kept between runs. */

import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `QUIPU_CACHE`, or `.cache` of the checkout, or the user's cache once installed as a package. */
export function cacheFolder(): string {
  const named = process.env.QUIPU_CACHE
  if (named) return join(named, 'kafka')
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)))
  if (root !== undefined && !root.includes(`${sep}node_modules${sep}`)) {
    return join(root, '.cache', 'kafka')
  }
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'quipu', 'kafka')
}

function packageRoot(folder: string): string | undefined {
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"quipu-audit"')) {
    return folder
  }
  const parent = dirname(folder)
  return parent === folder ? undefined : packageRoot(parent)
}
