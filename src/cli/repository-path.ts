/** How annotations name a file: by its path from the top of the repository, with `/`. */
import { relative, resolve } from 'node:path'

/** @param path absolute; stays so where it lies outside of the repository and of the working folder */
export function repositoryPath(path: string): string {
  const top = process.env.GITHUB_WORKSPACE
  const [cwd, root] = [process.cwd(), top === undefined || top === '' ? null : resolve(top)]
  const near = [root, cwd].flatMap((from) => (from === null ? [] : [relative(from, path)]))
  const within = near.find((place) => !place.startsWith('..') && place !== '')
  return (within ?? path).replaceAll('\\', '/')
}
