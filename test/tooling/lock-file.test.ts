import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const file = join(import.meta.dirname, '..', '..', 'package-lock.json')
const { packages } = JSON.parse(readFileSync(file, 'utf8')) as {
  packages: Record<string, Locked>
}

/**
 * npm drops the binaries of other platforms when it cannot read about them while locking; `npm ci`
 * then refuses the lock file on every machine.
 */
it('names the optional packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(path, name))
      .map((name) => `${path}: ${name}`),
  )

  expect(missing).toEqual([])
})

it('binds nobody to a registry', () => {
  const resolved = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)

  expect(resolved.map(([path]) => path)).toEqual([])
})

/** As node finds it: in the folder of the package itself, then in every folder above. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    if (folder !== '' && packages[`${folder}/node_modules/${name}`]) return true
    if (!folder.includes('/node_modules/')) return `node_modules/${name}` in packages
  }
}
