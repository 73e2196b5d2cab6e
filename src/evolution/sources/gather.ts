/** The subjects to check, each with its next and earlier versions. */
import { resolve } from 'node:path'
import { QuipuError } from '../../base/errors.ts'
import { type Against, parseAgainst } from './against.ts'
import { inOrder } from './files.ts'
import { folderFiles } from './folder-files.ts'
import { gitFiles } from './git/files.ts'
import { commitOf, mergeBaseOf, pathInRepository, repositoryAround } from './git/repository.ts'
import { kindOf, type Place, placeOf } from './place.ts'
import { registryVersions } from './registry-versions.ts'
import type { GatheredSubjects, GatherOptions, SchemaVersion, SubjectVersions } from './source.ts'
import { subjectRule } from './subject-rule.ts'
import { isBelow, readTree, type SchemaTree, type TreeOptions, type TreeVersion } from './tree.ts'

/** What one source knows of the subjects. */
interface Earlier {
  /** Oldest first. */
  readonly versions: ReadonlyMap<string, readonly SchemaVersion[]>
  readonly modes: SubjectModes
  /** Whether it holds the subjects of these paths and no others: one that is missing was deleted. */
  readonly isWhole: boolean
}

type SubjectModes = ReadonlyMap<string, NonNullable<SubjectVersions['mode']>>

/** @throws QuipuError: a source that cannot be read; it says what to do */
export async function gatherSubjects(options: GatherOptions): Promise<GatheredSubjects> {
  const { workingFolder, against } = options
  const root = options.root === undefined ? null : resolve(workingFolder, options.root)
  const places = options.paths.map((path) => placeOf(path, workingFolder, root))
  const sources = against.map((text) =>
    parseAgainst(text, (path) => kindOf(resolve(workingFolder, path)) !== null),
  )
  const gathering = new Gathering(options, places)
  const { versions: next, skipped } = await gathering.next()
  const earlier: Earlier[] = []
  for (const source of sources) earlier.push(await gathering.earlier(source, next))
  const subjects = new Set(next.keys())
  // What only an older one holds was gone before.
  const last = earlier.findLast(({ isWhole }) => isWhole)
  for (const subject of last?.versions.keys() ?? []) subjects.add(subject)
  return {
    subjects: inOrder(subjects).map((subject) => versionsOf(subject, next.get(subject), earlier)),
    skipped: inOrder(skipped),
  }
}

function versionsOf(
  subject: string,
  next: TreeVersion | undefined,
  earlier: readonly Earlier[],
): SubjectVersions {
  const previous = earlier.flatMap(({ versions }) => versions.get(subject) ?? [])
  const mode = earlier.map(({ modes }) => modes.get(subject)).findLast((one) => one !== undefined)
  const newest = next?.version ?? (previous.at(-1) as SchemaVersion)
  return {
    ...{ subject, format: newest.format, next: next?.version ?? null, previous },
    ...(mode === undefined ? {} : { mode }),
    path: next?.version.name ?? null,
    referencePaths: next?.version.referencePaths ?? new Map(),
  }
}

class Gathering {
  readonly #options: GatherOptions
  readonly #places: readonly Place[]
  readonly #subjectOf: (path: string) => string
  readonly #isWanted: (subject: string) => boolean

  constructor(options: GatherOptions, places: readonly Place[]) {
    this.#options = options
    this.#places = places
    this.#subjectOf = subjectRule(options.subjectRule ?? '{path}')
    this.#isWanted = options.isWanted ?? (() => true)
  }

