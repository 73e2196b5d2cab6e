import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { type ServerOptions, startMetricsServer } from '../../src/telemetry/server.ts'

async function served(parts: Partial<ServerOptions> = {}): Promise<number> {
  const server = await startMetricsServer({
    ...{ host: '127.0.0.1', port: 0, metrics: (format) => `${format}\n`, whyNotReady: () => [] },
    ...parts,
  })
  onTestFinished(() => server.close())
  return Number(server.address.split(':').at(-1))
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
}

const ask = (
  port: number,
  path: string,
  { method = 'GET', headers = {} }: Asked = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text,
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })

it('answers in the format that is asked for', async () => {
  const port = await served()
  expect(await ask(port, '/metrics')).toEqual({
    ...{ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: 'prometheus\n' },
  })
  const headers = { Accept: 'application/openmetrics-text' }
  expect(await ask(port, '/metrics?x=1', { headers })).toEqual({
    status: 200,
    type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    text: 'openmetrics\n',
  })
  expect(await ask(port, '/metrics', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
})

it('says whether it is alive, and why it is not ready', async () => {
  const reasons: string[] = []
  const port = await served({ whyNotReady: () => reasons, metrics: () => null })
  expect(await ask(port, '/healthz')).toMatchObject({ status: 200, text: 'alive\n' })
  expect(await ask(port, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' })
  reasons.push('A.', 'B.')
  expect(await ask(port, '/readyz')).toMatchObject({ status: 503, text: 'A.\nB.\n' })
  expect(await ask(port, '/healthz')).toMatchObject({ status: 200 })
  expect(await ask(port, '/metrics')).toMatchObject({ status: 503 })
})

it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('takes no %s', async (method) => {
  expect((await ask(await served(), '/metrics', { method })).status).toBe(405)
})

it('knows no other path, and none that looks like one', async () => {
  const port = await served()
  for (const path of ['/', '/metrics/', '/../etc/passwd', '//metrics', 'http://other/metrics'])
    expect([path, (await ask(port, path)).status]).toEqual([path, 404])
})

it.each([
  ['localhost', 200],
  ['LOCALHOST:9464', 200],
  ['127.0.0.1', 200],
  ['127.8.8.8:1', 200],
  ['[::1]:9464', 200],
  ['evil.example', 403],
  ['evil.example:9464', 403],
  ['127.0.0.1.evil.example', 403],
  ['127.evil', 403],
  ['localhost.evil.example', 403],
  ['[::1].evil', 403],
  ['10.0.0.1', 403],
])('on loopback asks for a Host of this machine: %s gets %i', async (host, status) => {
  const port = await served()
  expect((await ask(port, '/metrics', { headers: { Host: host } })).status).toBe(status)
})

it('elsewhere answers to any name', async () => {
  const port = await served({ host: '0.0.0.0' })
  const reply = await ask(port, '/metrics', { headers: { Host: 'auditor.example' } })
  expect(reply.status).toBe(200)
})

it('outlives what goes wrong with an answer', async () => {
  const port = await served({
    metrics: () => {
      throw new Error('broken')
    },
  })
  expect(await ask(port, '/metrics')).toMatchObject({ status: 500, text: 'broken\n' })
  expect((await ask(port, '/healthz')).status).toBe(200)
})

it('reads headers of 8 KB at most, and no nonsense', async () => {
  const port = await served()
  const headers = { 'X-Long': 'x'.repeat(9_000) }
  expect((await ask(port, '/healthz', { headers })).status).toBe(431)
  const said = await new Promise<string>((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
  })
  expect(said).toContain('400 Bad Request')
  expect((await ask(port, '/healthz')).status).toBe(200)
})

it('closes though somebody keeps a connection open, and says when the address is taken', async () => {
  const server = await startMetricsServer({
    ...{ host: '127.0.0.1', port: 0, metrics: () => '', whyNotReady: () => [] },
  })
  const port = Number(server.address.split(':').at(-1))
  await expect(served({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const socket = connect(port, '127.0.0.1')
  const closed = new Promise((resolve) => socket.on('close', resolve))
  await new Promise((resolve) => socket.on('connect', resolve))
  await server.close()
  await closed
  await expect(ask(port, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
