/**
 * A .proto text and what it imports, as one tree of messages. Nothing is fetched: an import that is not
 * given, and does not come with every compiler, makes the schema unusable.
 */
import { createRequire } from 'node:module'
import protobuf, { type Namespace, type ReflectionObject, type Root, type Type } from 'protobufjs'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { makeAbsolute } from './protobuf-names.ts'
import { protobufWork } from './protobuf-work.ts'

export interface ProtobufTexts {
  readonly text: string
  /** By the path that import lines name. */
  readonly imports: ReadonlyMap<string, string>
}

/** Of all texts of one schema together. */
const SCHEMA_CHARS_MAX = 1_048_576
/** Pairs of declarations: a message of 600 fields has fewer, and takes a quarter of a second. */
const PAIRS_MAX = 400_000
const FILES_MAX = 200

const require = createRequire(import.meta.url)
/** Beside those that the library calls common: each with what it imports itself. */
const bundled: Readonly<Record<string, readonly string[]>> = {
  descriptor: [],
  source_context: [],
  type: ['any', 'source_context'],
  api: ['type', 'source_context', 'any'],
}
const WELL_KNOWN = /^google\/protobuf\/([a-z_]+)\.proto$/
/** Options of single languages, which are never encoded. */
const OPTIONS_ONLY = /^google\/protobuf\/[a-z]+_features\.proto$/

const loaded = new WeakMap<ProtobufTexts, Root>()
/** Of the text alone: whoever writes hostile indexes asks often which message one names. */
const numbered = new WeakMap<ProtobufTexts, ReflectionObject | null>()

/** The tree, with everything in it resolved; read once for each `texts`. @throws QuipuError of FORMAT */
function protobufRoot(texts: ProtobufTexts): Root {
  const known = loaded.get(texts)
  if (known !== undefined) return known
  try {
    const root = new Loader(texts).load()
    loaded.set(texts, root)
    return root
  } catch (cause) {
    if (cause instanceof QuipuError) throw cause
    return unusable(messageOf(cause), cause)
  }
}

/**
 * The message that is meant by a full name, by a name within the package, by indexes such as `1/0`, or
 * by null: the first of the text.
 *
 * @throws QuipuError of FORMAT: a schema that cannot be used, or that has no such message
 */
export function protobufMessage(texts: ProtobufTexts, message: string | null): Type {
  const root = protobufRoot(texts)
  const isPath = message === null || /^[0-9]/.test(message)
  const names = isPath
    ? [nameAt(numberedOf(texts), message ?? '0')]
    : [message, inPackage(packageOf(texts.text), message)]
  for (const name of names) {
    const type = name === null ? null : below(root, name)
    if (type instanceof protobuf.Type) return type
  }
  return unusable(message === null ? 'it has no message' : `it has no message ${cut(message)}`)
}

/**
 * Full name of the message at such a path of indexes as Confluent's framing has, `0` or `1/0`, each
 * counting the messages of its level in the order of the text; null: there is none. Neither groups nor
 * the entries of maps count, as in the serializer for Java.
 */
export function messageNameAt(text: string, indexes: string): string | null {
  return nameAt(outermost(text), indexes)
}

function numberedOf(texts: ProtobufTexts): ReflectionObject | null {
  const known = numbered.get(texts)
  if (known !== undefined) return known
  const made = outermost(texts.text)
  numbered.set(texts, made)
  return made
}

/** What the messages of a text stand in. */
function outermost(text: string): ReflectionObject | null {
  affordable([text])
  const { root, package: name } = parsed(text, new protobuf.Root())
  return name === undefined ? root : below(root, name)
}

function nameAt(outer: ReflectionObject | null, indexes: string): string | null {
  let level = outer
  let found: Type | undefined
  for (const index of indexes.split('/')) {
    const messages: readonly Type[] = messagesOf(level)
    found = /^[0-9]{1,9}$/.test(index) ? messages[Number(index)] : undefined
    if (found === undefined) return null
    level = found
  }
  return found === undefined ? null : found.fullName.slice(1)
}

