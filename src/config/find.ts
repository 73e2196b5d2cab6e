/** Which file: the flag, then `QUIPU_CONFIG`, then `quipu.yaml` where the command runs. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Environment } from '../base/environment.ts'

const CONFIG_NAME = 'quipu.yaml'

export interface FoundConfig {
  /** Absolute. */
  readonly path: string
  /** Who named it, for errors: `--config`, `QUIPU_CONFIG`, or null if it was only looked for. */
  readonly namedBy: string | null
}

/** Null if nobody names a file and there is no `./quipu.yaml`. A named file may not exist. */
export function findConfig(
  flag: string | undefined,
  env: Environment,
  cwd: string,
): FoundConfig | null {
  if (flag !== undefined) return { path: resolve(cwd, flag), namedBy: '--config' }
  const named = env.QUIPU_CONFIG
  if (named !== undefined && named !== '') {
    return { path: resolve(cwd, named), namedBy: 'QUIPU_CONFIG' }
  }
  const path = resolve(cwd, CONFIG_NAME)
  return existsSync(path) ? { path, namedBy: null } : null
}
