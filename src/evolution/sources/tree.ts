/** The schemas of one tree by subject, each with the files it refers to. */
import { QuipuError } from '../../base/errors.ts'
import type { SchemaFormat } from '../engine.ts'
import type { Files } from './files.ts'
import { formatOf } from './format.ts'
import { Catalog, type CatalogFile } from './references/catalog.ts'
import { referencesOf, refersToOthers } from './references/resolve.ts'
import type { SchemaVersion } from './source.ts'

export interface TreeOptions {
  /** Folder or file below the root; '': all. */
  readonly below: string
  readonly subjectOf: (path: string) => string
  readonly importRoots: readonly string[]
  readonly format?: SchemaFormat | undefined
  readonly isWanted: (subject: string) => boolean
}

export interface TreeVersion {
  readonly version: SchemaVersion
  /** Below the root. */
  readonly path: string
}

export interface SchemaTree {
  readonly versions: ReadonlyMap<string, TreeVersion>
  readonly skipped: readonly string[]
}

/** Null: there is neither such a folder nor such a file. @throws QuipuError */
export async function readTree(files: Files, options: TreeOptions): Promise<SchemaTree | null> {
  const { below, format, importRoots, subjectOf, isWanted } = options
  const alone = below === '' ? null : ((await files.read([below])).get(below) ?? null)
  if (alone !== null) {
    const file = catalogFile(below, alone, format)
    if (file === null) return { versions: new Map(), skipped: [files.nameOf(below)] }
    const catalog = new Catalog(new Map([[below, file]]), importRoots)
    if (!refersToOthers(below, catalog)) return treeOf([below], catalog)
  }

  const found = await files.list()
  if (found === null) return null
  // A file that was named may be called anything.
  const listed = alone === null || found.includes(below) ? found : [...found, below]
  const texts = await files.read(alone === null ? listed : sameKind(listed, below))
  const known = new Map<string, CatalogFile>()
  const skipped: string[] = []
  for (const [path, text] of texts) {
    const file = catalogFile(path, text, path === below ? format : forced(path, format))
    if (file !== null) known.set(path, file)
    else if (isBelow(path, below)) skipped.push(files.nameOf(path))
  }
  const within = [...known.keys()].filter((path) => isBelow(path, below))
  const isThere = below === '' || listed.some((path) => isBelow(path, below))
  return isThere ? { ...treeOf(within, new Catalog(known, importRoots)), skipped } : null

  function treeOf(paths: readonly string[], catalog: Catalog): SchemaTree {
    const versions = new Map<string, TreeVersion>()
    for (const path of paths) {
      const subject = subjectOf(path)
      if (!isWanted(subject)) continue
      const other = versions.get(subject)
      if (other !== undefined) throw sameSubject(subject, other.version.name, files.nameOf(path))
      versions.set(subject, versionOf(path, catalog, files))
    }
    return { versions, skipped: [] }
  }
}

/** Whether a path is one that was asked for. @param below a folder or a file; '': all */
export function isBelow(path: string, below: string): boolean {
  return below === '' || path === below || path.startsWith(`${below}/`)
}

function catalogFile(
  path: string,
  text: string,
  format: SchemaFormat | undefined,
): CatalogFile | null {
  const found = format ?? formatOf(path, text)
  return found === null ? null : { text, format: found }
}

/** What a tree is said to hold does not make a Protobuf file JSON, nor the other way round. */
function forced(path: string, format: SchemaFormat | undefined): SchemaFormat | undefined {
  const isProto = path.toLowerCase().endsWith('.proto')
  return isProto === (format === 'protobuf') ? format : undefined
}

function sameKind(paths: readonly string[], path: string): readonly string[] {
  const extension = path.slice(path.lastIndexOf('.')).toLowerCase()
  return paths.filter((other) => other === path || other.toLowerCase().endsWith(extension))
}

function versionOf(path: string, catalog: Catalog, files: Files): TreeVersion {
  const { text, format } = catalog.files.get(path) as CatalogFile
  const references = new Map<string, string>()
  const referencePaths = new Map<string, string>()
  for (const [name, target] of referencesOf(path, catalog)) {
    references.set(name, (catalog.files.get(target) as CatalogFile).text)
    referencePaths.set(name, files.nameOf(target))
  }
  return {
    version: { name: files.nameOf(path), text, format, references, referencePaths },
    path,
  }
}

function sameSubject(subject: string, one: string, other: string): QuipuError {
  const message = `${one} and ${other} are both the subject ${subject}`
  const hint = 'Rename one, or give a rule for subjects such as `{path}.{extension}`.'
  return new QuipuError('CONFIG', message, { hint })
}
