/**
 * Names by pattern: `*` stands for any characters but `/`, `**` for any at all, `?` for one but `/`.
 *
 * Law: time is bounded by pattern × text, whatever the pattern; a regular expression would not be.
 */

export function matchesGlob(pattern: string, text: string): boolean {
  const tokens = pattern.match(/\*\*|[\s\S]/gu) ?? []
  // Of the pattern's prefixes those that match what was read so far, by their length.
  let reached = passed(new Set([0]), tokens)
  for (const char of text) {
    const next = new Set<number>()
    for (const at of reached) {
      const token = tokens[at]
      if (token === '**' || (token === '*' && char !== '/')) next.add(at)
      else if (token === char || (token === '?' && char !== '/')) next.add(at + 1)
    }
    reached = passed(next, tokens)
    if (reached.size === 0) return false
  }
  return reached.has(tokens.length)
}

/** Stars may stand for nothing. */
function passed(reached: Set<number>, tokens: readonly string[]): Set<number> {
  // What is added while it is walked is walked as well.
  for (const at of reached) if (tokens[at] === '*' || tokens[at] === '**') reached.add(at + 1)
  return reached
}
