/** Prometheus' own checker of rules, for tests. It runs no server and asks nobody. */

import { QuipuError } from '../base/errors.ts'
import { type Outcome, run } from './command.ts'

/** What PROMTOOL names, or the one in PATH. */
const program = (): string => process.env.PROMTOOL || 'promtool'

/** Its exit code is 0 if it has nothing against what it was given. */
export const promtool = (args: readonly string[], cwd?: string): Promise<Outcome> =>
  run(program(), args, cwd)

/** @throws QuipuError MISSING_PART: there is none on this machine */
export async function preparePromtool(): Promise<void> {
  const { code, output } = await promtool(['--version'])
  if (code === 0) return
  throw new QuipuError('MISSING_PART', `No promtool can be run: ${output.trim()}`, {
    hint: process.env.PROMTOOL
      ? `Set PROMTOOL to the program: ${process.env.PROMTOOL} is not.`
      : 'On Debian, run `apt-get install prometheus`; or set PROMTOOL to the program.',
  })
}
