/** What the next versions are compared with, as people write it. */
import { QuipuError } from '../../base/errors.ts'

export type Against =
  | { readonly kind: 'git'; readonly ref: string }
  | { readonly kind: 'merge-base'; readonly ref: string }
  | { readonly kind: 'registry'; readonly url: string }
  | { readonly kind: 'path'; readonly path: string }

/** @throws QuipuError: a scheme that there is not */
export function parseAgainst(text: string, isPath: (path: string) => boolean): Against {
  const [, scheme, rest = ''] = /^(git|merge-base|registry):(.*)$/s.exec(text) ?? []
  switch (scheme) {
    case 'git': {
      const base = /^merge-base:(.*)$/s.exec(rest)?.[1]
      return base === undefined ? { kind: 'git', ref: rest } : { kind: 'merge-base', ref: base }
    }
    case 'merge-base':
      return { kind: 'merge-base', ref: rest }
    case 'registry':
      return { kind: 'registry', url: rest }
  }
  if (/^https?:\/\//i.test(text)) {
    const hint = 'Write `registry:` before the address.'
    throw new QuipuError('CONFIG', 'a web address alone names no kind of source', { hint })
  }
  if (text.trim() === '') {
    const hint = 'Give git:REF, merge-base:REF, registry:URL, a folder or a file.'
    throw new QuipuError('CONFIG', 'what to compare with is empty', { hint })
  }
  return isPath(text) ? { kind: 'path', path: text } : { kind: 'git', ref: text }
}
