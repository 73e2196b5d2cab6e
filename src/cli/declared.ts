/** What a pipeline file declares, for commands that ask no broker: its secrets need not be set. */
import { QuipuError } from '../base/errors.ts'
import type { Config } from '../config/config.ts'

export interface Declared {
  /** Absolute. */
  readonly file: string
  readonly config: Config
}

/** @throws QuipuError CONFIG: there is no file, or it has mistakes */
export async function declaredIn(flag: string | undefined): Promise<Declared> {
  const { findConfig } = await import('../config/find.ts')
  const { issuesText, readConfig, shownPath } = await import('../config/load.ts')
  const { parseFile } = await import('../config/parse.ts')
  const found = findConfig(flag, process.env, process.cwd())
  if (found === null) {
    throw new QuipuError('CONFIG', 'there is no pipeline file', {
      hint: 'Name one with --config FILE or QUIPU_CONFIG, or run where quipu.yaml lies.',
    })
  }
  const source = readConfig(found, process.cwd())
  const { result } = parseFile(source, found.path, process.env, 'left')
  if (result.ok) return { file: found.path, config: result.config }
  const text = issuesText(result.issues, shownPath(found.path, process.cwd()))
  throw new QuipuError('CONFIG', text, { hint: 'Correct these places and try again.' })
}
