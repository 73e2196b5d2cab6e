/**
 * Names as the Avro specification and its Java implementation have them: a name with a dot holds its
 * namespace, any other one is in that of its type, else in that of the type around it.
 */
import { NAME_LENGTH_MAX } from './limits.ts'
import { type PlainKind, plainKinds } from './type.ts'

export function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

export function namespaceOf(full: string): string {
  const dot = full.lastIndexOf('.')
  return dot === -1 ? '' : full.slice(0, dot)
}

export function simpleName(full: string): string {
  return full.slice(full.lastIndexOf('.') + 1)
}

/** Letters of any script, as in Java; most other implementations know ASCII only. */
const PART = /^[\p{L}_][\p{L}\p{Nd}_]*$/u

export function isName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && PART.test(text)
}

export function isFullName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && text.split('.').every(isName)
}

export function isPlain(name: string): name is PlainKind {
  return (plainKinds as readonly string[]).includes(name)
}
