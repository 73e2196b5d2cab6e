/** What a commit holds below a folder. */
import { QuipuError } from '../../../base/errors.ts'
import { ENTRIES_MAX } from '../limits.ts'
import { runGit } from './run.ts'

export interface Blob {
  readonly id: string
  readonly bytes: number
  readonly isLink: boolean
}

/** By path below the folder; null: there is no such folder. @param folder '' for all */
export async function blobsBelow(
  top: string,
  commit: string,
  folder: string,
): Promise<ReadonlyMap<string, Blob> | null> {
  const tree = folder === '' ? commit : await treeOf(top, commit, folder)
  if (tree === null) return null
  const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', tree]
  const { exitCode, stdout, complaint } = await runGit(top, args)
  if (exitCode !== 0) throw unreadable(commit, complaint)
  const blobs = new Map<string, Blob>()
  for (const line of stdout.toString().split('\0')) {
    const [, mode = '', type, id = '', bytes, path = ''] =
      /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? []
    if (type !== 'blob') continue
    blobs.set(path, { id, bytes: Number(bytes), isLink: mode === '120000' })
    if (blobs.size > ENTRIES_MAX) throw unreadable(commit, `more than ${ENTRIES_MAX} files`)
  }
  return blobs
}

async function treeOf(top: string, commit: string, folder: string): Promise<string | null> {
  // Asked of the list rather than as `COMMIT:PATH`, which says the same for a file and for nothing.
  const args = ['ls-tree', '-z', '--full-tree', commit, '--', folder]
  const { exitCode, stdout, complaint } = await runGit(top, args)
  if (exitCode !== 0) throw unreadable(commit, complaint)
  const [, type, id] = /^\d+ (\w+) ([0-9a-f]+)\t/.exec(stdout.toString()) ?? []
  return type === 'tree' && id !== undefined ? id : null
}

export function unreadable(commit: string, complaint: string): QuipuError {
  const message = `git cannot read commit ${commit.slice(0, 12)}: ${complaint}`
  const hint =
    'Fetch all of it: `git fetch --unshallow`, or clone without `--filter`; nothing is fetched here.'
  return new QuipuError('CANNOT_JUDGE', message, { hint })
}
