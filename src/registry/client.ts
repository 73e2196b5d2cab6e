/**
 * The part of the Confluent Schema Registry's REST API that a check needs; Karapace, Redpanda and
 * Apicurio speak it too. Only reads: nothing is ever registered or changed.
 *
 * Law: "is not registered" is an answer of a registry; no answer, or one of something else, is an error.
 */
import { messageOf, QuipuError } from '../base/errors.ts'
import { type Http, type HttpAnswer, NoAnswer } from './request.ts'

/** By the registry's error codes: 40401 and 40408, 40402, 40403. */
export type Missing = 'subject' | 'version' | 'schema' | 'config'

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly missing: Missing }

export interface RegisteredReference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

export interface RegisteredSchema {
  readonly subject: string
  readonly version: number
  readonly id: number
  /** As the registry calls it; it leaves it out for Avro. */
  readonly schemaType: string
  readonly schema: string
  readonly references: readonly RegisteredReference[]
}

/** A schema by itself, wherever it is registered. */
export interface FoundSchema {
  /** As the registry calls it; it leaves it out for Avro. */
  readonly schemaType: string
  readonly schema: string
  readonly references: readonly RegisteredReference[]
}

/** A subject that has a schema as one of its versions. */
export interface SchemaPlace {
  readonly subject: string
  readonly version: number
}

export interface Verdict {
  readonly isCompatible: boolean
  readonly messages: readonly string[]
}

export interface NewSchema {
  readonly schema: string
  readonly schemaType: string
  readonly references: readonly RegisteredReference[]
}

export interface Registry {
  subjects(): Promise<readonly string[]>
  /** Ascending. */
  versions(subject: string): Promise<Answer<readonly number[]>>
  version(subject: string, version: number | 'latest'): Promise<Answer<RegisteredSchema>>
  schemaById(id: number): Promise<Answer<FoundSchema>>
  /** Registries that know no GUIDs answer as if they spoke another language: an error, no answer. */
  schemaByGuid(guid: string): Promise<Answer<FoundSchema>>
  /** With versions that were deleted, as far as the registry still knows them. */
  placesOf(id: number): Promise<Answer<readonly SchemaPlace[]>>
  /** The subject's own mode, else the one of all. */
  mode(subject: string): Promise<string>
  globalMode(): Promise<string>
  /** The registry's own verdict. */
  compatibility(
    subject: string,
    version: number | 'latest',
    schema: NewSchema,
  ): Promise<Answer<Verdict>>
  close(): void
}

export interface ClientOptions {
  readonly http: Http
  /** For messages. */
  readonly name: string
  readonly retriesMax: number
  readonly waitMs: (ms: number) => Promise<void>
}

/** The first wait; each next one is twice as long. */
const WAIT_MS = 250
/** What a registry may ask for by `Retry-After`, and no more. */
const WAIT_MS_MAX = 10_000

export function registryClient({ http, name, retriesMax, waitMs }: ClientOptions): Registry {
  const ask = async (path: string, body: string | null = null): Promise<Answer<unknown>> => {
    for (let retries = 0; ; retries++) {
      const isLast = retries === retriesMax
      try {
        const answer = await http.send(path, body)
        if (isLast || !isPassing(answer.status)) return readAnswer(answer, name)
        const backoffMs = Math.max(WAIT_MS * 2 ** retries, answer.retryAfterMs ?? 0)
        await waitMs(Math.min(backoffMs, WAIT_MS_MAX))
      } catch (cause) {
        if (!(cause instanceof NoAnswer)) throw cause
        if (isLast || cause.isLasting) throw down(name, messageOf(cause), retries, cause)
        await waitMs(Math.min(WAIT_MS * 2 ** retries, WAIT_MS_MAX))
      }
    }
  }
  const read = async <Value>(
    path: string,
    parse: (value: unknown) => Value | null,
    body: string | null = null,
  ): Promise<Answer<Value>> => {
    const answer = await ask(path, body)
    if (!answer.ok) return answer
    const value = parse(answer.value)
    if (value === null) throw foreign(name, `what it says of ${path} is nothing that is expected`)
    return { ok: true, value }
  }
  const global = async (): Promise<string> => {
    const answer = await read('config', modeIn)
    if (answer.ok) return answer.value
    throw foreign(name, 'it has no global configuration')
  }

  return {
    async subjects() {
      const answer = await read('subjects', (value) => listOf(value, isText))
      if (answer.ok) return answer.value
      throw foreign(name, 'it has no list of subjects')
    },
    async versions(subject) {
      return read(`subjects/${part(subject)}/versions`, (value) => {
        const numbers = listOf(value, isNumber)
        return numbers === null ? null : [...numbers].sort((a, b) => a - b)
      })
    },
    version: (subject, version) => read(`subjects/${part(subject)}/versions/${version}`, schemaIn),
    schemaById: (id) => read(`schemas/ids/${id}`, foundIn),
    schemaByGuid: (guid) => read(`schemas/guids/${part(guid)}`, foundIn),
    placesOf: (id) =>
      read(`schemas/ids/${id}/versions?deleted=true`, (value) => listOf(value, isPlace)),
    async mode(subject) {
      const answer = await read(`config/${part(subject)}?defaultToGlobal=true`, modeIn)
      // Older ones do not know that parameter, and say that the subject has none.
      return answer.ok ? answer.value : global()
    },
    globalMode: global,
    compatibility: (subject, version, schema) =>
      read(
        `compatibility/subjects/${part(subject)}/versions/${version}?verbose=true`,
        verdictIn,
        JSON.stringify(schema),
      ),
    close: () => http.close(),
  }
}

