/** Names as other formats allow them: DNS labels of RFC 1123. */
import { createHash } from 'node:crypto'

const LENGTH_MAX = 63
const HASH_DIGITS = 8

/**
 * A maker of labels, for one file. Law: unlike parts get unlike labels, and the same parts the same one
 * each time. Where a label cannot say the parts as they are, or is taken, a hash of them tells it apart.
 */
export function labelMaker(): (...parts: readonly string[]) => string {
  const taken = new Map<string, string>()
  return (...parts) => {
    const key = JSON.stringify(parts)
    const raw = parts.join('-')
    const plain = plainOf(raw)
    const isPlain = plain !== '' && plain === raw && (taken.get(plain) ?? key) === key
    const label = isPlain ? plain : hashed(plain, key)
    taken.set(label, key)
    return label
  }
}

const plainOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, LENGTH_MAX)
    .replace(/^-+|-+$/g, '')

function hashed(plain: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_DIGITS)
  const head = plain.slice(0, LENGTH_MAX - HASH_DIGITS - 1).replace(/-+$/, '')
  return head === '' ? `x-${hash}` : `${head}-${hash}`
}
