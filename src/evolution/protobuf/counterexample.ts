/**
 * A message that the writer's schema writes and the reader's cannot read, or reads as something else:
 * encoded and decoded by protobufjs, which knows nothing of our rules.
 *
 * What a reader does not declare is no loss: it is kept as an unknown field. What both declare must come
 * back as it was.
 */
import protobuf, { type Type } from 'protobufjs'
import type { Counterexample, Difference, SearchBudget } from '../engine.ts'
import { type Instance, instancesOf } from './instance.ts'
import { FRAGMENT_CHARS_MAX } from './limits.ts'
import { lossOf, type Plain } from './loss.ts'
import type { ProtobufSchema, ProtoMessage } from './model.ts'
import { messagePairs } from './pairs.ts'

const FIELDS_AS_ONE = 100

export function counterexample(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
  differences: readonly Difference[],
  { instancesMax }: SearchBudget,
): Counterexample | null {
  const suspects = new Set(differences.flatMap(({ writerPath }) => pathsAbove(writerPath)))
  const pairs = messagePairs(reader, writer).filter(([, { isMapEntry }]) => !isMapEntry)
  const isSuspect = ([, message]: [ProtoMessage, ProtoMessage]) => suspects.has(message.fullName)
  let tried = 0
  for (const [to, from] of [...pairs.filter(isSuspect), ...pairs.filter((p) => !isSuspect(p))]) {
    for (const instance of instancesOf(writer, from, together(from, to))) {
      // A large message costs as much as many small ones.
      tried += 1 + Math.floor(from.fields.length / FIELDS_AS_ONE)
      if (tried > instancesMax) return null
      const refusal = refusalOf(reader, writer, to, from, instance)
      if (refusal !== null) return { text: textOf(from, instance), refusal }
    }
  }
  return missing(reader, differences)
}

function pathsAbove(path: string | null): string[] {
  const paths: string[] = []
  for (let name = path ?? ''; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.'))))
    paths.push(name)
  return paths
}

/** Fields that could be set at once, and share a oneof of the reader's. */
function together(from: ProtoMessage, to: ProtoMessage): number[][] {
  const before = new Map(from.fields.map((field) => [field.number, field]))
  return to.oneofs.flatMap((oneof) => {
    const known = to.fields.filter((f) => f.oneof === oneof && before.has(f.number))
    const seen = new Set<string | number>()
    const numbers = known.flatMap(({ number }) => {
      const group = before.get(number)?.oneof ?? number
      if (seen.has(group)) return []
      seen.add(group)
      return [number]
    })
    return numbers.length > 1 ? [numbers] : []
  })
}

const plain = { longs: String } as const

function refusalOf(
  reader: ProtobufSchema,
  writer: ProtobufSchema,
  to: ProtoMessage,
  from: ProtoMessage,
  instance: Instance,
): string | null {
  const [old, now] = [typeOf(writer, from), typeOf(reader, to)]
  let bytes: Uint8Array
  let written: Plain
  try {
    bytes = old.encode(old.fromObject(instance)).finish()
    written = old.toObject(old.decode(bytes), plain)
  } catch {
    // It cannot be written at all.
    return null
  }
  try {
    const source = protobuf.Reader.create(bytes)
    source.discardUnknown = false
    const read = now.toObject(now.decode(source), plain)
    return lossOf({ reader, writer }, [to, read], [from, written])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function typeOf({ root }: ProtobufSchema, { fullName }: ProtoMessage): Type {
  return root.lookupType(`.${fullName}`)
}

function textOf({ fullName }: ProtoMessage, instance: Instance): string {
  const hex = (_: string, value: unknown) =>
    value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : value
  const text = JSON.stringify({ [fullName]: instance }, hex)
  return text.length > FRAGMENT_CHARS_MAX ? `${text.slice(0, FRAGMENT_CHARS_MAX - 1)}…` : text
}

/** Any message of a type that the reader does not have. */
function missing(
  { root }: ProtobufSchema,
  differences: readonly Difference[],
): Counterexample | null {
  const gone = differences.find(({ args, readerPath }) => readerPath === null && 'message' in args)
  if (gone === undefined || gone.writerPath === null) return null
  try {
    root.lookupType(`.${gone.writerPath}`)
    return null
  } catch (error) {
    const refusal = error instanceof Error ? error.message : String(error)
    return { text: JSON.stringify({ [gone.writerPath]: {} }), refusal }
  }
}
