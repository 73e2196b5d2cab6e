/** buf's rules of single fields: name, JSON name, type, cardinality, oneof and options. */
import type { Check, FieldChange, Was } from './buf-change.ts'
import type { Cardinality, ProtobufSchema, ProtoEnum, ProtoField } from './model.ts'
import { isSameOnWire, isSameOnWireAndInJson } from './wire.ts'

/** A check that sees one field at a time, and tells what was and what is. */
function eachField(
  what: string,
  of: (field: FieldChange, before: ProtobufSchema, after: ProtobufSchema) => Was<string> | null,
): Check {
  return ({ fields, before, after, tell }) => {
    for (const field of fields) {
      const found = of(field, before, after)
      if (found === null || found[0] === found[1]) continue
      const sides = { reader: field.after.fullName, writer: field.before.fullName }
      const args = { number: field.after.number, before: found[0], after: found[1] }
      tell(sides, args, `the ${what} was \`${found[0]}\` and is \`${found[1]}\``)
    }
  }
}

export const sameName: Check = eachField('name', ({ before, after }) =>
  before.extendee === null ? [before.name, after.name] : [before.fullName, after.fullName],
)

/** An extension is known in JSON by its full name. */
export const sameJsonName: Check = eachField('JSON name', ({ before, after }) =>
  before.extendee === null ? [before.jsonName, after.jsonName] : null,
)

export const sameType: Check = eachField('type', ({ before, after }) =>
  before.kind === after.kind && before.typeName === after.typeName ? null : types(before, after),
)

export const wireType: Check = eachField('type', ({ before, after }, from, to) =>
  isSameOnWire(before.kind, after.kind) ? namedType(before, after, from, to) : types(before, after),
)

export const wireJsonType: Check = eachField('type', ({ before, after }, from, to) =>
  isSameOnWireAndInJson(before.kind, after.kind)
    ? namedType(before, after, from, to)
    : types(before, after),
)

function types(before: ProtoField, after: ProtoField): Was<string> {
  const text = ({ kind, typeName }: ProtoField) =>
    typeName === null ? kind : `${kind} ${typeName}`
  return [text(before), text(after)]
}

/** Another enum may stand for one of the same short name that has no value that it lacks. */
function namedType(
  before: ProtoField,
  after: ProtoField,
  from: ProtobufSchema,
  to: ProtobufSchema,
): Was<string> | null {
  if (after.typeName === null || before.typeName === after.typeName) return null
  if (after.kind === 'enum' && before.typeName !== null) {
    const old = from.enums.get(before.typeName)
    const now = to.enums.get(after.typeName)
    if (old !== undefined && now !== undefined && isPart(old, now)) return null
  }
  return types(before, after)
}

function isPart(old: ProtoEnum, now: ProtoEnum): boolean {
  if (old.name !== now.name) return false
  const known = new Map(now.values.map(({ name, number }) => [name, number]))
  return old.values.every(({ name, number }) => known.get(name) === number)
}

/** Parts of a map are made by the compiler: their presence means nothing. */
function cardinality(groupOf: (cardinality: Cardinality) => string): Check {
  return eachField('cardinality', ({ before, after, isMapEntry }) => {
    const isSame = groupOf(before.cardinality) === groupOf(after.cardinality)
    return isSame || isMapEntry ? null : [before.cardinality, after.cardinality]
  })
}

const isSingle = (c: Cardinality): boolean => c === 'explicit' || c === 'implicit'

export const sameCardinality: Check = cardinality((c) => c)

export const wireCardinality: Check = cardinality((c) =>
  isSingle(c) ? 'single' : c === 'map' ? 'repeated' : c,
)

/** A map is an object in JSON, a list is a list. */
export const wireJsonCardinality: Check = cardinality((c) => (isSingle(c) ? 'single' : c))

/** From no oneof to no oneof is told by the equality of the two texts. */
export const sameOneof: Check = eachField('oneof', ({ before, after }) =>
  before.extendee === null ? [before.oneof ?? 'none', after.oneof ?? 'none'] : null,
)

const sixtyFour = /^(?:u?int|sint|s?fixed)64$/

export const sameJsType: Check = eachField('`jstype`', ({ before, after }) =>
  sixtyFour.test(before.kind) && sixtyFour.test(after.kind) ? [before.jsType, after.jsType] : null,
)

const isText = ({ kind }: ProtoField): boolean => kind === 'string'

export const sameUtf8: Check = eachField('UTF-8 validation', ({ before, after }) =>
  isText(before) && isText(after) ? [before.utf8, after.utf8] : null,
)

export const sameJavaUtf8: Check = eachField('UTF-8 validation in Java', ({ before, after }) =>
  isText(before) && isText(after) ? [before.javaUtf8, after.javaUtf8] : null,
)

/** A piece may become a string: the type in C++ is the same. */
export const sameCppString: Check = eachField(
  'string type in C++',
  ({ before, after, isMapEntry }) => {
    const isBytes = (field: ProtoField) => isText(field) || field.kind === 'bytes'
    if (isMapEntry || !isBytes(before) || !isBytes(after)) return null
    if (before.cppString === 'STRING_PIECE' && after.cppString === 'STRING') return null
    return [before.cppString, after.cppString]
  },
)
