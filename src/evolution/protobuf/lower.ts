/** The parser's tree to the model: names resolved, defaults written out, maps as the messages they are. */
import protobuf, {
  type Enum,
  type FieldBase,
  type MapField,
  type Namespace,
  type OneOf,
  type Service,
  type Type,
} from 'protobufjs'
import { defaultFeatures, type Features, withOptions } from './features.ts'
import type { Loaded } from './load.ts'
import {
  type Cardinality,
  type Kind,
  type Label,
  type ProtobufSchema,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoService,
  type Range,
  scalars,
} from './model.ts'
import { fullNameOf } from './names.ts'
import { entryNameOf, join, type Outline } from './outline.ts'

interface FileParts {
  readonly messages: ProtoMessage[]
  readonly enums: ProtoEnum[]
  readonly services: ProtoService[]
  readonly extensions: ProtoField[]
}

export function lower(loaded: Loaded, mains: ReadonlySet<string>): ProtobufSchema {
  const { root, outlines, owners } = loaded
  const lowering = new Lowering(owners)
  const parts = lowering.parts(root)
  const files = [...outlines.values()].map(
    ({ path, syntax, pkg, options }): ProtoFile => ({
      ...{ path, syntax, pkg, options, isMain: mains.has(path) },
      ...(parts.get(path) ?? { messages: [], enums: [], services: [], extensions: [] }),
    }),
  )
  return { files, root, outlines, messages: lowering.messages, enums: lowering.enums }
}

class Lowering {
  readonly messages = new Map<string, ProtoMessage>()
  readonly enums = new Map<string, ProtoEnum>()
  readonly #owners: Loaded['owners']

  constructor(owners: Loaded['owners']) {
    this.#owners = owners
  }

