/** The repository around a folder, and which commit a ref names. */
import { realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { QuipuError } from '../../../base/errors.ts'
import { runGit } from './run.ts'

export interface Repository {
  /** Of its working tree, without links. */
  readonly top: string
}

/** @throws QuipuError: there is none, or git does not trust it */
export async function repositoryAround(folder: string): Promise<Repository> {
  const { exitCode, stdout, complaint } = await runGit(folder, ['rev-parse', '--show-toplevel'])
  if (exitCode === 0) return { top: await realpath(stdout.toString().replace(/\r?\n$/, '')) }
  const isUnsafe = complaint.includes('dubious ownership')
  const hint = isUnsafe
    ? `Run \`git config --global --add safe.directory ${folder}\` if you trust it.`
    : 'Run the check inside of the repository, or compare with a folder or a registry.'
  throw new QuipuError('CANNOT_JUDGE', `${folder} is in no git repository: ${complaint}`, { hint })
}

/** With `/`, '' for the top itself. @throws QuipuError: it is outside */
export async function pathInRepository({ top }: Repository, folder: string): Promise<string> {
  const path = relative(top, await realOf(folder))
  if (path === '') return ''
  if (path !== '..' && !path.startsWith(`..${sep}`)) return path.split(sep).join('/')
  const hint = 'Run the check from the repository that the schemas are in.'
  throw new QuipuError('CANNOT_JUDGE', `${folder} is not in the repository at ${top}`, { hint })
}

/** Of what is there: the folder itself may be gone, and still be in an earlier commit. */
async function realOf(folder: string): Promise<string> {
  const parts = folder.split(sep)
  for (let count = parts.length; count > 1; count--) {
    try {
      const real = await realpath(parts.slice(0, count).join(sep))
      return [real, ...parts.slice(count)].join(sep)
    } catch {
      // One folder further up.
    }
  }
  return folder
}

/** The commit of `REF`. @throws QuipuError: a ref that is none, or is not here */
export async function commitOf({ top }: Repository, ref: string): Promise<string> {
  requireRef(ref)
  const commit = await lookUp(top, ref)
  if (commit !== null) return commit
  if (await isShallow(top)) throw shallow(`the ref \`${ref}\` is not in this shallow clone`)
  const isRemote = (await lookUp(top, `origin/${ref}`)) !== null
  const hint = isRemote
    ? `There is \`origin/${ref}\`: compare with git:origin/${ref}.`
    : `Run \`git fetch origin ${ref}\` and compare with git:FETCH_HEAD, or see \`git branch -a\`.`
  throw new QuipuError('CANNOT_JUDGE', `there is no git ref \`${ref}\``, { hint })
}

/** Where HEAD and `REF` part. @throws QuipuError: nowhere that is here */
export async function mergeBaseOf(repository: Repository, ref: string): Promise<string> {
  const { top } = repository
  const other = await commitOf(repository, ref)
  const head = await commitOf(repository, 'HEAD')
  const { exitCode, stdout } = await runGit(top, ['merge-base', head, other])
  if (exitCode === 0) return stdout.toString().trim()
  const message = `HEAD and \`${ref}\` have no commit in common`
  if (await isShallow(top)) throw shallow(`${message} in this shallow clone`)
  throw new QuipuError('CANNOT_JUDGE', message, { hint: `Compare with git:${ref} itself.` })
}

/** No options, no negations, no ranges, no paths within a commit, nothing that cannot be seen. */
const IS_REF = /^[^-^:\s\p{Cc}][^:\s\p{Cc}]*$/u

/** What git would take for an option, or for something else than a ref. */
function requireRef(ref: string): void {
  if (IS_REF.test(ref) && !ref.includes('..')) return
  const isOption = ref.startsWith('-')
  const why = isOption ? 'begins with `-`' : 'is none'
  const hint = 'Give a branch, a tag, a commit, or such as HEAD~3.'
  throw new QuipuError('CONFIG', `\`${ref}\` is not taken for a git ref: it ${why}`, { hint })
}

async function lookUp(top: string, ref: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
  const { exitCode, stdout } = await runGit(top, args)
  return exitCode === 0 ? stdout.toString().trim() : null
}

async function isShallow(top: string): Promise<boolean> {
  const { stdout } = await runGit(top, ['rev-parse', '--is-shallow-repository'])
  return stdout.toString().trim() === 'true'
}

function shallow(message: string): QuipuError {
  const hint =
    'Fetch the history: `git fetch --unshallow`; in GitHub Actions `fetch-depth: 0` of ' +
    'actions/checkout, in GitLab `GIT_DEPTH: 0`.'
  return new QuipuError('CANNOT_JUDGE', message, { hint })
}
