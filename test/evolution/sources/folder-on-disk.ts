/** Folders and git repositories for tests, in a temporary place. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Texts = Readonly<Record<string, string | object>>

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'quipu-sources-')))
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Objects become JSON. */
export function write(folder: string, texts: Texts): void {
  for (const [path, content] of Object.entries(texts)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

/** Independent of whatever is configured on the machine. */
export function git(folder: string, ...args: readonly string[]): string {
  const identity = { NAME: 'Test', EMAIL: 'test@example.com', DATE: '2026-01-01T00:00:00Z' }
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  }
  for (const [key, value] of Object.entries(identity)) {
    env[`GIT_AUTHOR_${key}`] = value
    env[`GIT_COMMITTER_${key}`] = value
  }
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' }).trim()
}

export function newRepository(folder: string): void {
  git(folder, 'init', '--quiet', '--initial-branch=main')
}

export function commit(folder: string, texts: Texts, message: string = 'change'): string {
  write(folder, texts)
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', message)
  return git(folder, 'rev-parse', 'HEAD')
}

export function record(name: string, fields: Readonly<Record<string, unknown>> = {}): object {
  const list = Object.entries(fields).map(([field, type]) => ({ name: field, type }))
  return { type: 'record', name, fields: list }
}
