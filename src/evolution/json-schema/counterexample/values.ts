/** Single values near the edges of schemas: what the one side just allows, the other just refuses. */
import type { Json } from '../json.ts'
import type { NumberNode, Solid, StringNode } from '../model.ts'

/** Characters of a string that is made up; longer limits are not tried. */
const LENGTH_MAX = 2_000

/** One of every type, small ones first. */
export const anything: readonly Json[] = [null, true, 'a', 1, 0.5, -1, {}, [], [1], { a: 1 }]

const texts: readonly string[] = [
  '',
  'a',
  'b1',
  'A b_c-d',
  '2020-01-31',
  '2020-01-31T10:00:00Z',
  'someone@example.com',
  'https://example.com/a',
  '123e4567-e89b-12d3-a456-426614174000',
  'AAAA',
]

export function stringsNear(nodes: readonly StringNode[]): readonly string[] {
  const found = new Set<string>()
  for (const { pattern } of nodes) if (pattern !== null) found.add(sampleOf(pattern))
  for (const { maxLength, minLength } of nodes) {
    for (const limit of [minLength, maxLength]) {
      if (limit === null) continue
      for (const length of [limit, limit + 1, limit - 1]) {
        if (length >= 0 && length <= LENGTH_MAX) found.add('a'.repeat(length))
      }
    }
  }
  for (const text of texts) found.add(text)
  return [...found]
}

export function numbersNear(nodes: readonly NumberNode[]): readonly number[] {
  const found = new Set<number>()
  const steps: number[] = []
  for (const node of nodes) {
    if (node.multipleOf !== null) steps.push(node.multipleOf)
    const limits = [node.minimum, node.maximum, node.exclusiveMinimum, node.exclusiveMaximum]
    for (const limit of limits) {
      if (limit === null) continue
      for (const offset of [0, 1, -1, 0.5, -0.5]) found.add(limit + offset)
    }
  }
  for (const number of [0, 1, -1, 0.5, 2, 3, 100, -100]) found.add(number)
  for (const step of steps) for (const times of [1, -1, 2, 3, 7, 13]) found.add(step * times)
  // Multiples of a step within limits.
  for (const step of steps) {
    for (const value of [...found]) found.add(Math.ceil(value / step) * step)
  }
  return [...found].filter(Number.isFinite)
}

/** What is listed. */
export function valuesOf(node: Solid, countMax: number): readonly Json[] {
  if (node.kind === 'enum') {
    return [...node.values].slice(0, countMax).map((text) => JSON.parse(text) as Json)
  }
  return node.kind === 'const' ? [JSON.parse(node.value) as Json] : []
}

const escapes: Readonly<Record<string, string>> = { d: '1', w: 'a', s: ' ', D: 'a', W: '-', S: 'a' }

/** A text that simple patterns match: first alternatives, fewest repetitions. A guess, to be tried. */
export function sampleOf(pattern: string): string {
  const parts: string[] = []
  const source = pattern.replace(/^\^/, '').replace(/\$$/, '')
  for (let i = 0; i < source.length && parts.length < LENGTH_MAX; i++) {
    const char = source[i]!
    if (char === '|') break
    if (char === '(' || char === ')') {
      if (source.startsWith('(?:', i)) i += 2
    } else if (char === '\\') {
      const next = source[++i] ?? ''
      parts.push(escapes[next] ?? next)
    } else if (char === '[') {
      const end = source.indexOf(']', i + 1)
      parts.push(memberOf(source.slice(i + 1, end === -1 ? source.length : end)))
      i = end === -1 ? source.length : end
    } else if (char === '{') {
      const count = Number(/^\{(\d+)/.exec(source.slice(i))?.[1] ?? '1')
      const last = parts.pop() ?? ''
      // Of a group that is repeated again, once is enough of a guess.
      parts.push(last.length * count > LENGTH_MAX ? last : last.repeat(count))
      i = Math.max(source.indexOf('}', i), i)
    } else if (char === '*' || char === '?') parts.pop()
    else if (char !== '+') parts.push(char === '.' ? 'a' : char)
  }
  return parts.join('').slice(0, LENGTH_MAX)
}

function memberOf(members: string): string {
  if (members.startsWith('^')) return ['a', '1', '-', ' '].find((c) => !members.includes(c)) ?? '~'
  if (members.startsWith('\\')) return escapes[members[1] ?? ''] ?? members[1] ?? ''
  return members[0] ?? ''
}
