/** The nearest of some names to a misspelt one: what an error suggests. */

/** Longer texts are not compared: nobody misspells so much by accident. */
const LENGTH_MAX = 64

/** The candidate fewest edits away, or null if none is near enough to be meant. */
export function nearest(text: string, candidates: Iterable<string>): string | null {
  let best: string | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase())
    // One edit for each three letters, so that `to` is never offered for `at`.
    const length = Math.max(text.length, candidate.length)
    const allowed = length < 3 ? 0 : Math.floor(length / 3)
    if (distance <= allowed && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `; did you mean X?`, or nothing. */
export function suggestion(text: string, candidates: Iterable<string>): string {
  const best = nearest(text, candidates)
  return best === null ? '' : `; did you mean \`${best}\`?`
}

/** Inserted, removed, replaced and swapped letters between two texts. */
export function editDistance(a: string, b: string): number {
  if (a === b) return 0
  if (a.length > LENGTH_MAX || b.length > LENGTH_MAX) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(
        at(previous, j) + 1,
        at(row, j - 1) + 1,
        at(previous, j - 1) + (same ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(before, j - 2) + 1)
      }
      row.push(cost)
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

const at = (row: readonly number[], i: number): number => row[i] as number
