/**
 * Which declaration a name means, from the innermost scope outwards. The parser would also search
 * inside of everything it knows; so its references are made absolute before it resolves them.
 */
import protobuf, {
  type Enum,
  type Field,
  type Namespace,
  type ReflectionObject,
  type Type,
} from 'protobufjs'
import { NAME_PARTS_MAX } from './limits.ts'
import { scalars } from './model.ts'

/** Full names without the leading dot. */
export type Declared = ReadonlyMap<string, Type | Enum>

export function fullNameOf(object: ReflectionObject): string {
  return object.fullName.slice(1)
}

/** Every message and enum below; nesting is bounded by the outline. */
export function declaredIn(root: Namespace): Map<string, Type | Enum> {
  const found = new Map<string, Type | Enum>()
  const visit = (namespace: Namespace) => {
    for (const object of namespace.nestedArray) {
      if (object instanceof protobuf.Type || object instanceof protobuf.Enum)
        found.set(fullNameOf(object), object)
      if ('nestedArray' in object) visit(object as Namespace)
    }
  }
  visit(root)
  return found
}

/** @returns the full name; null: nothing in scope has that name */
function resolve(name: string, scope: string, declared: Declared): string | null {
  if (name.startsWith('.')) return declared.has(name.slice(1)) ? name.slice(1) : null
  const parts = scope === '' ? [] : scope.split('.')
  for (let count = Math.min(parts.length, NAME_PARTS_MAX); count >= 0; count--) {
    const candidate = [...parts.slice(0, count), name].join('.')
    if (declared.has(candidate)) return candidate
  }
  return null
}

/** A reference that means nothing. */
export class Unresolved extends Error {
  /** Full name of what refers. */
  readonly element: string

  constructor(name: string, object: ReflectionObject) {
    super(`\`${name}\` in ${fullNameOf(object)} is declared nowhere`)
    this.element = fullNameOf(object)
  }
}

/** Makes all references below absolute. @throws Unresolved for one that means nothing */
export function makeAbsolute(root: Namespace, declared: Declared): void {
  const absolute = (name: string, scope: string, object: ReflectionObject): string => {
    const found = resolve(name, scope, declared)
    if (found !== null) return `.${found}`
    throw new Unresolved(name, object)
  }
  const field = (object: Field, scope: string) => {
    if (!scalars.has(object.type)) object.type = absolute(object.type, scope, object)
    if (object.extend === undefined) return
    object.extend = absolute(object.extend, scope, object)
    if (object.extensionField !== null) object.extensionField.type = object.type
  }
  const visit = (namespace: Namespace) => {
    const scope = namespace.parent === null ? '' : fullNameOf(namespace)
    if (namespace instanceof protobuf.Type)
      for (const object of namespace.fieldsArray)
        if (object.declaringField === null) field(object, scope)
    if (namespace instanceof protobuf.Service)
      for (const method of namespace.methodsArray) {
        method.requestType = absolute(method.requestType, scope, method)
        method.responseType = absolute(method.responseType, scope, method)
      }
    for (const object of namespace.nestedArray) {
      if (object instanceof protobuf.Field) field(object, scope)
      else if ('nestedArray' in object) visit(object as Namespace)
    }
  }
  visit(root)
}
