/** buf's rules of files, packages and services. */
import type { Change, Check } from './buf-change.ts'
import type {
  ProtobufSchema,
  ProtoEnum,
  ProtoFile,
  ProtoMessage,
  ProtoMethod,
  ProtoService,
} from './model.ts'
import { mainsOf } from './pairs.ts'

export const fileNoDelete: Check = ({ files, before, tell }) => {
  const kept = new Set(files.map(([file]) => file))
  for (const file of mainsOf(before)) {
    if (kept.has(file)) continue
    tell({ reader: null, writer: file.path }, { file: file.path }, `${file.path} was deleted`)
  }
}

export const samePackage: Check = sameOfFile('package', ({ pkg }) => pkg)
export const sameSyntax: Check = sameOfFile('syntax', ({ syntax }) => syntax)

/** @param unset what the option means where it is not written */
export function sameOption(name: string, unset = ''): Check {
  return sameOfFile(`option \`${name}\``, ({ options }) => options.get(name) ?? unset)
}

function sameOfFile(what: string, of: (file: ProtoFile) => string): Check {
  return ({ files, tell }) => {
    for (const [before, after] of files) {
      const args = { before: of(before), after: of(after) }
      if (args.before === args.after) continue
      const said = `the ${what} was \`${args.before}\` and is \`${args.after}\``
      tell({ reader: after.path, writer: before.path }, args, said)
    }
  }
}

type Item = ProtoMessage | ProtoEnum | ProtoService

/** Messages of a file or package with those in them; parts of a map go with their field as well. */
const itemsOf = {
  message: ({ messages }: ProtobufSchema): Item[] => [...messages.values()],
  enum: ({ enums }: ProtobufSchema): Item[] => [...enums.values()],
  service: (schema: ProtobufSchema): Item[] => mainsOf(schema).flatMap(({ services }) => services),
} as const

export type ItemKind = keyof typeof itemsOf

/** Within one file: what moves to another is gone from this one. */
export function noDeleteFromFile(kind: ItemKind): Check {
  return ({ files, before, after, tell }) => {
    const of = (schema: ProtobufSchema, path: string) =>
      itemsOf[kind](schema).filter(({ file }) => file === path)
    for (const [from, to] of files) {
      const known = new Set(of(after, to.path).map(({ localName }) => localName))
      for (const item of of(before, from.path))
        if (!known.has(item.localName)) deleted(kind, item, to.path, tell)
    }
  }
}

/** Within one package, if there still is one; else the package is what was deleted. */
export function noDeleteFromPackage(kind: ItemKind): Check {
  return ({ before, after, tell }) => {
    const packages = new Set(mainsOf(after).map(({ pkg }) => pkg))
    const known = new Set(itemsOf[kind](after).map(({ fullName }) => fullName))
    const pkgs = new Map(mainsOf(before).map(({ path, pkg }) => [path, pkg]))
    for (const item of itemsOf[kind](before)) {
      const pkg = pkgs.get(item.file)
      if (pkg === undefined || !packages.has(pkg) || known.has(item.fullName)) continue
      deleted(kind, item, null, tell)
    }
  }
}

function deleted(kind: ItemKind, item: Item, path: string | null, tell: Change['tell']): void {
  const said = `${kind} \`${item.localName}\` was deleted`
  tell({ reader: path, writer: item.fullName }, { [kind]: item.localName }, said)
}

export const packageNoDelete: Check = ({ before, after, tell }) => {
  const packages = new Set(mainsOf(after).map(({ pkg }) => pkg))
  for (const pkg of new Set(mainsOf(before).map((file) => file.pkg))) {
    if (packages.has(pkg)) continue
    const writer = mainsOf(before).find((file) => file.pkg === pkg)?.path ?? null
    tell({ reader: null, writer }, { package: pkg }, `package \`${pkg}\` was deleted`)
  }
}

export const methodNoDelete: Check = ({ services, tell }) => {
  for (const [before, after] of services) {
    const known = new Set(after.methods.map(({ name }) => name))
    for (const { name, fullName } of before.methods) {
      if (known.has(name)) continue
      tell(
        { reader: after.fullName, writer: fullName },
        { method: name },
        `\`${name}\` was deleted`,
      )
    }
  }
}

export function sameOfMethod(what: string, of: (method: ProtoMethod) => string | boolean): Check {
  return ({ methods, tell }) => {
    for (const [before, after] of methods) {
      const args = { method: after.name, before: of(before), after: of(after) }
      if (args.before === args.after) continue
      const said = `${what} was \`${args.before}\` and is \`${args.after}\``
      tell({ reader: after.fullName, writer: before.fullName }, args, said)
    }
  }
}
