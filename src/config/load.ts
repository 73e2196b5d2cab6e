/** Reads a pipeline file; mistakes become one error that lists them with line and column. */

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Environment } from '../base/environment.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import type { Config, ConfigIssue } from './config.ts'
import { FILE_BYTES_MAX } from './document.ts'
import type { FoundConfig } from './find.ts'
import { parseConfig } from './parse.ts'

/** More are counted, not listed. */
const ISSUES_SHOWN_MAX = 20

export function loadConfig({ path, namedBy }: FoundConfig, env: Environment, cwd: string): Config {
  const shown = shownPath(path, cwd)
  const source = readConfig({ path, namedBy }, cwd, ', or use --topics and --groups')
  const result = parseConfig(source, path, env)
  if (result.ok) return result.config
  throw new QuipuError('CONFIG', issuesText(result.issues, shown), {
    hint: 'Correct these places and try again.',
  })
}

/**
 * The text of a pipeline file. @param otherwise what the command can do without one
 * @throws QuipuError CONFIG: it cannot be read
 */
export function readConfig({ path, namedBy }: FoundConfig, cwd: string, otherwise = ''): string {
  const shown = shownPath(path, cwd)
  const by = namedBy === null ? '' : `, named by ${namedBy}`
  try {
    const file = openSync(path, 'r')
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) throw new Error('it is no file')
      if (stat.size > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`)
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'there is no such file'
        : error instanceof TypeError
          ? 'it is not UTF-8 text'
          : messageOf(error)
    throw new QuipuError('CONFIG', `cannot read the pipeline file ${shown}${by}: ${why}`, {
      hint: `Name the file with --config FILE or QUIPU_CONFIG${otherwise}.`,
      cause: error,
    })
  }
}

/** `quipu.yaml:7:20 …`, one a line. */
export function issuesText(issues: readonly ConfigIssue[], file: string): string {
  const lines = issues
    .slice(0, ISSUES_SHOWN_MAX)
    .map((i) => visible(`${file}:${i.line}:${i.column} ${i.message}`))
  const more = issues.length - lines.length
  if (more > 0) lines.push(`and ${more} more`)
  const head = issues.length === 1 ? '1 mistake' : `${issues.length} mistakes`
  return `${head} in ${visible(file)}\n${lines.map((line) => `  ${line}`).join('\n')}`
}

/** As people name it from where they are. */
export function shownPath(path: string, cwd: string): string {
  const near = relative(cwd, path)
  return near === '' || near.startsWith('..') ? path : near
}
