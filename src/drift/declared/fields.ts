/**
 * Which fields schemas allow, all alternatives together. Of a schema that says nothing of its fields
 * whatever comes is declared; one that lists some and is silent on others has declared those.
 */

import { schemasAt } from './combined-tests.ts'
import type { DeclaredFields, DeclaredNode } from './declared.ts'
import type { Documents } from './documents.ts'
import { DECLARED_NODES_MAX } from './limits.ts'
import { partsOf } from './parts.ts'
import { typesOf } from './scalar-tests.ts'
import { isSchemaObject, keyword, type Schema, type SchemaObject } from './schema-json.ts'
import { targetOf, together } from './together.ts'

export function declaredFields(root: Schema, documents: Documents): DeclaredFields {
  return new Builder(documents).of([root])
}

/** While it is being made. */
interface Draft {
  fields: Map<string, DeclaredFields> | null
  entries?: DeclaredFields
  items?: DeclaredFields
}

class Builder {
  readonly #documents: Documents
  /** By the schemas that say what holds in one place: a schema may hold itself. */
  readonly #made = new Map<string, DeclaredFields>()
  readonly #numbers = new Map<SchemaObject, number>()

  constructor(documents: Documents) {
    this.#documents = documents
  }

  of(schemas: readonly Schema[]): DeclaredFields {
    const here = together(schemas, this.#documents)
    const key = [...here]
      .map((schema) => this.#numberOf(schema))
      .sort()
      .join()
    const made = this.#made.get(key)
    if (made !== undefined || this.#made.has(key)) return made ?? null
    if (this.#made.size >= DECLARED_NODES_MAX) return null
    const isSilent = [...here].every((schema) => !saysFields(schema) && !saysItems(schema))
    if (isSilent || schemas.some((schema) => this.#isOpen(schema, new Set()))) {
      this.#made.set(key, null)
      return null
    }
    const draft: Draft = { fields: null }
    this.#made.set(key, draft as DeclaredNode)
    this.#fill(draft, [...here])
    return draft as DeclaredNode
  }

  #fill(draft: Draft, here: readonly SchemaObject[]): void {
    const { named, others, items } = partsOf(here)
    // No record is meant: that one came is told as another type, not as fields that nobody declared.
    if (!here.some(saysFields)) draft.entries = null
    else draft.fields = new Map([...named].map(([name, list]) => [name, this.of(list)]))
    if (others.length > 0) draft.entries = this.of(others)
    draft.items = items.length > 0 ? this.of(items) : null
  }

  /** One of its alternatives is any record, or anything at all. */
  #isOpen(schema: Schema, seen: Set<SchemaObject>): boolean {
    if (!isSchemaObject(schema) || seen.has(schema)) return false
    seen.add(schema)
    if (this.#documents.isUndecided(schema)) return true
    const target = targetOf(schema, this.#documents)
    if (target !== null && this.#isOpen(target, seen)) return true
    if (target !== null && this.#documents.isRefAlone) return false
    if (schemasAt(schema, 'allOf').some((one) => this.#isOpen(one, seen))) return true
    if (saysFields(schema)) return false
    return ['anyOf', 'oneOf'].some((kind) =>
      schemasAt(schema, kind).some((one) => isAnything(one) || this.#isOpen(one, seen)),
    )
  }

  #numberOf(schema: SchemaObject): number {
    const known = this.#numbers.get(schema)
    if (known !== undefined) return known
    this.#numbers.set(schema, this.#numbers.size)
    return this.#numbers.size - 1
  }
}

const fieldKeywords = ['properties', 'patternProperties', 'additionalProperties']
const itemKeywords = ['items', 'prefixItems', 'additionalItems']
const combining = ['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'enum', 'const', 'required']

function saysFields(schema: SchemaObject): boolean {
  return fieldKeywords.some((name) => keyword(schema, name) !== undefined)
}

function saysItems(schema: SchemaObject): boolean {
  return itemKeywords.some((name) => keyword(schema, name) !== undefined)
}

function isAnything(schema: Schema): boolean {
  if (!isSchemaObject(schema)) return schema
  if (saysFields(schema)) return false
  const isPlain = combining.every((name) => keyword(schema, name) === undefined)
  return isPlain && (Object.keys(schema).length === 0 || typesOf(schema).includes('object'))
}
