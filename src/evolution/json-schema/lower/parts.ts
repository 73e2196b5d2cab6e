/** The classes that the keywords of one schema belong to, in the order in which they are compared. */
import { type Draft, isModern } from '../dialect.ts'
import { canonical, get, isArray, type Json, step } from '../json.ts'
import type { Keywords } from '../keywords.ts'
import type { CombinedNode, ConditionalNode, Criterion, Node, Place } from '../model.ts'
import { hasArrayKeywords, lowerArray } from './arrays.ts'
import { hasObjectKeywords, lowerObject } from './objects.ts'
import { hasNumberKeywords, hasStringKeywords, lowerNumber, lowerString } from './scalars.ts'

/** What the lowering of one class may use. */
export interface Lowering {
  readonly keywords: Keywords
  readonly draft: Draft
  readonly common: { readonly place: Place; readonly raw: Json; readonly hasDefault: boolean }
  /** The schema under a keyword. @param path pointer from here */
  child(raw: Json, path: string): Node
}

const criteria: readonly (readonly [keyword: string, criterion: Criterion])[] = [
  ['allOf', 'all'],
  ['anyOf', 'any'],
  ['oneOf', 'one'],
]

export function partsOf(lowering: Lowering): Node[] {
  const { keywords, draft, common } = lowering
  const parts: Node[] = []
  if (keywords.has('enum')) {
    const values = new Set(keywords.array('enum').map(canonical))
    parts.push({ kind: 'enum', values, ...common })
  }
  for (const [keyword, criterion] of criteria) {
    if (keywords.has(keyword)) parts.push(combined(lowering, keyword, criterion))
  }
  const not = get(keywords.raw, 'not')
  if (not !== undefined) parts.push({ kind: 'not', not: lowering.child(not, '/not'), ...common })
  const constant = get(keywords.raw, 'const')
  if (constant !== undefined && draft !== '4') {
    parts.push({ kind: 'const', value: canonical(constant), ...common })
  }
  parts.push(...typed(lowering))
  if (draft !== '4' && draft !== '6' && keywords.has('if', 'then', 'else')) {
    parts.push(conditional(lowering))
  }
  return parts
}

function combined(lowering: Lowering, keyword: string, criterion: Criterion): CombinedNode {
  const schemas = lowering.keywords.array(keyword)
  const parts = schemas.map((raw, i) => lowering.child(raw, step(keyword) + step(i)))
  return { kind: 'combined', criterion, parts, ...lowering.common }
}

function conditional(lowering: Lowering): ConditionalNode {
  const part = (keyword: string): Node | null => {
    const raw = get(lowering.keywords.raw, keyword)
    return raw === undefined ? null : lowering.child(raw, step(keyword))
  }
  return {
    kind: 'conditional',
    condition: part('if'),
    consequence: part('then'),
    alternative: part('else'),
    ...lowering.common,
  }
}

/** Classes with keywords of their own. */
type Group = 'string' | 'number' | 'object' | 'array'

/** By `type` first; keywords that speak of other types stand beside it. */
function typed(lowering: Lowering): Node[] {
  const { keywords, common } = lowering
  const taken = new Set<Group>()
  const parts: Node[] = []
  const type = get(keywords.raw, 'type')
  if (isArray(type)) {
    const branches = type.map((name) => ofType(lowering, name, taken))
    parts.push({ kind: 'combined', criterion: 'any', parts: branches, ...common })
  } else if (type !== undefined) parts.push(ofType(lowering, type, taken))
  type Make = (lowering: Lowering) => Node
  const lower = (group: Group, has: boolean, make: Make) => {
    if (has && !taken.has(group)) parts.push(make(lowering))
  }
  lower('array', hasArrayKeywords(lowering), lowerArray)
  lower('object', hasObjectKeywords(lowering), lowerObject)
  lower('number', hasNumberKeywords(lowering), lowerNumber)
  lower('string', hasStringKeywords(lowering) && hasMeaning(lowering), lowerString)
  return parts
}

/** `format` alone is an annotation from 2019-09 on, and a class of strings before. */
function hasMeaning({ keywords, draft }: Lowering): boolean {
  return !isModern(draft) || keywords.has('minLength', 'maxLength', 'pattern')
}

function ofType(lowering: Lowering, name: Json, taken: Set<Group>): Node {
  const { keywords, common } = lowering
  switch (name) {
    case 'string':
      taken.add('string')
      return lowerString(lowering)
    case 'number':
    case 'integer':
      taken.add('number')
      return lowerNumber(lowering, name === 'integer')
    case 'object':
      taken.add('object')
      return lowerObject(lowering)
    case 'array':
      taken.add('array')
      return lowerArray(lowering)
    case 'boolean':
    case 'null':
      return { kind: name, ...common }
    default:
      keywords.wrong('type', 'one of the seven types, or a list of them')
      return { kind: 'true', ...common }
  }
}
