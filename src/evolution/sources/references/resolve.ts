/**
 * What a schema refers to, directly or through others, found among the files of its tree.
 *
 * Laws: what is not found is left out, so that the engine says what is missing and where; one name
 * means one file, and where it could mean two nothing is guessed.
 */
import { QuipuError } from '../../../base/errors.ts'
import { inOrder } from '../files.ts'
import { REFERENCES_MAX } from '../limits.ts'
import { type Catalog, type CatalogFile, uriOf } from './catalog.ts'
import { resolveUri } from './json-schema.ts'

/** Files by the name under which the engine looks for them. */
export type Resolved = ReadonlyMap<string, string>

/** @throws QuipuError: a name that means two files, or too many of them */
export function referencesOf(path: string, catalog: Catalog): Resolved {
  const found = new Found(path, catalog)
  const { format } = catalog.files.get(path) as CatalogFile
  if (format === 'avro') followNames(path, catalog, found)
  else if (format === 'protobuf') followImports(path, catalog, found)
  else followUris(path, catalog, found)
  return found.files
}

/** Whether anything is meant that the text itself does not hold: else no other file need be read. */
export function refersToOthers(path: string, catalog: Catalog): boolean {
  const { format } = catalog.files.get(path) as CatalogFile
  if (format === 'avro') return catalog.avroNamesOf(path).missing.length > 0
  if (format === 'protobuf') return catalog.importsOf(path).length > 0
  return catalog.jsonUrisOf(path, uriOf(path)).references.length > 0
}

class Found {
  readonly files = new Map<string, string>()
  readonly #path: string
  readonly #catalog: Catalog

  constructor(path: string, catalog: Catalog) {
    this.#path = path
    this.#catalog = catalog
  }

  /** True: it is new. */
  add(name: string, path: string): boolean {
    const known = this.files.get(name)
    if (known === undefined) {
      if (this.files.size >= REFERENCES_MAX) {
        const message = `${this.#path} refers to more than ${REFERENCES_MAX} schemas`
        throw new QuipuError('CANNOT_JUDGE', message, { hint: 'Split it.' })
      }
      this.files.set(name, path)
      return true
    }
    if (known !== path && this.#textOf(known) !== this.#textOf(path)) {
      throw ambiguous(this.#path, name, [known, path])
    }
    return false
  }

  #textOf(path: string): string | undefined {
    return this.#catalog.files.get(path)?.text
  }
}

function followNames(start: string, catalog: Catalog, found: Found): void {
  const waiting = [start]
  const seen = new Set(waiting)
  // What a text that is there already defines needs no other file.
  const defined = new Set<string>(catalog.avroNamesOf(start).defined)
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    for (const names of catalog.avroNamesOf(path).missing) {
      if (names.some((name) => defined.has(name))) continue
      for (const name of names) {
        const target = oneOf(start, name, catalog.definingAvro(name), catalog)
        if (target === null) continue
        if (!seen.has(target)) {
          seen.add(target)
          found.add(name, target)
          waiting.push(target)
          for (const other of catalog.avroNamesOf(target).defined) defined.add(other)
        }
        break
      }
    }
  }
}

/** The file whose own name it is, before one that defines it inside; the nearer before the farther. */
function oneOf(
  start: string,
  name: string,
  paths: readonly string[],
  catalog: Catalog,
): string | null {
  const rank = (path: string): number =>
    (catalog.avroNamesOf(path).root === name ? 1_000 : 0) + sharedFolders(start, path)
  const best = Math.max(...paths.map(rank))
  const candidates = paths.filter((path) => rank(path) === best)
  const texts = new Set(candidates.map((path) => catalog.files.get(path)?.text))
  if (texts.size > 1) throw ambiguous(start, name, candidates)
  return candidates[0] ?? null
}

function sharedFolders(a: string, b: string): number {
  const [left, right] = [a.split('/').slice(0, -1), b.split('/').slice(0, -1)]
  const parted = left.findIndex((folder, i) => folder !== right[i])
  return parted === -1 ? left.length : parted
}

function followImports(start: string, catalog: Catalog, found: Found): void {
  const waiting = [start]
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    for (const name of catalog.importsOf(path)) {
      const target = imported(name, path, catalog)
      if (target !== null && found.add(name, target)) waiting.push(target)
    }
  }
}

/**
 * Below a root for imports, else below a folder around the importing file, outermost first: as if the
 * compiler had been told that folder.
 */
function imported(name: string, by: string, catalog: Catalog): string | null {
  const around = by.split('/').slice(0, -1)
  const folders = [
    ...catalog.importRoots,
    '',
    ...around.map((_, i) => around.slice(0, i + 1).join('/')),
  ]
  for (const folder of folders) {
    const path = catalog.atPath(folder === '' ? name : `${folder}/${name}`)
    if (path !== null) return path
  }
  return null
}

/** Against what the engine resolves the references of a schema without `$id`. */
const ENGINE_BASE = 'mem://input/'

/**
 * A reference is looked for by the URI that it has in the tree, and given under the one that it has for
 * the engine, which knows no folders.
 */
function followUris(start: string, catalog: Catalog, found: Found): void {
  const waiting = [{ path: start, base: ENGINE_BASE }]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, base } = next
    const inTree = catalog.jsonUrisOf(path, uriOf(path)).references
    const uris = new Map(inTree.map((reference) => [reference.text, reference.uri]))
    for (const { text: written, uri } of catalog.jsonUrisOf(path, base).references) {
      const target =
        catalog.atUri(uris.get(written) ?? uri) ??
        // Beside the file, whatever its `$id` says.
        (isRelative(written) ? catalog.atUri(resolveUri(written, uriOf(path))) : null)
      if (target === null || target === start) continue
      const name = uri.startsWith(ENGINE_BASE) ? uri.slice(ENGINE_BASE.length) : uri
      if (found.add(name, target)) waiting.push({ path: target, base: uri })
    }
  }
}

function isRelative(reference: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(reference)
}

function ambiguous(path: string, name: string, targets: readonly string[]): QuipuError {
  const [one, other] = inOrder(targets)
  const message = `\`${name}\`, which ${path} refers to, may be ${one} or ${other}`
  const hint = 'Give them different names, or check their folders one at a time.'
  return new QuipuError('CANNOT_JUDGE', message, { hint })
}
