/**
 * The git program: never through a shell, never over the network, never asking anybody.
 *
 * A repository may be a partial clone, whose objects git would fetch when they are read: no protocol is
 * allowed, so that such an object is an error.
 */
import { type ExecFileException, execFile } from 'node:child_process'
import { QuipuError } from '../../../base/errors.ts'
import { GIT_TIMEOUT_MS, TREE_BYTES_MAX } from '../limits.ts'

export interface GitAnswer {
  /** 0: all is well. */
  readonly exitCode: number
  readonly stdout: Buffer
  /** What git said, on one line. */
  readonly complaint: string
}

const NO_NETWORK = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_PAGER: '',
  LC_ALL: 'C',
}

/** @throws QuipuError: no git, or no answer of it */
export function runGit(
  folder: string,
  args: readonly string[],
  input: string = '',
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      ['--literal-pathspecs', ...args],
      {
        cwd: folder,
        encoding: 'buffer',
        env: { ...process.env, ...NO_NETWORK },
        // Beside the contents there is a line for each.
        maxBuffer: 2 * TREE_BYTES_MAX,
        timeout: GIT_TIMEOUT_MS,
      },
      (error, stdout, stderr) => {
        const complaint = stderr
          .toString()
          .trim()
          .replace(/\s*\n\s*/g, '; ')
        if (error === null) return resolve({ exitCode: 0, stdout, complaint })
        if (typeof error.code === 'number') {
          return resolve({ exitCode: error.code, stdout, complaint })
        }
        reject(failure(error, folder))
      },
    )
    // Git may be gone before it has read all: its exit code tells.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

function failure(error: ExecFileException, folder: string): QuipuError {
  const cause = error
  if (error.code === 'ENOENT') {
    const hint = 'Install git, and check that the folder exists.'
    return new QuipuError('MISSING_PART', `git cannot be run in ${folder}`, { cause, hint })
  }
  if (error.killed === true) {
    const message = `git gave no answer within ${GIT_TIMEOUT_MS / 1000} s`
    return new QuipuError('CANNOT_JUDGE', message, { cause, hint: 'Name a smaller folder.' })
  }
  return new QuipuError('CANNOT_JUDGE', `git failed: ${error.message}`, { cause })
}
