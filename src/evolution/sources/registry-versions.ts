/** The versions of some subjects in a registry, with what they refer to, and in which mode they are. */
import { QuipuError } from '../../base/errors.ts'
import type {
  Answer,
  RegisteredReference,
  RegisteredSchema,
  Registry,
} from '../../registry/client.ts'
import { REQUESTS_AT_ONCE } from '../../registry/limits.ts'
import { type OpenOptions, openRegistry } from '../../registry/open.ts'
import { REFERENCES_MAX, VERSIONS_MAX } from './limits.ts'
import { modeNamed } from './mode-name.ts'
import type { GatherOptions, SchemaVersion, SubjectVersions } from './source.ts'

type Mode = NonNullable<SubjectVersions['mode']>

export interface RegistryRequest extends OpenOptions {
  readonly subjects: readonly string[]
  readonly modeOf: NonNullable<GatherOptions['modeOf']>
}

export interface RegistryVersions {
  /** Oldest first; a subject that is not registered is not in it. */
  readonly versions: ReadonlyMap<string, readonly SchemaVersion[]>
  readonly modes: ReadonlyMap<string, Mode>
}

export async function registryVersions(request: RegistryRequest): Promise<RegistryVersions> {
  const registry = openRegistry(request)
  try {
    const versions = new Map<string, readonly SchemaVersion[]>()
    const modes = new Map<string, Mode>()
    const waiting = [...request.subjects]
    const work = async (): Promise<void> => {
      for (let subject = waiting.shift(); subject !== undefined; subject = waiting.shift()) {
        const registered = modeOf(await registry.mode(subject), subject)
        modes.set(subject, registered)
        const mode = request.modeOf(subject) ?? registered
        const found = await versionsOf(registry, subject, mode)
        if (found !== null) versions.set(subject, found)
      }
    }
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work))
    return { versions, modes }
  } finally {
    registry.close()
  }
}

function modeOf(name: string, subject: string): Mode {
  const mode = modeNamed(name)
  if (mode !== null) return mode
  const message = `the registry has ${subject} in the mode ${name.slice(0, 60)}, which is none that is known`
  throw new QuipuError('CANNOT_JUDGE', message, { hint: 'Name a mode with --mode.' })
}

/** Null: it is not registered. */
async function versionsOf(
  registry: Registry,
  subject: string,
  mode: Mode,
): Promise<readonly SchemaVersion[] | null> {
  if (!mode.endsWith('_TRANSITIVE')) {
    const latest = await registry.version(subject, 'latest')
    return latest.ok ? [await withReferences(registry, latest.value)] : absent(latest.missing)
  }
  const numbers = await registry.versions(subject)
  if (!numbers.ok) return absent(numbers.missing)
  if (numbers.value.length > VERSIONS_MAX) throw tooMany(subject, numbers.value.length)
  const versions: SchemaVersion[] = []
  for (const number of numbers.value) {
    const version = await registry.version(subject, number)
    // One that was deleted meanwhile is no longer a version of the subject.
    if (version.ok) versions.push(await withReferences(registry, version.value))
  }
  return versions
}

function absent(missing: (Answer<never> & { ok: false })['missing']): null {
  if (missing === 'subject' || missing === 'version') return null
  throw new QuipuError('CANNOT_JUDGE', `the registry answers that there is no ${missing}`)
}

function nameOf({ subject, version }: RegisteredSchema): string {
  return `${subject} version ${version}`
}

async function withReferences(
  registry: Registry,
  registered: RegisteredSchema,
): Promise<SchemaVersion> {
  const { subject, schemaType, schema, references } = registered
  const texts = new Map<string, string>()
  const referencePaths = new Map<string, string>()
  const waiting: RegisteredReference[] = [...references]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (texts.has(next.name)) continue
    if (texts.size >= REFERENCES_MAX) throw tooMany(subject, texts.size)
    const found = await registry.version(next.subject, next.version)
    // Left out: the engine says what is missing, and where.
    if (!found.ok) continue
    texts.set(next.name, found.value.schema)
    referencePaths.set(next.name, nameOf(found.value))
    waiting.push(...found.value.references)
  }
  return {
    ...{ name: nameOf(registered), format: formatOf(schemaType, subject), text: schema },
    ...{ references: texts, referencePaths },
  }
}

const formats: Readonly<Record<string, SchemaVersion['format']>> = {
  AVRO: 'avro',
  JSON: 'json-schema',
  PROTOBUF: 'protobuf',
}

function formatOf(schemaType: string, subject: string): SchemaVersion['format'] {
  const format = formats[schemaType]
  if (format !== undefined) return format
  const message = `the registry holds ${subject} as ${schemaType}, which is no format that is known`
  throw new QuipuError('CANNOT_JUDGE', message, { hint: 'Leave this subject out.' })
}

function tooMany(subject: string, count: number): QuipuError {
  const message = `${subject} has ${count} versions or references, which is more than are read`
  return new QuipuError('CANNOT_JUDGE', message, {
    hint: 'Check it in a mode that is not transitive.',
  })
}
