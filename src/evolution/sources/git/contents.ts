/** The contents of many blobs, by one run of git. */
import { runGit } from './run.ts'
import { unreadable } from './tree.ts'

/** By id. @throws QuipuError: one that is not here */
export async function contentsOf(
  top: string,
  commit: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>()
  if (ids.length === 0) return contents
  const { exitCode, stdout, complaint } = await runGit(
    top,
    ['cat-file', '--batch'],
    `${ids.join('\n')}\n`,
  )
  if (exitCode !== 0) throw unreadable(commit, complaint)
  // Each is `ID TYPE BYTES`, a line break, the bytes, a line break.
  let at = 0
  while (at < stdout.length) {
    const end = stdout.indexOf(10, at)
    const header = stdout.toString('latin1', at, end === -1 ? stdout.length : end)
    const [, id, bytes] = /^([0-9a-f]+) blob (\d+)$/.exec(header) ?? []
    if (id === undefined) throw unreadable(commit, `${header} ${complaint}`.trim())
    const from = end + 1
    at = from + Number(bytes)
    contents.set(id, stdout.subarray(from, at))
    at += 1
  }
  const missing = ids.find((id) => !contents.has(id))
  if (missing !== undefined) throw unreadable(commit, `${missing} is not there ${complaint}`.trim())
  return contents
}