  async next(): Promise<SchemaTree> {
    const trees: SchemaTree[] = []
    for (const place of this.#places) trees.push(await this.#treeAt(place))
    return merged(trees)
  }

  async earlier(source: Against, next: SchemaTree['versions']): Promise<Earlier> {
    switch (source.kind) {
      case 'registry':
        return this.#registered(source.url, next)
      case 'path':
        return this.#atPath(source.path, next)
      default:
        return this.#committed(source)
    }
  }

  async #committed({ kind, ref }: Against & { kind: 'git' | 'merge-base' }): Promise<Earlier> {
    const repository = await repositoryAround(this.#options.workingFolder)
    const resolveRef = kind === 'git' ? commitOf : mergeBaseOf
    const commit = await resolveRef(repository, ref)
    const label = kind === 'git' ? ref : commit.slice(0, 12)
    const trees: SchemaTree[] = []
    for (const { root, below } of this.#places) {
      const folder = await pathInRepository(repository, root)
      const files = gitFiles({ top: repository.top, commit, folder, ref: label })
      // None: the folder is new, and so are its subjects.
      const tree = await readTree(files, this.#treeOptions(below))
      if (tree !== null) trees.push(tree)
    }
    return earlierOf(merged(trees).versions, true)
  }

  async #atPath(path: string, next: SchemaTree['versions']): Promise<Earlier> {
    const place = placeOf(path, this.#options.workingFolder, null)
    // One file against one file: whatever they are called, they are the same subject.
    const [only] = next.keys()
    const isOne = place.isFile && this.#places.length === 1 && this.#places[0]?.isFile === true
    if (isOne && next.size === 1 && only !== undefined) {
      const { versions } = await this.#treeAt(place, () => only)
      return earlierOf(versions, true)
    }
    const { versions } = await this.#treeAt(place)
    if (!place.isFile) return earlierOf(this.#asked(versions), true)
    const unknown = [...versions.keys()].find((subject) => !next.has(subject))
    if (unknown !== undefined) throw withoutNext(path, unknown)
    return earlierOf(versions, false)
  }

  async #registered(url: string, next: SchemaTree['versions']): Promise<Earlier> {
    const { registry = {}, env = {}, modeOf = () => null, workingFolder } = this.#options
    const found = await registryVersions({
      ...{ url, workingFolder, env, access: registry, modeOf, subjects: [...next.keys()] },
    })
    // It holds the subjects of others as well: what is only there was not deleted here.
    return { ...found, isWhole: false }
  }

  /** A folder may hold more than the files that are checked. */
  #asked(versions: SchemaTree['versions']): SchemaTree['versions'] {
    const isAsked = (path: string): boolean =>
      this.#places.some(({ below }) => isBelow(path, below))
    return new Map([...versions].filter(([, { path }]) => isAsked(path)))
  }

  async #treeAt(
    { root, label, below, isFile }: Place,
    subjectOf: (path: string) => string = this.#subjectOf,
  ): Promise<SchemaTree> {
    const tree = await readTree(folderFiles(root, label), {
      ...this.#treeOptions(below),
      subjectOf,
    })
    if (tree === null) return { versions: new Map(), skipped: [] }
    const [skipped] = tree.skipped
    if (isFile && tree.versions.size === 0 && skipped !== undefined) throw noSchema(skipped)
    return tree
  }

  #treeOptions(below: string): TreeOptions {
    const { format, importRoots = [] } = this.#options
    const [subjectOf, isWanted] = [this.#subjectOf, this.#isWanted]
    return { below, format, importRoots, subjectOf, isWanted }
  }
}

function earlierOf(versions: SchemaTree['versions'], isWhole: boolean): Earlier {
  const lists = [...versions].map(([subject, { version }]) => [subject, [version]] as const)
  return { versions: new Map(lists), modes: new Map(), isWhole }
}

function merged(trees: readonly SchemaTree[]): SchemaTree {
  const versions = new Map<string, TreeVersion>()
  for (const tree of trees) {
    for (const [subject, version] of tree.versions) {
      const other = versions.get(subject)
      if (other !== undefined && other.version.name !== version.version.name) {
        const [one, two] = [other.version.name, version.version.name]
        const hint = 'Give the folder above both, or check them one at a time.'
        throw new QuipuError('CONFIG', `${one} and ${two} are both the subject ${subject}`, {
          hint,
        })
      }
      versions.set(subject, version)
    }
  }
  return { versions, skipped: trees.flatMap(({ skipped }) => skipped) }
}

function noSchema(path: string): QuipuError {
  const message = `${path} is no schema that is known: neither Avro, JSON Schema nor Protobuf`
  const hint = 'Name the format, or call it .avsc, .schema.json or .proto.'
  return new QuipuError('CONFIG', message, { hint })
}

function withoutNext(path: string, subject: string): QuipuError {
  const message = `${path} is the subject ${subject}, which is not among those to check`
  const hint = 'Give one file on both sides, or a folder.'
  return new QuipuError('CONFIG', message, { hint })
}
