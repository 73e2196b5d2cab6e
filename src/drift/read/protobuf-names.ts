/**
 * Which declaration a name of a .proto text means: the innermost scope that has it. The library would
 * search within everything below a scope before it looks further out, and so decode by another type.
 */
import protobuf, { type Field, type Namespace, type ReflectionObject } from 'protobufjs'

/** Components of a name. */
const PARTS_MAX = 64

/** Makes the references of all fields absolute. What is found nowhere is left for the library to refuse. */
export function makeAbsolute(root: Namespace): void {
  const declared = new Set<string>()
  walk(root, (object) => {
    if (isDeclaration(object)) declared.add(object.fullName.slice(1))
  })
  const set = (field: Field, scope: string): void => {
    if (Object.hasOwn(protobuf.types.basic, field.type)) return
    field.type = resolved(field.type, scope, declared) ?? field.type
    if (field.extend !== undefined) {
      field.extend = resolved(field.extend, scope, declared) ?? field.extend
    }
    if (field.extensionField !== null) field.extensionField.type = field.type
  }
  walk(root, (object) => {
    if (object instanceof protobuf.Type) {
      const own = object.fieldsArray.filter(({ declaringField }) => declaringField === null)
      for (const field of own) set(field, object.fullName.slice(1))
    } else if (object instanceof protobuf.Field) set(object, object.parent?.fullName.slice(1) ?? '')
  })
}

function isDeclaration(object: ReflectionObject): boolean {
  return object instanceof protobuf.Type || object instanceof protobuf.Enum
}

function walk(namespace: Namespace, see: (object: ReflectionObject) => void): void {
  for (const object of namespace.nestedArray) {
    see(object)
    if (object instanceof protobuf.Namespace) walk(object, see)
  }
}

function resolved(name: string, scope: string, declared: ReadonlySet<string>): string | null {
  if (name.startsWith('.')) return name
  const parts = scope === '' ? [] : scope.split('.')
  for (let count = Math.min(parts.length, PARTS_MAX); count >= 0; count--) {
    const candidate = [...parts.slice(0, count), name].join('.')
    if (declared.has(candidate)) return `.${candidate}`
  }
  return null
}
