/**
 * A schema registry for tests: speaks the REST API of the Confluent Schema Registry as its reference
 * describes it, paths, media type, error codes and messages, and fails in the ways that are asked for.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface FakeSchema {
  readonly schema: string
  /** Left out in answers for Avro, as the registry does. */
  readonly schemaType?: 'AVRO' | 'JSON' | 'PROTOBUF'
  readonly references?: readonly { name: string; subject: string; version: number }[]
}

export interface FakeRegistryOptions {
  /** By subject; versions from 1. Null: one that was deleted. */
  readonly subjects?: Readonly<Record<string, readonly (FakeSchema | null)[]>>
  /** Versions that were deleted softly, by subject: their schemas can still be had by id. */
  readonly deleted?: Readonly<Record<string, readonly number[]>>
  readonly globalMode?: string
  readonly modes?: Readonly<Record<string, string>>
  /** Whether `defaultToGlobal` is known: it is not by versions before 5.5. */
  readonly isOld?: boolean
  /** What `Authorization` must be. */
  readonly authorization?: string
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Answers instead of the registry; false: the registry answers. */
  readonly fault?: (request: FakeRequest, response: ServerResponse) => boolean
  readonly isCompatible?: (subject: string, version: string, body: unknown) => boolean
}

export interface FakeRequest {
  readonly method: string
  readonly path: string
  /** From 1: how often this path was asked for. */
  readonly time: number
  readonly headers: IncomingMessage['headers']
}

export interface FakeRegistry {
  readonly url: string
  readonly requests: readonly FakeRequest[]
  close(): Promise<void>
}

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'

export async function startFakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const requests: FakeRequest[] = []
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ''
    const time = requests.filter((one) => one.path === path).length + 1
    const seen = { method: request.method ?? '', path, time, headers: request.headers }
    requests.push(seen)
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (options.fault?.(seen, response) === true) return
      const { status, value } = answer(seen, body, options)
      send(response, status, value)
    })
  }
  const server: Server =
    options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // Answers that never come would keep it open.
        for (const socket of sockets) socket.destroy()
      }),
  }
}

export function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': MEDIA_TYPE })
  response.end(JSON.stringify(value))
}

interface Answer {
  readonly status: number
  readonly value: unknown
}

const ok = (value: unknown): Answer => ({ status: 200, value })
const error = (code: number, message: string): Answer => ({
  status: Number(String(code).slice(0, 3)),
  value: { error_code: code, message },
})

function answer(request: FakeRequest, body: string, options: FakeRegistryOptions): Answer {
  const { method, path, headers } = request
  if (options.authorization !== undefined && headers.authorization !== options.authorization) {
    return error(401, 'Unauthorized')
  }
  const url = new URL(path, 'http://localhost')
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent)
  const [first, second = '', third, fourth, fifth] = parts
  if (method === 'GET' && first === 'config' && parts.length <= 2) {
    return config(second, url.searchParams.get('defaultToGlobal') === 'true', options)
  }
  const subjects = options.subjects ?? {}
  if (method === 'GET' && first === 'subjects' && parts.length === 1) {
    return ok(Object.keys(subjects).filter((subject) => live(subjects[subject]).length > 0))
  }
  if (method === 'GET' && first === 'subjects' && third === 'versions') {
    return fourth === undefined ? versions(second, options) : version(second, fourth, options)
  }
  if (method === 'GET' && first === 'schemas' && (second === 'ids' || second === 'guids')) {
    const isOne = (schema: FakeSchema): boolean =>
      second === 'ids' ? String(idOf(schema, subjects)) === third : guidOf(schema) === third
    return schemaBy(isOne, fourth, url.searchParams.get('deleted') === 'true', options)
  }
  if (method === 'POST' && first === 'compatibility' && fourth === 'versions') {
    const found = version(third ?? '', fifth ?? '', options)
    if (found.status !== 200) return found
    if (headers['content-type'] !== MEDIA_TYPE) return error(415, 'HTTP 415 Unsupported Media Type')
    const isCompatible = options.isCompatible?.(third ?? '', fifth ?? '', JSON.parse(body)) ?? true
    const isVerbose = url.searchParams.get('verbose') === 'true'
    const messages = isCompatible ? [] : [`{errorType:"TYPE_MISMATCH", description:"…"}`]
    return ok({ is_compatible: isCompatible, ...(isVerbose ? { messages } : {}) })
  }
  return error(404, 'HTTP 404 Not Found')
}