function messagesOf(level: ReflectionObject | null): readonly Type[] {
  const nested = level instanceof protobuf.Namespace ? level.nestedArray : []
  return nested.filter((one): one is Type => one instanceof protobuf.Type && !isGroup(one))
}

/** What has that full name. */
function below(root: Root, name: string): ReflectionObject | null {
  let found: ReflectionObject | null = root
  for (const part of name.split('.')) {
    found = found instanceof protobuf.Namespace ? found.get(part) : null
  }
  return found
}

function isGroup(type: Type): boolean {
  return (type as { readonly group?: boolean }).group === true
}

function packageOf(text: string): string {
  return parsed(text, new protobuf.Root()).package ?? ''
}

function inPackage(name: string, message: string): string {
  return name === '' ? message : `${name}.${message}`
}

class Loader {
  readonly #texts: ProtobufTexts
  readonly #root = new protobuf.Root()
  readonly #begun = new Set<string>()

  constructor(texts: ProtobufTexts) {
    this.#texts = texts
    const { text, imports } = texts
    const chars = [text, ...imports.values()].reduce((sum, { length }) => sum + length, 0)
    if (chars > SCHEMA_CHARS_MAX) unusable(`it has more than ${SCHEMA_CHARS_MAX} characters`)
    affordable([text, ...imports.values()])
  }

  load(): Root {
    this.#add(this.#texts.text)
    makeAbsolute(this.#root)
    this.#root.resolveAll()
    return this.#root
  }

  /** What a text imports first: the parser must know what an extension extends. */
  #add(text: string): void {
    const { imports = [], weakImports = [] } = parsed(text, new protobuf.Root())
    for (const path of [...imports, ...weakImports]) this.#import(path)
    parsed(text, this.#root)
  }

  #import(path: string): void {
    if (this.#begun.has(path)) return
    this.#begun.add(path)
    if (this.#begun.size > FILES_MAX) unusable(`it imports more than ${FILES_MAX} files`)
    const text = this.#texts.imports.get(path)
    if (text !== undefined) this.#add(text)
    else this.#bring(path)
  }

  #bring(path: string): void {
    const name = WELL_KNOWN.exec(path)?.[1] ?? ''
    const needed = Object.hasOwn(bundled, name) ? bundled[name] : undefined
    const json =
      needed === undefined
        ? protobuf.common.get(path)
        : require(`protobufjs/google/protobuf/${name}.json`)
    if (json === null) {
      if (!OPTIONS_ONLY.test(path)) unusable(`${cut(path)} is imported, and was not given`)
      return
    }
    for (const one of needed ?? []) this.#import(`google/protobuf/${one}.proto`)
    addMissing(this.#root, (json as protobuf.INamespace).nested ?? {})
  }
}

/** Several of the library's files repeat a declaration: the first stays. */
function addMissing(namespace: Namespace, nested: Record<string, protobuf.AnyNestedObject>): void {
  for (const [name, json] of Object.entries(nested)) {
    const known = namespace.get(name)
    if (known === null) namespace.addJSON({ [name]: structuredClone(json) })
    else if (known instanceof protobuf.Namespace && !(known instanceof protobuf.Type)) {
      addMissing(known, (json as protobuf.INamespace).nested ?? {})
    }
  }
}

function affordable(texts: readonly string[]): void {
  if (protobufWork(texts) > PAIRS_MAX) unusable('a message has too many fields, or a file too many')
}

function parsed(text: string, root: Root): protobuf.IParserResult {
  // The library would drop it without a word.
  if (/\b__proto__\b/.test(text)) unusable('it names something __proto__')
  return protobuf.parse(text, root, { keepCase: true })
}

function unusable(what: string, cause?: unknown): never {
  throw new QuipuError('FORMAT', `the Protobuf schema cannot be used: ${cut(what)}`, { cause })
}

/** What the library says quotes the text. */
function cut(text: string): string {
  return text.slice(0, 200)
}
