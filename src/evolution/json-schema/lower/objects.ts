/** Keywords of objects. */
import { isModern } from '../dialect.ts'
import { get, isArray, type Json, step } from '../json.ts'
import type { Node, ObjectNode, Rest } from '../model.ts'
import type { Lowering } from './parts.ts'

const keywordsAll = [
  'properties',
  'required',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'additionalProperties',
]

export function hasObjectKeywords({ keywords, draft }: Lowering): boolean {
  if (keywords.has(...keywordsAll)) return true
  if (draft !== '4' && keywords.has('propertyNames')) return true
  if (!isModern(draft)) return keywords.has('dependencies')
  return keywords.has('dependentRequired', 'dependentSchemas', 'unevaluatedProperties')
}

export function lowerObject(lowering: Lowering): ObjectNode {
  const { keywords, draft, common } = lowering
  const requiredBy = new Map<string, ReadonlySet<string>>()
  const schemaBy = new Map<string, Node>()
  const addRequired = (keyword: string, name: string, value: Json) => {
    if (isArray(value) && value.every((one) => typeof one === 'string')) {
      requiredBy.set(name, new Set(value))
    } else keywords.wrong(keyword, 'arrays of strings by name')
  }
  const addSchema = (keyword: string, name: string, value: Json) => {
    schemaBy.set(name, lowering.child(value, step(keyword) + step(name)))
  }
  if (isModern(draft)) {
    for (const entry of keywords.entries('dependentRequired')) {
      addRequired('dependentRequired', ...entry)
    }
    for (const entry of keywords.entries('dependentSchemas')) {
      addSchema('dependentSchemas', ...entry)
    }
  } else {
    for (const [name, value] of keywords.entries('dependencies')) {
      if (isArray(value)) addRequired('dependencies', name, value)
      else addSchema('dependencies', name, value)
    }
  }
  const unevaluated = isModern(draft) ? get(keywords.raw, 'unevaluatedProperties') : undefined
  const names = draft === '4' ? undefined : get(keywords.raw, 'propertyNames')
  return {
    kind: 'object',
    properties: children(lowering, 'properties'),
    patternProperties: children(lowering, 'patternProperties'),
    additional: restOf(lowering, 'additionalProperties'),
    unevaluated:
      unevaluated === undefined ? null : lowering.child(unevaluated, '/unevaluatedProperties'),
    required: keywords.names('required'),
    maxProperties: keywords.number('maxProperties'),
    minProperties: keywords.number('minProperties'),
    requiredBy,
    schemaBy,
    propertyNames: names === undefined ? null : lowering.child(names, '/propertyNames'),
    ...common,
  }
}

function children(lowering: Lowering, keyword: string): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>()
  for (const [name, raw] of lowering.keywords.entries(keyword)) {
    nodes.set(name, lowering.child(raw, step(keyword) + step(name)))
  }
  return nodes
}

/** An empty schema is as open as `true`, though the registry takes it for a restriction. */
export function restOf(lowering: Lowering, keyword: string): Rest {
  const raw = get(lowering.keywords.raw, keyword)
  if (raw === undefined || raw === true) return 'any'
  if (raw === false) return 'none'
  const node = lowering.child(raw, step(keyword))
  return node.kind === 'true' ? 'any' : node
}
