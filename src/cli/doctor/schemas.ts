/** What messages are held against: whether each file can be used, and each registry answers. */
import { basename } from 'node:path'
import type { Environment } from '../../base/environment.ts'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { plural } from '../../base/words.ts'
import { loadDeclared } from '../../drift/declared/load.ts'
import type { ShapePlan } from '../../drift/shape.ts'
import type { Pipeline } from '../../hop/pipeline.ts'
import type { Registry } from '../../registry/client.ts'
import { openRegistry } from '../../registry/open.ts'
import { type CheckResult, fail, ok } from './check.ts'

/** ms for one answer; who does not answer a doctor in time does not answer an auditor either. */
const ANSWER_MS = 4_000

export async function checkSchemas(
  pipelines: readonly Pipeline[],
  env: Environment,
): Promise<CheckResult[]> {
  const plans = pipelines.flatMap((p) => p.hops).flatMap(({ shape }) => shape ?? [])
  return [...checkFiles(plans), ...(await checkRegistries(plans, env))]
}

function checkFiles(plans: readonly ShapePlan[]): CheckResult[] {
  const seen = new Map(plans.map((plan) => [JSON.stringify([plan.file, plan.message]), plan]))
  return [...seen.values()].flatMap(({ file, message, format }) => {
    if (file === null) return []
    const subject = message === null ? basename(file) : `${basename(file)} (${message})`
    try {
      loadDeclared({ file, message, format })
      return [ok('schema-file', subject, 'messages can be held against it')]
    } catch (error) {
      return [problem('schema-file', subject, error, 'Correct the file, or name another one.')]
    }
  })
}

async function checkRegistries(
  plans: readonly ShapePlan[],
  env: Environment,
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  const urls = new Set(plans.flatMap(({ registry }) => registry?.url ?? []))
  for (const url of urls) {
    const own = plans.filter(({ registry }) => registry?.url === url)
    const place = own[0]?.registry
    if (place === undefined || place === null) continue
    let registry: Registry | null = null
    try {
      const access = { ...place.access, retriesMax: 0, timeoutMs: ANSWER_MS }
      registry = openRegistry({ ...place, access, env })
      const subjects = await checkSubjects(registry, own)
      // Nothing was asked about any subject.
      if (subjects.length === 0) await registry.globalMode()
      results.push(ok('registry', url, 'answers'), ...subjects)
    } catch (error) {
      const todo = 'Check `schemas.registry` in the file, and that it runs.'
      results.push(problem('registry', url, error, todo))
    } finally {
      registry?.close()
    }
  }
  return results
}

async function checkSubjects(
  registry: Registry,
  plans: readonly ShapePlan[],
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const subject of new Set(plans.flatMap((plan) => plan.subject ?? []))) {
    const answer = await registry.versions(subject)
    if (!answer.ok) {
      const todo = 'Register its schema, or name the right `subject` in the file.'
      results.push(fail('schema-subject', subject, 'is not registered', todo))
      continue
    }
    const allowed = plans.filter((p) => p.subject === subject).flatMap((p) => p.versions ?? [])
    const gone = [...new Set(allowed)].filter((version) => !answer.value.includes(version))
    if (gone.length > 0) {
      const message = `has no version ${gone.join(', ')} (it has ${answer.value.join(', ')})`
      results.push(fail('schema-subject', subject, message, 'Correct `versions` in the file.'))
    } else {
      results.push(ok('schema-subject', subject, plural(answer.value.length, 'version')))
    }
  }
  return results
}

function problem(id: string, subject: string, error: unknown, todo: string): CheckResult {
  const hint = error instanceof QuipuError ? error.hint : undefined
  return fail(id, subject, messageOf(error), hint ?? todo)
}
