/**
 * Keywords → classes. One walk over what is reached from the root; a `$ref` is looked up when the walk is
 * over, so that neither a cycle nor a chain of them makes it deep.
 */
import { type Draft, isModern } from './dialect.ts'
import type { Documents, Target } from './documents.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { type Complain, Keywords } from './keywords.ts'
import { NODES_MAX } from './limits.ts'
import { type Lowering, partsOf } from './lower/parts.ts'
import type { Node, Place, ReferenceNode } from './model.ts'

export interface Lowered {
  readonly root: Node
  /** Every schema that was reached, in order. */
  readonly nodes: readonly Node[]
}

interface Pending {
  readonly node: ReferenceNode
  readonly ref: string
  readonly base: string
}

export interface LowerReport {
  readonly complain: Complain
  missing(place: Place, ref: string): void
  endless(place: Place): void
  tooMany(): void
}

export function lower(documents: Documents, report: LowerReport): Lowered {
  const nodes: Node[] = []
  const seen = new Map<JsonObject, Node>()
  const pending: Pending[] = []
  const follow = new Map<ReferenceNode, Node>()

  function nodeOf(target: Target): Node {
    const { raw, place } = target
    if (isObject(raw)) {
      const known = seen.get(raw)
      if (known !== undefined) return known
    }
    const node = isObject(raw) ? ofObject(raw, target) : ofOther(raw, place)
    if (isObject(raw)) seen.set(raw, node)
    nodes.push(node)
    return node
  }

  function ofOther(raw: Json, place: Place): Node {
    if (typeof raw !== 'boolean') report.complain(place, '', 'a schema: an object or a boolean')
    return { kind: raw === false ? 'false' : 'true', place, raw, hasDefault: false }
  }

  function reference(ref: string, target: Target, hasDefault: boolean): ReferenceNode {
    const { place, raw, base } = target
    const node: ReferenceNode = { kind: 'reference', to: null, place, raw, hasDefault }
    pending.push({ node, ref, base })
    return node
  }

  function ofObject(raw: JsonObject, target: Target): Node {
    const { place, draft } = target
    const base = documents.baseOf(raw, target.base)
    const keywords = new Keywords(raw, place, report.complain)
    const common = { place, raw, hasDefault: Object.hasOwn(raw, 'default') }
    const here: Target = { raw, place, base, draft }
    const parts: Node[] = []
    for (const keyword of referenceKeywords(draft)) {
      if (!keywords.has(keyword)) continue
      const ref = keywords.string(keyword)
      if (ref !== null) parts.push(reference(ref, here, common.hasDefault))
    }
    // Up to draft 7 a `$ref` is all there is.
    if (parts.length === 1 && !isModern(draft)) return parts[0]!
    const lowering: Lowering = {
      keywords,
      draft,
      common,
      child: (child, path) => {
        if (nodes.length >= NODES_MAX) {
          report.tooMany()
          return { kind: 'true', place, raw: true, hasDefault: false }
        }
        const pointer = place.pointer + path
        return nodeOf({ raw: child, place: { document: place.document, pointer }, base, draft })
      },
    }
    parts.push(...partsOf(lowering))
    if (parts.length === 0) return { kind: 'true', ...common }
    if (parts.length === 1) return parts[0]!
    return { kind: 'combined', criterion: 'all', parts, ...common }
  }

  const root = nodeOf(documents.root)
  // A target that is looked up may hold further references: the list grows while it is read.
  for (let i = 0; i < pending.length; i++) {
    const { node, ref, base } = pending[i]!
    const found = documents.resolve(ref, base, node.place.document)
    if (found === null) report.missing(node.place, ref)
    else if ('meta' in found) {
      const { place, raw } = node
      node.to = { kind: 'meta', uri: found.meta, place, raw, hasDefault: false }
    } else follow.set(node, nodeOf(found))
  }
  for (const node of follow.keys()) {
    if (!resolve(node, follow)) report.endless(node.place)
  }
  return { root, nodes }
}

/** Keywords that mean another schema. The dynamic ones are read as if nobody overrode them. */
function referenceKeywords(draft: Draft): readonly string[] {
  if (draft === '2019-09') return ['$ref', '$recursiveRef']
  return draft === '2020-12' ? ['$ref', '$dynamicRef'] : ['$ref']
}

/** Gives every reference of a chain its end. false: it goes round in a circle. */
function resolve(start: ReferenceNode, follow: ReadonlyMap<ReferenceNode, Node>): boolean {
  const passed = new Set<ReferenceNode>()
  let node: Node | undefined = start
  while (node !== undefined && node.kind === 'reference' && node.to === null) {
    if (passed.has(node)) return false
    passed.add(node)
    node = follow.get(node)
  }
  // Undefined: the chain ends at one that is missing, which was told.
  const end = node === undefined ? null : node.kind === 'reference' ? node.to : node
  for (const reference of passed) reference.to = end
  return true
}
