/**
 * Maximum matching in a bipartite graph, by augmenting paths: a left one that finds all its partners
 * taken asks whether one of those can be moved. Breadth first, so that nothing is deep.
 *
 * @param edges of each left one: the right ones that fit it
 * @param tick called for each edge that is looked at
 * @returns how many are matched
 */
export function maximumMatching(
  edges: readonly (readonly number[])[],
  rightCount: number,
  tick: () => void,
): number {
  const leftOf = new Array<number>(rightCount).fill(-1)
  let matched = 0
  for (const start of edges.keys()) if (augment(start)) matched++
  return matched

  function augment(start: number): boolean {
    /** By which left one a right one was reached. */
    const reachedBy = new Map<number, number>()
    const rightOf = new Map<number, number>()
    const queue = [start]
    for (let i = 0; i < queue.length; i++) {
      const left = queue[i]!
      for (const right of edges[left]!) {
        tick()
        if (reachedBy.has(right)) continue
        reachedBy.set(right, left)
        const taken = leftOf[right]!
        if (taken === -1) {
          shift(right)
          return true
        }
        rightOf.set(taken, right)
        queue.push(taken)
      }
    }
    return false

    /** Along the path back to the start, each takes what the next one gave up. */
    function shift(free: number): void {
      for (let right = free; ; ) {
        const left = reachedBy.get(right)!
        leftOf[right] = left
        if (left === start) return
        right = rightOf.get(left)!
      }
    }
  }
}
