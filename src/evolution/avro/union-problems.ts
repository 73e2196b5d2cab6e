/** What a union may not hold: another union, or two branches that no reader could tell apart. */
import type { Site } from './site.ts'
import { type AvroType, isNamed } from './type.ts'

export interface UnionProblem {
  readonly site: Site
  readonly code: string
  readonly message: string
}

export function unionProblems(types: readonly AvroType[]): UnionProblem[] {
  const problems: UnionProblem[] = []
  for (const type of types) {
    if (type.kind !== 'union') continue
    const seen = new Set<string>()
    for (const { type: branch, site } of type.branches) {
      // A dot keeps a name without namespace from being taken for a kind.
      const key = isNamed(branch) ? `.${branch.name}` : branch.kind
      if (branch.kind === 'union') {
        const message = 'A union holds another union: write its branches in its place.'
        problems.push({ site, code: 'nested_union', message })
      } else if (seen.has(key)) {
        const what = isNamed(branch) ? branch.name : branch.kind
        const message = `The union has a branch ${what} already; a logical type makes no difference.`
        problems.push({ site, code: 'duplicate', message })
      }
      seen.add(key)
    }
  }
  return problems
}
