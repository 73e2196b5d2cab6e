/** Files of a folder as they were in a commit. Renames are not followed: a path is what it is called. */
import { posix } from 'node:path'
import {
  Allowance,
  type Files,
  hasSchemaExtension,
  inOrder,
  isPassedOver,
  requireFewFiles,
  textOf,
} from '../files.ts'
import { LINKS_MAX } from '../limits.ts'
import { contentsOf } from './contents.ts'
import { type Blob, blobsBelow } from './tree.ts'

export interface GitFolder {
  readonly top: string
  readonly commit: string
  /** Below the top; '': the top. */
  readonly folder: string
  /** What the commit was asked for as: for messages. */
  readonly ref: string
}

export function gitFiles({ top, commit, folder, ref }: GitFolder): Files {
  const allowance = new Allowance()
  const nameOf = (path: string): string => `${ref}:${folder === '' ? path : `${folder}/${path}`}`
  let known: Promise<ReadonlyMap<string, Blob> | null> | null = null
  const blobs = (): Promise<ReadonlyMap<string, Blob> | null> => {
    known ??= blobsBelow(top, commit, folder)
    return known
  }

  return {
    nameOf,
    async list() {
      const all = await blobs()
      if (all === null) return null
      const paths = [...all.keys()].filter((path) => hasSchemaExtension(path) && isOwn(path))
      requireFewFiles(paths.length, nameOf(''))
      return inOrder(paths)
    },
    async read(paths) {
      const all = (await blobs()) ?? new Map<string, Blob>()
      const asked = new Map<string, Blob>()
      for (const path of paths) {
        const blob = all.get(path)
        if (blob === undefined) continue
        const target = blob.isLink ? await linked(top, commit, all, path) : blob
        if (target === null) continue
        allowance.take(target.bytes, nameOf(path))
        asked.set(path, target)
      }
      const ids = [...new Set([...asked.values()].map(({ id }) => id))]
      const contents = await contentsOf(top, commit, ids)
      const texts = new Map<string, string>()
      for (const [path, { id }] of asked) {
        texts.set(path, textOf(contents.get(id) as Uint8Array, nameOf(path)))
      }
      return texts
    },
  }
}

/** As in the file system: what tools keep there is passed over. */
function isOwn(path: string): boolean {
  return !path.split('/').slice(0, -1).some(isPassedOver)
}

/** Null: it leads out of the folder, nowhere, or in circles. */
async function linked(
  top: string,
  commit: string,
  blobs: ReadonlyMap<string, Blob>,
  link: string,
): Promise<Blob | null> {
  let path = link
  for (let count = 0; count < LINKS_MAX; count++) {
    const blob = blobs.get(path)
    if (blob === undefined) return null
    if (!blob.isLink) return blob
    const target = (await contentsOf(top, commit, [blob.id])).get(blob.id)
    path = posix.join(posix.dirname(path), Buffer.from(target as Uint8Array).toString())
  }
  return null
}