/** Numbers of what was not deleted. */
function live(list: readonly (FakeSchema | null)[] = []): number[] {
  return list.flatMap((schema, i) => (schema === null ? [] : [i + 1]))
}

function versions(subject: string, { subjects = {}, deleted }: FakeRegistryOptions): Answer {
  const numbers = live(subjects[subject]).filter(
    (number) => deleted?.[subject]?.includes(number) !== true,
  )
  return numbers.length === 0 ? error(40401, `Subject '${subject}' not found.`) : ok(numbers)
}

/** One id for one text, wherever it is registered: those of later texts are higher. */
function idOf(schema: FakeSchema, subjects: Subjects): number {
  const texts = new Set(Object.values(subjects).flatMap((list) => list.flatMap(identityOf)))
  return 100_001 + [...texts].indexOf(identityOf(schema)[0] as string)
}

type Subjects = NonNullable<FakeRegistryOptions['subjects']>

function identityOf(schema: FakeSchema | null): string[] {
  if (schema === null) return []
  const { schema: text, schemaType = 'AVRO', references = [] } = schema
  return [JSON.stringify([schemaType, text, references])]
}

/** As a registry names a schema, whatever its number: of the shape of one, and its own for each text. */
export function guidOf(schema: FakeSchema): string {
  const hex = createHash('sha256').update(identityOf(schema).join()).digest('hex')
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function schemaBy(
  isOne: (schema: FakeSchema) => boolean,
  what: string | undefined,
  isDeletedToo: boolean,
  { subjects = {}, deleted = {} }: FakeRegistryOptions,
): Answer {
  const places = Object.entries(subjects).flatMap(([subject, list]) =>
    list.flatMap((schema, i) =>
      schema !== null && isOne(schema) ? [{ subject, version: i + 1, schema }] : [],
    ),
  )
  const [found] = places
  if (found === undefined) return error(40403, 'Schema not found')
  if (what === 'versions') {
    const isLeft = (place: { subject: string; version: number }): boolean =>
      isDeletedToo || !(deleted[place.subject] ?? []).includes(place.version)
    return ok(places.filter(isLeft).map(({ subject, version }) => ({ subject, version })))
  }
  return ok(textOf(found.schema))
}

/** Left out is what a registry leaves out. */
function textOf({ schema, schemaType, references }: FakeSchema): object {
  return {
    ...(schemaType === undefined || schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references === undefined ? {} : { references }),
    schema,
  }
}

function version(
  subject: string,
  asked: string,
  { subjects = {}, deleted }: FakeRegistryOptions,
): Answer {
  const list = subjects[subject]?.map((one, i) =>
    deleted?.[subject]?.includes(i + 1) === true ? null : one,
  )
  const numbers = live(list)
  if (numbers.length === 0) return error(40401, `Subject '${subject}' not found.`)
  const number = asked === 'latest' ? Math.max(...numbers) : Number(asked)
  if (!Number.isInteger(number) || number < 1) {
    return error(42202, `The specified version '${asked}' is not a valid version id.`)
  }
  const found = list?.[number - 1]
  if (found === null || found === undefined) return error(40402, `Version ${asked} not found.`)
  return ok({ subject, version: number, id: idOf(found, subjects), ...textOf(found) })
}

function config(subject: string, defaultToGlobal: boolean, options: FakeRegistryOptions): Answer {
  const global = ok({ compatibilityLevel: options.globalMode ?? 'BACKWARD' })
  if (subject === '') return global
  const own = options.modes?.[subject]
  if (own !== undefined) return ok({ compatibilityLevel: own })
  if (options.isOld === true) return error(40401, `Subject '${subject}' not found.`)
  if (defaultToGlobal) return global
  const what = `Subject '${subject}' does not have subject-level compatibility configured`
  return error(40408, what)
}
