/**
 * The schema registry of a day: as much of the Confluent API as agents and the auditor ask for. It knows
 * two subjects, of which one is that of every topic.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { FOREIGN_ID, NEW_ID, ORDER_SCHEMA, PROMISED_ID, SUBJECT } from './drift-values.ts'

const SUBJECTS: Readonly<Record<string, readonly number[]>> = {
  [SUBJECT]: [PROMISED_ID, NEW_ID],
  refunds: [FOREIGN_ID],
}
/** Looks at a registry that has nothing to do, ms apart, until it counts as that. */
const QUIET_LOOKS = 3
const QUIET_LOOK_MS = 2

export class Registry {
  readonly url: string
  readonly #stop: () => Promise<void>
  readonly #open: () => number

  private constructor(url: string, open: () => number, stop: () => Promise<void>) {
    this.url = url
    this.#open = open
    this.#stop = stop
  }

  static async start(): Promise<Registry> {
    const sockets = new Set<Socket>()
    let open = 0
    const server = createServer((request, response) => {
      open++
      response.once('close', () => open--)
      answer(request.url ?? '', response)
    })
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const stop = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
    return new Registry(`http://127.0.0.1:${port}`, () => open, stop)
  }

  /** Until everybody has had the answers that were asked for: they come in real time. */
  async quiet(): Promise<void> {
    for (let looks = 0; looks < QUIET_LOOKS; looks = this.#open() === 0 ? looks + 1 : 0)
      await sleep(QUIET_LOOK_MS)
  }

  close(): Promise<void> {
    return this.#stop()
  }
}

function answer(path: string, response: ServerResponse): void {
  const parts = new URL(path, 'http://localhost').pathname.split('/').slice(1)
  const [kind, name = '', what = '', last = ''] = parts
  const say = (value: unknown): void => send(response, 200, value)
  const deny = (code: number): void => send(response, 404, { error_code: code, message: 'none' })
  if (kind === 'subjects') {
    const ids = SUBJECTS[name]
    if (ids === undefined) deny(40_401)
    else if (last === '') say(ids.map((_, i) => i + 1))
    else {
      const id = ids[Number(last) - 1]
      if (id === undefined) deny(40_402)
      else say({ subject: name, version: Number(last), id, ...SCHEMA })
    }
    return
  }
  const id = Number(what)
  const places = Object.entries(SUBJECTS).flatMap(([subject, ids]) =>
    ids.flatMap((one, i) => (one === id ? [{ subject, version: i + 1 }] : [])),
  )
  if (kind !== 'schemas' || name !== 'ids' || places.length === 0) deny(40_403)
  else say(last === 'versions' ? places : SCHEMA)
}

const SCHEMA = { schemaType: 'JSON', schema: ORDER_SCHEMA }

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
  response.end(JSON.stringify(value))
}