  parts(root: Namespace): Map<string, FileParts> {
    const files = new Map<string, FileParts>()
    const of = (path: string): FileParts => {
      const parts = files.get(path) ?? { messages: [], enums: [], services: [], extensions: [] }
      files.set(path, parts)
      return parts
    }
    const visit = (namespace: Namespace) => {
      for (const object of namespace.nestedArray) {
        if (isPackage(object)) {
          visit(object as Namespace)
          continue
        }
        const name = fullNameOf(object)
        const outline = this.#owners.get(name)
        // Never passed over: what is not compared would count as the same.
        if (outline === undefined) throw new Error(`where ${name} is declared cannot be told`)
        if (outline === null) continue
        const features = defaultFeatures(outline.syntax)
        const { messages, enums, services, extensions } = of(outline.path)
        if (object instanceof protobuf.Type) messages.push(this.#message(object, features, outline))
        else if (object instanceof protobuf.Enum) enums.push(this.#enum(object, features, outline))
        else if (object instanceof protobuf.Service) services.push(this.#service(object, outline))
        else if (object instanceof protobuf.Field)
          extensions.push(this.#field(object, features, outline))
      }
    }
    visit(root)
    return files
  }

  #message(type: Type, parent: Features, outline: Outline): ProtoMessage {
    const features = withOptions(parent, type.options)
    const declared = declaredAs(type, outline)
    const own = type.fieldsArray.filter((field) => field.declaringField === null)
    const nested = type.nestedArray
    const messages = nested
      .filter((o) => o instanceof protobuf.Type)
      .map((o) => this.#message(o, features, outline))
    const fields = own.map((field) => {
      if (!(field instanceof protobuf.MapField)) return this.#field(field, features, outline)
      const entry = this.#entry(field, features, outline)
      messages.push(entry)
      return { ...this.#field(field, features, outline), typeName: entry.fullName }
    })
    const message: ProtoMessage = {
      ...declared,
      ...{ fields, messages, isMapEntry: false },
      oneofs: type.oneofsArray.filter((o) => !isSynthetic(o)).map(({ name }) => name),
      enums: nested
        .filter((o) => o instanceof protobuf.Enum)
        .map((o) => this.#enum(o, features, outline)),
      extensions: nested
        .filter((o) => o instanceof protobuf.Field)
        .map((o) => this.#field(o, features, outline)),
      ...reservedOf(type.reserved),
      extensionRanges: rangesOf(type.extensions),
      jsonFormat: features.json_format,
      isWithoutAccessor: type.options?.no_standard_descriptor_accessor === true,
    }
    this.messages.set(message.fullName, message)
    return message
  }

  /** The message that a map is a list of. */
  #entry(field: MapField, features: Features, outline: Outline): ProtoMessage {
    const name = entryNameOf(field.name)
    const parent = fullNameOf(field.parent as Type)
    const fullName = join(parent, name)
    const presence = features.field_presence === 'IMPLICIT' ? 'implicit' : 'explicit'
    const part = (name: string, number: number, type: string): ProtoField => {
      const { kind, typeName } = kindOf(type, field, features)
      return {
        ...this.#field(field, features, outline),
        ...{ name, number, fullName: join(fullName, name), jsonName: name, kind, typeName },
        cardinality: kind === 'message' ? 'explicit' : presence,
        ...{ label: null, isPacked: false, jsType: 'JS_NORMAL' },
      }
    }
    const entry: ProtoMessage = {
      ...{ name, fullName, file: outline.path, isMapEntry: true },
      localName: localNameOf(fullName, outline),
      fields: [part('key', 1, field.keyType), part('value', 2, field.type)],
      ...{ oneofs: [], messages: [], enums: [], extensions: [], extensionRanges: [] },
      ...{ reservedRanges: [], reservedNames: [], isWithoutAccessor: false },
      jsonFormat: features.json_format,
    }
    this.messages.set(fullName, entry)
    return entry
  }

  #field(field: FieldBase, parent: Features, outline: Outline): ProtoField {
    const oneof = field.partOf !== null && !isSynthetic(field.partOf) ? field.partOf : null
    const features = withOptions(
      oneof === null ? parent : withOptions(parent, oneof.options),
      field.options,
    )
    const isGroup = field.resolvedType instanceof protobuf.Type && isGroupType(field.resolvedType)
    const name = isGroup
      ? field.type.slice(field.type.lastIndexOf('.') + 1).toLowerCase()
      : field.name
    const scope =
      field.parent === null || field.parent.parent === null ? '' : fullNameOf(field.parent)
    const { kind, typeName } = kindOf(field.type, field, features)
    const { options } = field
    const extendee = field.extend === undefined ? null : field.extend.slice(1)
    const cardinality = cardinalityOf(field, kind, features)
    const isMap = field instanceof protobuf.MapField
    const utf8 = features.utf8_validation
    return {
      ...{ name, fullName: join(scope, name), number: field.id, extendee, cardinality },
      kind: isMap ? 'message' : kind,
      ...{ typeName, oneof: oneof?.name ?? null },
      label: labelOf(field, outline.syntax, oneof !== null),
      jsonName: textOf(options?.json_name) ?? jsonNameOf(name),
      defaultValue: scalarOf(options?.default),
      isPacked:
        typeof options?.packed === 'boolean'
          ? options.packed
          : features.repeated_field_encoding === 'PACKED',
      jsType: textOf(options?.jstype) ?? 'JS_NORMAL',
      ...{ utf8, javaUtf8: javaUtf8Of(features, outline) },
      cppString:
        textOf(options?.ctype) ??
        features.custom['(pb.cpp).string_type'] ??
        (Number(outline.syntax) >= 2024 ? 'VIEW' : 'STRING'),
    }
  }

  #enum(object: Enum, parent: Features, outline: Outline): ProtoEnum {
    const features = withOptions(parent, object.options)
    const lowered: ProtoEnum = {
      ...declaredAs(object, outline),
      values: Object.entries(object.values).map(([name, number]) => ({ name, number })),
      isClosed: features.enum_type === 'CLOSED',
      ...reservedOf(object.reserved),
      jsonFormat: features.json_format,
    }
    this.enums.set(lowered.fullName, lowered)
    return lowered
  }

  #service(service: Service, outline: Outline): ProtoService {
    const declared = declaredAs(service, outline)
    const methods = service.methodsArray.map((method) => ({
      name: method.name,
      fullName: join(declared.fullName, method.name),
      input: method.requestType.slice(1),
      output: method.responseType.slice(1),
      isClientStreaming: method.requestStream === true,
      isServerStreaming: method.responseStream === true,
      idempotency: textOf(method.options?.idempotency_level) ?? 'IDEMPOTENCY_UNKNOWN',
    }))
    return { ...declared, methods }
  }
}

function declaredAs(
  object: Type | Enum | Service,
  outline: Outline,
): { name: string; fullName: string; localName: string; file: string } {
  const fullName = fullNameOf(object)
  const localName = localNameOf(fullName, outline)
  return { name: object.name, fullName, localName, file: outline.path }
}

function localNameOf(fullName: string, { pkg }: Outline): string {
  return pkg === '' ? fullName : fullName.slice(pkg.length + 1)
}

function isPackage(object: unknown): boolean {
  return (
    typeof object === 'object' &&
    object !== null &&
    'nestedArray' in object &&
    !(object instanceof protobuf.Type || object instanceof protobuf.Service)
  )
}

/** One that only stands for `optional` in proto3. */
function isSynthetic(oneof: OneOf): boolean {
  const [only] = oneof.fieldsArray
  return oneof.fieldsArray.length === 1 && only?.options?.proto3_optional === true
}

function isGroupType(type: Type): boolean {
  return (type as Type & { readonly group?: boolean }).group === true
}

function kindOf(
  type: string,
  field: FieldBase,
  features: Features,
): { kind: Kind; typeName: string | null } {
  if (scalars.has(type)) return { kind: type as Kind, typeName: null }
  const typeName = type.slice(1)
  if (field.resolvedType instanceof protobuf.Enum) return { kind: 'enum', typeName }
  const isDelimited =
    !(field instanceof protobuf.MapField) &&
    (features.message_encoding === 'DELIMITED' || isGroupType(field.resolvedType as Type))
  return { kind: isDelimited ? 'group' : 'message', typeName }
}

function cardinalityOf(field: FieldBase, kind: Kind, features: Features): Cardinality {
  if (field instanceof protobuf.MapField) return 'map'
  if (field.repeated) return 'repeated'
  if (isRequired(field) || features.field_presence === 'LEGACY_REQUIRED') return 'required'
  const isMessage = kind === 'message' || kind === 'group'
  if (isMessage || field.partOf !== null || field.extend !== undefined) return 'explicit'
  return features.field_presence === 'IMPLICIT' ? 'implicit' : 'explicit'
}

function isRequired(field: FieldBase): boolean {
  return field.rule === 'required'
}

function labelOf(field: FieldBase, syntax: string, isInOneof: boolean): Label | null {
  if (field instanceof protobuf.MapField || isInOneof) return null
  if (field.repeated) return 'repeated'
  if (isRequired(field)) return 'required'
  if (syntax === 'proto2' || field.options?.proto3_optional === true) return 'optional'
  return null
}

/** As the compiler makes it: each underscore goes, and the letter behind it is a capital. */
function jsonNameOf(name: string): string {
  return name.replace(/_+([^_]?)/g, (_, letter: string) => letter.toUpperCase())
}

function javaUtf8Of(features: Features, outline: Outline): string {
  const checked = outline.options.get('java_string_check_utf8')
  const isBeforeEditions = outline.syntax === 'proto2' || outline.syntax === 'proto3'
  const isVerified =
    isBeforeEditions || checked !== undefined
      ? checked === 'true'
      : features.custom['(pb.java).utf8_validation'] === 'VERIFY'
  return isVerified ? 'VERIFY' : features.utf8_validation
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function scalarOf(value: unknown): string | number | boolean | null {
  const isScalar =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isScalar ? value : null
}

function rangesOf(ranges: readonly (readonly number[] | string)[] | undefined): Range[] {
  const found: Range[] = []
  for (const range of ranges ?? [])
    if (typeof range !== 'string') found.push([range[0] as number, range[1] as number])
  return found
}

function reservedOf(reserved: readonly (readonly number[] | string)[] | undefined): {
  reservedRanges: readonly Range[]
  reservedNames: readonly string[]
} {
  const names = (reserved ?? []).filter((item) => typeof item === 'string')
  return { reservedRanges: rangesOf(reserved), reservedNames: names }
}
