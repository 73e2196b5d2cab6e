/** A receiver that misbehaves: whatever it does, one bounded answer comes back. */
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Post } from '../../src/alert/render/post.ts'
import { type SendOptions, type Sent, send } from '../../src/alert/send.ts'
import { type Receiver, receiver, status } from './server.ts'

const REACH = { allow: [], plain: false }
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function listening(...args: Parameters<typeof receiver>): Promise<Receiver> {
  const one = await receiver(...args)
  open.push(one)
  return one
}

const post = (url: string, body = '{"a":"é"}'): Post => ({
  ...{ url, headers: { 'content-type': 'application/json' }, body },
})
const sending = (url: string, options: SendOptions = {}): Promise<Sent> =>
  send(post(url), REACH, { timeoutMs: 2_000, ...options })

describe('a receiver', () => {
  it('gets the body and the headers with POST', async () => {
    const { url, received } = await listening(status(202, {}, 'thanks'))
    expect(await sending(url)).toEqual({
      ...{ isDone: true, isLasting: false, text: '202: thanks', retryAfterMs: null },
    })
    expect(received).toMatchObject([{ method: 'POST', path: '/hook', body: '{"a":"é"}' }])
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '10',
    })
  })

  it('that asks for patience is understood, in seconds or as a date', async () => {
    const { url, answer } = await listening(status(429, { 'retry-after': '120' }))
    expect(await sending(url)).toMatchObject({
      ...{ isDone: false, isLasting: false, text: '429', retryAfterMs: 120_000 },
    })
    answer(status(503, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }))
    const { retryAfterMs } = await sending(url)
    expect(retryAfterMs).toBeGreaterThan(3_500_000)
    answer(status(503, { 'retry-after': 'soon' }))
    expect(await sending(url)).toMatchObject({ retryAfterMs: null })
  })

  it.each([
    [400, true],
    [413, true],
    [422, true],
    [401, false],
    [404, false],
    [500, false],
    [503, false],
  ])('that answers %i is tried again: not %s', async (code, isLasting) => {
    const { url } = await listening(status(code, {}, 'no'))
    expect(await sending(url)).toMatchObject({ isDone: false, isLasting, text: `${code}: no` })
  })

  it('that redirects is not followed', async () => {
    const other = await listening()
    const { url } = await listening(status(307, { location: other.url }))
    expect(await sending(url)).toMatchObject({
      isDone: false,
      text: expect.stringMatching(/^307.*not followed/),
    })
    expect(other.received).toEqual([])
  })

  it('that redirects to metadata is not followed', async () => {
    const { url } = await listening(status(302, { location: 'http://169.254.169.254/latest' }))
    expect(await sending(url)).toMatchObject({ isDone: false, text: expect.stringMatching(/^302/) })
  })

  it('that says nothing is not waited for', async () => {
    const { url } = await listening(() => undefined)
    expect(await sending(url, { timeoutMs: 100 })).toMatchObject({
      ...{ isDone: false, isLasting: false, text: 'no answer within 100 ms' },
    })
  })

  it('that trickles is not waited for', async () => {
    const { url } = await listening((response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    })
    expect(await sending(url, { timeoutMs: 200 })).toMatchObject({ isDone: false })
  })

  it('that says too much is not listened to', async () => {
    let written = 0
    const { url } = await listening((response) => {
      const more = (): void => {
        while (written < 100_000_000 && response.write('x'.repeat(65_536))) written += 65_536
      }
      response.writeHead(500).on('drain', more)
      more()
    })
    const { text } = await sending(url)
    expect(text).toMatch(/^500: x+$/)
    expect(text.length).toBeLessThanOrEqual(206)
    expect(written).toBeLessThan(50_000_000)
  })

  it('that breaks off is no receiver', async () => {
    const { url } = await listening((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('a')
      setTimeout(() => response.destroy(), 20)
    })
    expect(await sending(url)).toMatchObject({ isDone: false, isLasting: false })
  })

  it('that closes at once is no receiver', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => new Promise((done) => server.close(() => done())) })
    const { port } = server.address() as { port: number }
    expect(await sending(`http://127.0.0.1:${port}/`)).toMatchObject({ isDone: false })
  })

  it('that is not there is no receiver', async () => {
    const gone = await receiver()
    await gone.close()
    expect(await sending(gone.url)).toMatchObject({
      ...{ isDone: false, isLasting: false, text: expect.stringMatching(/ECONNREFUSED/) },
    })
  })

  it('writes nothing into our lines that moves the cursor', async () => {
    const { url } = await listening(status(500, {}, 'a\u001b[2Jb\u202e'))
    expect((await sending(url)).text).toBe('500: a\\u{1b}[2Jb\\u{202e}')
  })
})

describe('a name', () => {
  it('is resolved once, and the address that was checked is the one that is connected to', async () => {
    const { port, received } = await listening()
    const asked: string[] = []
    const resolve = async (host: string): Promise<readonly string[]> => {
      asked.push(host)
      // A second answer would lead elsewhere.
      return asked.length === 1 ? ['127.0.0.1'] : ['169.254.169.254']
    }
    const url = `http://relay.example:${port}/hook`
    const reach = { allow: ['loopback' as const], plain: false }
    expect(await send(post(url), reach, { resolve, timeoutMs: 2_000 })).toMatchObject({
      isDone: true,
    })
    expect(asked).toEqual(['relay.example'])
    expect(received[0]?.headers.host).toBe(`relay.example:${port}`)
  })

  it('that leads where it must not is not connected to, even if it also leads elsewhere', async () => {
    const { port, received } = await listening()
    const reach = { allow: ['loopback' as const], plain: false }
    for (const resolve of [
      async () => ['169.254.169.254'],
      async () => ['127.0.0.1', '169.254.169.254'],
      async () => ['127.0.0.1', '10.0.0.1'],
    ])
      expect(
        await send(post(`http://relay.example:${port}/`), reach, { resolve, timeoutMs: 500 }),
      ).toMatchObject({ isDone: false })
    expect(received).toEqual([])
  })

  it('that leads to loopback is refused unless the file allows it', async () => {
    const { port, received } = await listening()
    const sent = await sending(`http://relay.example:${port}/`, {
      resolve: async () => ['127.0.0.1'],
    })
    expect(sent).toMatchObject({
      isDone: false,
      text: expect.stringMatching(/allow: \[loopback\]/),
    })
    expect(received).toEqual([])
  })

  it('that nobody resolves in time is not waited for', async () => {
    const resolve = (): Promise<never> => new Promise(() => undefined)
    expect(await sending('https://relay.example/', { resolve, timeoutMs: 50 })).toMatchObject({
      ...{ isDone: false, text: expect.stringMatching(/name server/) },
    })
  })
})

it.each(['ftp://a.example', 'file:///etc/passwd', 'not an address'])(
  '%s is never sent to',
  async (url) => {
    expect(await sending(url)).toMatchObject({ isDone: false })
  },
)
