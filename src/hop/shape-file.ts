/**
 * What a pipeline file says of the messages of a topic, as an agent reads it: all of it or nothing. Half
 * of what is promised would be another promise, and messages would be told to break it.
 */
import { resolve } from 'node:path'
import { parseDuration } from '../base/duration.ts'
import { formats, framings, LOOK_ONE_IN, type ShapePlan } from '../drift/shape.ts'
import { oneInOf } from '../sketch/sample.ts'
import { isMap, isNothing, type LooseReader, type YamlMap } from './loose-reader.ts'

type RegistryPlace = NonNullable<ShapePlan['registry']>
type RegistryAccess = RegistryPlace['access']

export interface ShapeContext {
  /** Absolute; relative paths start there. */
  readonly folder: string
  /** Null: the file does not say where one is. */
  readonly registry: RegistryPlace | null
}

/** Null: nobody looks into the messages. */
export function shapePlanOf(
  value: unknown,
  { folder, registry }: ShapeContext,
  read: LooseReader,
): ShapePlan | null {
  if (isNothing(value)) return null
  const word = typeof value === 'string' ? read.text('schema', value) : null
  const input = word === 'observe' ? {} : value
  if (!isMap(input)) return read.trouble('schema', '`observe`, or a map')
  const of = fieldsOf('schema', input, read)
  const file = of.text('file')
  const subject = of.text('subject')
  const plan: ShapePlan = {
    oneIn: of.read('sample', rateOf, '`all`, or a rate like 1/64') ?? LOOK_ONE_IN,
    framing:
      of.read('framing', oneOf(framings), 'the name of a framing') ??
      (subject !== null ? 'confluent' : file !== null ? 'none' : null),
    format: of.read('format', oneOf(formats), 'json, avro or protobuf'),
    file: file === null ? null : resolve(folder, file),
    message: of.text('message'),
    subject,
    versions: of.read('versions', versionsOf, 'numbers of versions'),
    registry,
    values: of.read('values', (v) => (typeof v === 'boolean' ? v : null), 'true or false') ?? false,
  }
  return of.isSound() ? plan : null
}

/** The `registry` of `schemas`; null where the file does not say where one is. */
export function registryPlaceOf(
  schemas: unknown,
  folder: string,
  read: LooseReader,
): RegistryPlace | null {
  const input = isMap(schemas) ? schemas.registry : undefined
  if (!isMap(input) || isNothing(input.url)) return null
  const of = fieldsOf('schemas.registry', input, read)
  const url = of.read('url', addressOf, 'an address without secrets')
  const access = accessOf(of, folder)
  return of.isSound() && url !== null ? { url, workingFolder: folder, access } : null
}

function accessOf(of: Fields, folder: string): RegistryAccess {
  const token = of.text('token')
  const user = of.text('user')
  const password = of.text('password')
  const ca = of.text('ca')
  const timeoutMs = of.read('timeout', durationOf, 'a duration like 10s')
  return {
    ...(token !== null
      ? { auth: { kind: 'bearer', tokenVariable: token } }
      : user !== null && password !== null
        ? { auth: { kind: 'basic', userVariable: user, passwordVariable: password } }
        : {}),
    ...(ca === null ? {} : { caFile: resolve(folder, ca) }),
    ...(timeoutMs === null ? {} : { timeoutMs }),
  }
}

interface Fields {
  text(name: string): string | null
  /** @param parse null: it is not what is expected */
  read<T>(name: string, parse: (value: unknown) => T | null, expected: string): T | null
  /** Whether all that is there could be read. */
  isSound(): boolean
}

function fieldsOf(at: string, input: YamlMap, read: LooseReader): Fields {
  const textAt = (name: string): string | null => read.text(`${at}.${name}`, input[name])
  let sound = true
  const checked = <T>(value: T | null): T | null => {
    if (value === null) sound = false
    return value
  }
  return {
    text: (name) => (isNothing(input[name]) ? null : checked(textAt(name))),
    read: (name, parse, expected) => {
      const raw = input[name]
      if (isNothing(raw)) return null
      const value = typeof raw === 'string' ? textAt(name) : raw
      return checked(
        value === null ? null : (parse(value) ?? read.trouble(`${at}.${name}`, expected)),
      )
    },
    isSound: () => sound,
  }
}

function rateOf(value: unknown): number | null {
  if (value === 'all') return 1
  return typeof value === 'string' ? oneInOf(value) : null
}

const oneOf =
  <T extends string>(words: readonly T[]) =>
  (value: unknown): T | null =>
    words.find((word) => word === value) ?? null

function versionsOf(value: unknown): readonly number[] | null {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const isVersion = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) > 0
  if (list.length === 0 || !list.every(isVersion)) return null
  return [...new Set(list)].sort((a, b) => a - b)
}

function addressOf(value: unknown): string | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return null
  const { username, password } = new URL(value)
  return username === '' && password === '' ? value : null
}

function durationOf(value: unknown): number | null {
  const ms = typeof value === 'string' ? parseDuration(value) : null
  return ms === null || ms === 0 ? null : ms
}
