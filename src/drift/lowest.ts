/** The lowest few of what is added, ascending, each once. */

/** Most of what comes is above them: one comparison. */
export function addLowest<T extends string | number>(lowest: T[], item: T, max: number): void {
  let at = lowest.length
  if (at === max && item >= (lowest[at - 1] as T)) return
  while (at > 0 && item < (lowest[at - 1] as T)) at--
  if (at > 0 && lowest[at - 1] === item) return
  lowest.splice(at, 0, item)
  if (lowest.length > max) lowest.pop()
}
