/** `schemas` of a pipeline file: what `quipu schema check` does where no flag says otherwise. */
import { dirname, resolve } from 'node:path'
import { parseDuration } from '../base/duration.ts'
import type { Policy } from '../evolution/engine.ts'
import type { Place } from '../evolution/finding.ts'
import type { Mode } from '../evolution/modes.ts'
import type { LevelSetting } from '../evolution/severity.ts'
import type { Suppression } from '../evolution/suppress.ts'
import type { RegistryAccess, RegistryPlace } from '../registry/access.ts'
import type { Path } from './document.ts'
import type { SchemasInput } from './schemas-shape.ts'

export interface SubjectSetting {
  /** A pattern. */
  readonly subject: string
  readonly mode: Mode | null
  readonly policy: Policy | null
}

export interface PlacedLevel extends LevelSetting {
  readonly place: Place
}

export interface SchemasConfig {
  /** Folder of the file: relative sources start there. */
  readonly folder: string
  /** Absolute. */
  readonly paths: readonly string[]
  readonly against: readonly string[]
  readonly mode: Mode | null
  readonly policy: Policy | null
  readonly subjectRule: string | null
  readonly importRoots: readonly string[] | null
  readonly subjects: readonly SubjectSetting[]
  readonly levels: readonly PlacedLevel[]
  readonly suppressions: readonly Suppression[]
  readonly registry: RegistryAccess | null
  /** Null: the file does not say where one is. */
  readonly registryPlace: RegistryPlace | null
}

export interface SchemasContext {
  readonly file: string
  readonly keyAt: (path: Path, key: string) => { readonly line: number; readonly column: number }
  readonly complain: (path: Path, message: string) => void
}

export function schemasOf(input: SchemasInput, context: SchemasContext): SchemasConfig {
  const { file, keyAt } = context
  const { path = [], against = [], subjects = [], suppress = [], registry } = input
  const folder = dirname(resolve(file))
  const access = registry === undefined ? null : registryOf(registry, folder, context)
  const placeOf = (at: Path, key: string): Place => ({ source: file, ...keyAt(at, key) })
  const levelsOf = (
    rules: SchemasInput['rules'],
    subject: string | null,
    at: Path,
  ): PlacedLevel[] =>
    Object.entries(rules ?? {}).map(([rule, level]) => {
      return { rule, level, subject, place: placeOf([...at, 'rules'], rule) }
    })
  return {
    folder,
    paths: path.map((one) => resolve(folder, one)),
    against,
    ...{ mode: input.mode ?? null, policy: input.policy ?? null },
    ...{ subjectRule: input.name ?? null, importRoots: input.imports ?? null },
    subjects: subjects.map(({ subject, mode = null, policy = null }) => ({
      subject,
      mode,
      policy,
    })),
    levels: [
      ...subjects.flatMap(({ subject, rules }, i) =>
        levelsOf(rules, subject, ['schemas', 'subjects', i]),
      ),
      ...levelsOf(input.rules, null, ['schemas']),
    ],
    suppressions: suppress.map(({ rule, subject = null, path: at = null, reason, until }, i) => {
      return {
        rule,
        subject,
        path: at,
        reason,
        until,
        place: placeOf(['schemas', 'suppress', i], 'rule'),
      }
    }),
    registry: access,
    registryPlace:
      access === null || registry?.url === undefined
        ? null
        : { url: registry.url, workingFolder: folder, access },
  }
}

function registryOf(
  { user, password, token, ca, timeout }: NonNullable<SchemasInput['registry']>,
  folder: string,
  { complain }: SchemasContext,
): RegistryAccess {
  const at = ['schemas', 'registry'] as const
  if (token !== undefined && (user !== undefined || password !== undefined)) {
    complain(at, '`schemas.registry`: expected `token`, or `user` and `password`, not both')
  } else if ((user === undefined) !== (password === undefined)) {
    complain(at, '`schemas.registry`: `user` and `password` belong together')
  }
  const auth: RegistryAccess['auth'] =
    token !== undefined
      ? { kind: 'bearer', tokenVariable: token }
      : user !== undefined && password !== undefined
        ? { kind: 'basic', userVariable: user, passwordVariable: password }
        : undefined
  const timeoutMs = parseDuration(timeout ?? '')
  return {
    ...(auth === undefined ? {} : { auth }),
    ...(ca === undefined ? {} : { caFile: resolve(folder, ca) }),
    ...(timeoutMs === null ? {} : { timeoutMs }),
  }
}
