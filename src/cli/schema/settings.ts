/** What is checked against what: flags above the file, the file above a registry, that above defaults. */
import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { QuipuError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { visible } from '../../base/visible.ts'
import type { SchemasConfig } from '../../config/schemas-section.ts'
import type { SubjectTerms } from '../../evolution/check-subjects.ts'
import { documentedRules, loadEngines } from '../../evolution/engines.ts'
import type { Place } from '../../evolution/finding.ts'
import { matchesGlob } from '../../evolution/glob.ts'
import type { Mode } from '../../evolution/modes.ts'
import type { GatherOptions, SubjectVersions } from '../../evolution/sources/source.ts'
import type { SchemaCheckFlags } from '../schema.ts'

export interface SchemaSettings {
  readonly gather: GatherOptions
  /** What `schemas` of the file says; null: there is none. */
  readonly config: SchemasConfig | null
  readonly termsOf: (subject: SubjectVersions) => SubjectTerms
  /** Only some subjects were asked for. */
  readonly isPartial: boolean
}

/** @throws QuipuError CONFIG: nothing to check, nothing to hold it against, or a mistake in the file */
export async function settingsOf(
  paths: readonly string[],
  flags: SchemaCheckFlags,
): Promise<SchemaSettings> {
  const config = await sectionOf(flags.config)
  if (config !== null) await checkRules(config)
  const { subject: wanted } = flags
  const modeOf = (subject: string): Mode | null =>
    flags.mode ?? settingFor(config, subject, 'mode') ?? config?.mode ?? null
  return {
    gather: {
      paths: pathsOf(paths, config),
      against: againstOf(flags.against, config),
      workingFolder: process.cwd(),
      modeOf,
      env: process.env,
      ...rootOf(paths, config),
      ...(config?.subjectRule == null ? {} : { subjectRule: config.subjectRule }),
      ...(config?.importRoots == null ? {} : { importRoots: config.importRoots }),
      ...(config?.registry == null ? {} : { registry: config.registry }),
      ...(wanted === undefined
        ? {}
        : { isWanted: (subject: string) => wanted.some((w) => matchesGlob(w, subject)) }),
    },
    config,
    termsOf: ({ subject, mode }) => ({
      mode: modeOf(subject) ?? mode ?? 'BACKWARD',
      policy: flags.policy ?? settingFor(config, subject, 'policy') ?? config?.policy ?? 'STRICT',
    }),
    isPartial: wanted !== undefined || (paths.length > 0 && (config?.paths.length ?? 0) > 0),
  }
}

/** Of the first entry that fits and says it. */
function settingFor<Key extends 'mode' | 'policy'>(
  config: SchemasConfig | null,
  subject: string,
  key: Key,
): SubjectTerms[Key] | null {
  const entry = config?.subjects.find((s) => s[key] !== null && matchesGlob(s.subject, subject))
  return (entry?.[key] as SubjectTerms[Key] | undefined) ?? null
}

async function sectionOf(flag: string | undefined): Promise<SchemasConfig | null> {
  const { findConfig } = await import('../../config/find.ts')
  if (findConfig(flag, process.env, process.cwd()) === null) return null
  const { declaredIn } = await import('../declared.ts')
  return (await declaredIn(flag)).config.schemas ?? null
}

function pathsOf(paths: readonly string[], config: SchemasConfig | null): readonly string[] {
  if (paths.length > 0) return paths
  if (config !== null && config.paths.length > 0) {
    return config.paths.map((path) => relative(process.cwd(), path) || '.')
  }
  throw new QuipuError('CONFIG', 'nothing to check: no schemas are named', {
    hint: 'Name a folder or files: quipu schema check schemas --against main; or set `schemas.path` in quipu.yaml.',
  })
}

/** Files of the folder that the file names keep the subjects that they have in the whole of it. */
function rootOf(
  paths: readonly string[],
  config: SchemasConfig | null,
): { readonly root?: string } {
  const [root, ...others] = config?.paths ?? []
  if (root === undefined || others.length > 0 || paths.length === 0) return {}
  const isWithin = (path: string): boolean => !relative(root, resolve(path)).startsWith('..')
  return paths.every(isWithin) ? { root: relative(process.cwd(), root) || '.' } : {}
}

function againstOf(
  named: readonly string[] | undefined,
  config: SchemasConfig | null,
): readonly string[] {
  if (named !== undefined) return named
  if (config !== null && config.against.length > 0) {
    return config.against.map((source) => {
      // A folder of the file is meant from where the file is; a ref, or an address, from anywhere.
      const path = resolve(config.folder, source)
      return existsSync(path) ? relative(process.cwd(), path) || '.' : source
    })
  }
  throw new QuipuError('CONFIG', 'nothing to hold the schemas against', {
    hint: 'Name earlier versions: --against main, --against registry:https://…; or set `schemas.against` in quipu.yaml.',
  })
}

/** A misspelt rule would silence nothing, and nobody would know. */
async function checkRules({ levels, suppressions }: SchemasConfig): Promise<void> {
  if (levels.length + suppressions.length === 0) return
  const rules = documentedRules(await loadEngines())
  const problems = new Set(rules.filter((r) => r.kind === 'problem').map((r) => r.id))
  const ids = rules.map((r) => r.id)
  const mistakes = [...levels, ...suppressions].flatMap(({ rule, place }) => {
    if (problems.has(rule))
      return [`${at(place)}${rule} says that nothing was compared: mend the schema`]
    return ids.includes(rule)
      ? []
      : [`${at(place)}there is no rule ${visible(rule)}${suggestion(rule, ids)}`]
  })
  if (mistakes.length === 0) return
  throw new QuipuError('CONFIG', `rules that cannot be set\n  ${mistakes.join('\n  ')}`, {
    hint: 'List the rules: quipu schema rules',
  })
}

const at = (place: Place | null): string =>
  place === null
    ? ''
    : `${visible(relative(process.cwd(), place.source))}:${place.line}:${place.column} `
