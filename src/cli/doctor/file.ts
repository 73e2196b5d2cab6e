/** The pipeline file, as `quipu lint` sees it where its variables are set. */
import type { Environment } from '../../base/environment.ts'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { plural } from '../../base/words.ts'
import type { Config } from '../../config/config.ts'
import { findConfig } from '../../config/find.ts'
import { readConfig, shownPath } from '../../config/load.ts'
import { parseConfig } from '../../config/parse.ts'
import { lint } from '../../lint/lint.ts'
import { type CheckResult, fail, ok, warn } from './check.ts'

export interface CheckedFile {
  readonly results: readonly CheckResult[]
  /** null: there is none that could be used. */
  readonly config: Config | null
}

export function checkFile(flag: string | undefined, env: Environment, cwd: string): CheckedFile {
  const found = findConfig(flag, env, cwd)
  if (found === null) {
    const todo = 'Write one with `quipu init`, or name it with --config FILE.'
    return { results: [fail('file', 'quipu.yaml', 'there is none here', todo)], config: null }
  }
  const shown = shownPath(found.path, cwd)
  try {
    return checkText(readConfig(found, cwd), found.path, shown, env)
  } catch (error) {
    const hint = error instanceof QuipuError ? error.hint : undefined
    const todo = hint ?? 'Name another file with --config FILE.'
    return { results: [fail('file', shown, messageOf(error), todo)], config: null }
  }
}

/** Variables have to be set here: what runs here needs them. */
function checkText(source: string, path: string, shown: string, env: Environment): CheckedFile {
  const parsed = parseConfig(source, path, env)
  const see = `See: quipu lint ${shown}`
  if (!parsed.ok) {
    const [first] = parsed.issues
    const more = parsed.issues.length - 1
    const rest = more > 0 ? `, and ${plural(more, 'more mistake')}` : ''
    const message = `line ${first?.line}: ${first?.message}${rest}`
    return { results: [fail('file', shown, message, see)], config: null }
  }
  const { config } = parsed
  const findings = lint(source, path, env).findings.filter((f) => f.severity !== 'note')
  const errors = findings.filter((f) => f.severity === 'error').length
  const say = errors > 0 ? fail : warn
  const result =
    findings.length > 0
      ? say('file', shown, `lint has ${plural(findings.length, 'finding')}`, see)
      : ok('file', shown, plural(config.pipelines.length, 'pipeline'))
  return { results: [result], config }
}