/** Says of itself that it passes. */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500
}

const missingByCode: Readonly<Record<number, Missing>> = {
  40401: 'subject',
  40402: 'version',
  40403: 'schema',
  40408: 'config',
}

function readAnswer({ status, text }: HttpAnswer, name: string): Answer<unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (status === 200) {
    if (value === undefined) throw foreign(name, 'its answer is no JSON')
    return { ok: true, value }
  }
  if (status === 401 || status === 403) throw refused(name, status)
  const { error_code: code, message } = (value ?? {}) as { error_code?: unknown; message?: unknown }
  const missing = missingByCode[Number(code)]
  if (status === 404 && missing !== undefined) return { ok: false, missing }
  const said = typeof message === 'string' ? `: ${message.slice(0, 300)}` : ''
  if (isPassing(status)) throw down(name, `it answers ${status}${said}`, null)
  if (status !== 404 && said !== '') {
    throw new QuipuError('CANNOT_JUDGE', `the registry at ${name} refuses (${status})${said}`)
  }
  throw foreign(name, `it answers ${status}${said}`)
}

/** Names of subjects may hold a slash. */
function part(subject: string): string {
  return encodeURIComponent(subject)
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value)

function listOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): Item[] | null {
  return Array.isArray(value) && value.every(isItem) ? value : null
}

function modeIn(value: unknown): string | null {
  const { compatibilityLevel } = (value ?? {}) as { compatibilityLevel?: unknown }
  return isText(compatibilityLevel) ? compatibilityLevel : null
}

function schemaIn(value: unknown): RegisteredSchema | null {
  const { subject, version, id } = (value ?? {}) as Record<string, unknown>
  const found = foundIn(value)
  const isWhole = isText(subject) && isNumber(version) && isNumber(id) && found !== null
  return isWhole ? { subject, version, id, ...found } : null
}

function foundIn(value: unknown): FoundSchema | null {
  const { schemaType = 'AVRO', schema, references = [] } = (value ?? {}) as Record<string, unknown>
  const list = listOf(references, isReference)
  if (!isText(schemaType) || !isText(schema) || list === null) return null
  return { schemaType, schema, references: list }
}

function isPlace(value: unknown): value is SchemaPlace {
  const { subject, version } = (value ?? {}) as Record<string, unknown>
  return isText(subject) && isNumber(version)
}

function isReference(value: unknown): value is RegisteredReference {
  const { name, subject, version } = (value ?? {}) as Record<string, unknown>
  return isText(name) && isText(subject) && isNumber(version)
}

function verdictIn(value: unknown): Verdict | null {
  const { is_compatible: isCompatible, messages = [] } = (value ?? {}) as Record<string, unknown>
  const list = listOf(messages, isText)
  return typeof isCompatible === 'boolean' && list !== null
    ? { isCompatible, messages: list }
    : null
}

function down(name: string, why: string, retries: number | null, cause?: unknown): QuipuError {
  const times = retries === null || retries === 0 ? '' : `, ${retries + 1} times`
  const hint = 'Check the address and that it runs; nothing was compared.'
  return new QuipuError('CANNOT_JUDGE', `the registry at ${name} does not answer${times}: ${why}`, {
    hint,
    cause,
  })
}

function foreign(name: string, why: string): QuipuError {
  const hint = 'Check the address, with its path: it must be of the Confluent-compatible API.'
  return new QuipuError('CANNOT_JUDGE', `no schema registry speaks at ${name}: ${why}`, { hint })
}

function refused(name: string, status: number): QuipuError {
  const what = status === 401 ? 'wants to know who asks' : 'does not let this user read'
  const hint = 'Check the variables that the configuration names for the registry.'
  return new QuipuError('FORBIDDEN', `the registry at ${name} ${what} (${status})`, { hint })
}
