/**
 * Pairs of messages to compare, each once. A list instead of recursion: messages refer to each other in
 * circles and in chains as long as one likes.
 */
import { PAIRS_MAX } from './limits.ts'
import type { ProtobufSchema, ProtoEnum, ProtoFile, ProtoMessage } from './model.ts'

export class Pairs {
  readonly #seen = new Set<string>()
  readonly #waiting: [reader: ProtoMessage, writer: ProtoMessage][] = []

  /** More than are looked at: what was found is not all there is. */
  isCut = false

  add(reader: ProtoMessage, writer: ProtoMessage): void {
    const key = `${reader.fullName} ${writer.fullName}`
    if (this.#seen.has(key)) return
    if (this.#seen.size >= PAIRS_MAX) {
      this.isCut = true
      return
    }
    this.#seen.add(key)
    this.#waiting.push([reader, writer])
  }

  /** First come, first compared; `visit` may add more. */
  drain(visit: (reader: ProtoMessage, writer: ProtoMessage) => void): void {
    for (let at = 0; at < this.#waiting.length; at++) {
      const [reader, writer] = this.#waiting[at] as [ProtoMessage, ProtoMessage]
      visit(reader, writer)
    }
  }
}

export interface FilePair {
  readonly reader: ProtoFile
  readonly writer: ProtoFile
}

/** The files of both that are versions of each other: single ones whatever their name, else by path. */
export function filePairs(reader: ProtobufSchema, writer: ProtobufSchema): FilePair[] {
  const readers = mainsOf(reader)
  const writers = mainsOf(writer)
  const pairs: FilePair[] = []
  if (readers.length === 1 && writers.length === 1)
    pairs.push({ reader: readers[0] as ProtoFile, writer: writers[0] as ProtoFile })
  else {
    const byPath = new Map(readers.map((file) => [file.path, file]))
    for (const file of writers) {
      const other = byPath.get(file.path)
      if (other !== undefined) pairs.push({ reader: other, writer: file })
    }
  }
  return pairs
}

export function mainsOf({ files }: ProtobufSchema): readonly ProtoFile[] {
  return files.filter(({ isMain }) => isMain)
}

/** Of two lists of one name each; in the order of the first, then of the second. */
export function joined<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string | number,
): [Item | null, Item | null][] {
  const afterByKey = new Map(after.map((item) => [keyOf(item), item]))
  const beforeKeys = new Set(before.map(keyOf))
  return [
    ...before.map((item): [Item, Item | null] => [item, afterByKey.get(keyOf(item)) ?? null]),
    ...after
      .filter((item) => !beforeKeys.has(keyOf(item)))
      .map((item): [null, Item] => [null, item]),
  ]
}

/** Every message of the writer with the one a reader reads it by: by name, and where a field uses it. */
export function messagePairs(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
): [reader: ProtoMessage, writer: ProtoMessage][] {
  const pairs = new Pairs()
  const found: [ProtoMessage, ProtoMessage][] = []
  const [readers, writers] = [mainsOf(reader), mainsOf(writer)]
  const isSingle = readers.length === 1 && writers.length === 1
  const tops = (files: readonly ProtoFile[]) => files.flatMap(({ messages }) => messages)
  const keyOf = (message: ProtoMessage) => (isSingle ? message.name : message.fullName)
  const add = (from: readonly ProtoMessage[], to: readonly ProtoMessage[], key = keyOf) => {
    for (const [before, after] of joined(from, to, key))
      if (before !== null && after !== null) pairs.add(after, before)
  }
  add(tops(writers), tops(readers))
  pairs.drain((to, from) => {
    found.push([to, from])
    add(from.messages, to.messages, ({ name }) => name)
    const known = new Map(to.fields.map((field) => [field.number, field]))
    for (const field of from.fields) {
      const other = known.get(field.number)
      const before = writer.messages.get(field.typeName ?? '')
      const after = reader.messages.get(other?.typeName ?? '')
      if (before !== undefined && after?.localName === before.localName) pairs.add(after, before)
    }
  })
  return found
}

/** Every enum of the writer with its namesake. */
export function enumPairs(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
): [reader: ProtoEnum, writer: ProtoEnum][] {
  const known = new Map<string, ProtoEnum>()
  for (const item of reader.enums.values()) known.set(item.localName, item)
  // The same package is the better namesake.
  for (const item of reader.enums.values()) known.set(item.fullName, item)
  const pairs: [ProtoEnum, ProtoEnum][] = []
  for (const item of writer.enums.values()) {
    const other = known.get(item.fullName) ?? known.get(item.localName)
    if (other !== undefined) pairs.push([other, item])
  }
  return pairs
}
