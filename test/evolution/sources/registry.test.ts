import { afterEach, describe, expect, it } from 'vitest'
import { gatherSubjects } from '../../../src/evolution/sources/gather.ts'
import type { GatheredSubjects, GatherOptions } from '../../../src/evolution/sources/source.ts'
import type { RegistryAccess } from '../../../src/registry/access.ts'
import { openRegistry } from '../../../src/registry/open.ts'
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  send,
  startFakeRegistry,
} from '../../support/fake-registry.ts'
import { record, remove, type Texts, temporaryFolder, write } from './folder-on-disk.ts'

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const one of undo.splice(0)) await one()
})

async function start(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const registry = await startFakeRegistry(options)
  undo.push(() => registry.close())
  return registry
}

const env = { USER_NAME: 'ada', PASS: 'open:sesame', TOKEN: 'abc.def' }

/** No waits: tries follow each other at once but for the client's own. */
function client(
  registry: { url: string },
  access: RegistryAccess = {},
): ReturnType<typeof openRegistry> {
  const opened = openRegistry({
    ...{ url: registry.url, workingFolder: '/', env },
    access: { retriesMax: 0, ...access },
  })
  undo.push(() => opened.close())
  return opened
}

async function gather(
  registry: { url: string },
  texts: Texts,
  options: Partial<GatherOptions> = {},
): Promise<GatheredSubjects> {
  const folder = temporaryFolder()
  undo.push(() => remove(folder))
  write(folder, texts)
  return gatherSubjects({
    ...{ paths: ['s'], against: [`registry:${registry.url}`], workingFolder: folder, env },
    registry: { retriesMax: 0 },
    ...options,
  })
}

const avro = (name: string): { schema: string } => ({ schema: JSON.stringify(record(name)) })

describe('a registry', () => {
  it('gives the latest version of each subject, and its mode', async () => {
    const registry = await start({
      subjects: {
        'a-value': [avro('One'), avro('Two'), null],
        other: [avro('Other')],
        'b/value': [{ schema: '{"type":"object"}', schemaType: 'JSON' }],
      },
      modes: { 'a-value': 'FULL' },
      globalMode: 'FORWARD',
    })
    const { subjects } = await gather(registry, {
      's/a-value.avsc': record('Next'),
      's/b/value.schema.json': { type: 'object' },
      's/new.proto': '',
    })
    expect(
      subjects.map(({ subject, mode, previous }) => [
        subject,
        mode,
        previous.map(({ name, format }) => [name, format]),
      ]),
    ).toEqual([
      ['a-value', 'FULL', [['a-value version 2', 'avro']]],
      ['b/value', 'FORWARD', [['b/value version 1', 'json-schema']]],
      // Not registered: new. What is only registered is perhaps of somebody else: not deleted.
      ['new', 'FORWARD', []],
    ])
  })

  it('beside a folder leaves it to that to say what was deleted', async () => {
    const registry = await start({ subjects: { a: [avro('A')], theirs: [avro('Theirs')] } })
    const texts = {
      's/a.avsc': record('A'),
      'old/a.avsc': record('A'),
      'old/gone.avsc': record('Gone'),
    }
    const against = ['old', `registry:${registry.url}`]
    const { subjects } = await gather(registry, texts, { against })
    expect(
      subjects.map(({ subject, next, previous }) => [subject, next?.name, previous.length]),
    ).toEqual([
      ['a', 's/a.avsc', 2],
      ['gone', undefined, 1],
    ])
  })

  it.each([
    ['the registry', 'FULL_TRANSITIVE', null],
    ['the one who asks', 'BACKWARD', 'FORWARD_TRANSITIVE' as const],
  ])(
    'gives all versions, oldest first, where %s holds all against the next',
    async (_by, own, mode) => {
      const registry = await start({
        subjects: { a: [avro('One'), null, avro('Three')] },
        globalMode: own,
      })
      const { subjects } = await gather(
        registry,
        { 's/a.avsc': record('A') },
        { modeOf: () => mode },
      )
      expect(subjects[0]?.previous.map(({ name }) => name)).toEqual(['a version 1', 'a version 3'])
      expect(subjects[0]?.mode).toBe(own)
    },
  )

  it('gives what a version refers to, and what that refers to, each once', async () => {
    const of = (...names: string[]) =>
      names.map((name) => ({ name, subject: `${name}-subject`, version: 1 }))
    const registry = await start({
      subjects: {
        a: [{ ...avro('A'), references: of('B', 'C', 'Gone') }],
        'B-subject': [{ ...avro('B'), references: of('C') }],
        'C-subject': [{ ...avro('C'), references: of('B') }],
      },
    })
    const { subjects } = await gather(registry, { 's/a.avsc': record('A') })
    expect([...(subjects[0]?.previous[0]?.references ?? [])]).toEqual([
      ['B', avro('B').schema],
      ['C', avro('C').schema],
    ])
    expect([...(subjects[0]?.previous[0]?.referencePaths ?? [])]).toEqual([
      ['B', 'B-subject version 1'],
      ['C', 'C-subject version 1'],
    ])
  })

  it('of an older kind, which knows no default for the mode, is asked for the global one', async () => {
    const registry = await start({ isOld: true, globalMode: 'NONE', subjects: { a: [avro('A')] } })
    const { subjects } = await gather(registry, { 's/a.avsc': record('A') })
    expect(subjects[0]?.mode).toBe('NONE')
  })

  it('below a path of its server is found there', async () => {
    const registry = await start({
      fault: ({ path }, response) => {
        send(response, 200, path === '/apis/ccompat/v7/subjects' ? ['a'] : { path })
        return true
      },
    })
    for (const url of [`${registry.url}/apis/ccompat/v7`, `${registry.url}/apis/ccompat/v7/`]) {
      expect(await client({ url }).subjects()).toEqual(['a'])
    }
  })

  it('with a format that is not known is refused', async () => {
    const schema = { schema: '{}', schemaType: 'THRIFT' as 'JSON' }
    const registry = await start({ subjects: { a: [schema] } })
    await expect(gather(registry, { 's/a.avsc': record('A') })).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: 'the registry holds a as THRIFT, which is no format that is known',
    })
  })
})

describe('what is not registered', () => {
  const subjects = { 'a b/ü?': [avro('A'), null] }

  it.each<[string, (c: ReturnType<typeof client>) => Promise<unknown>, unknown]>([
    ['no subject: 40401', (c) => c.version('x', 'latest'), { ok: false, missing: 'subject' }],
    ['no subject: 40401', (c) => c.versions('x'), { ok: false, missing: 'subject' }],
    ['no version: 40402', (c) => c.version('a b/ü?', 2), { ok: false, missing: 'version' }],
    ['all is there', (c) => c.versions('a b/ü?'), { ok: true, value: [1] }],
    ['all is there', (c) => c.subjects(), ['a b/ü?']],
    ['all is there', (c) => c.globalMode(), 'BACKWARD'],
  ])('is told apart: %s', async (_what, ask, expected) => {
    expect(await ask(client(await start({ subjects })))).toEqual(expected)
  })

  it('is told apart: no schema: 40403', async () => {
    const registry = await start({
      fault: (_request, response) => {
        send(response, 404, { error_code: 40403, message: 'Schema 7 not found' })
        return true
      },
    })
    const answer = await client(registry).version('a', 1)
    expect(answer).toEqual({ ok: false, missing: 'schema' })
  })

  it('is no excuse for a 404 of something else', async () => {
    const registry = await start({
      fault: (_request, response) => {
        response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>')
        return true
      },
    })
    await expect(client(registry).version('a', 'latest')).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringMatching(
        /^no schema registry speaks at 127\.0\.0\.1:\d+: it answers 404$/,
      ),
    })
  })
})

describe('the verdict of the registry itself', () => {
  it('is asked for with the schema and what it refers to', async () => {
    const bodies: unknown[] = []
    const registry = await start({
      subjects: { a: [avro('A')] },
      isCompatible: (subject, version, body) => {
        bodies.push({ subject, version, body })
        return bodies.length === 1
      },
    })
    const references = [{ name: 'B', subject: 'b', version: 3 }]
    const schema = { schema: '"int"', schemaType: 'AVRO', references }
    const c = client(registry)
    expect(await c.compatibility('a', 'latest', schema)).toEqual({
      ok: true,
      value: { isCompatible: true, messages: [] },
    })
    expect(await c.compatibility('a', 1, schema)).toMatchObject({
      value: { isCompatible: false, messages: [expect.stringContaining('TYPE_MISMATCH')] },
    })
    expect(bodies[0]).toEqual({ subject: 'a', version: 'latest', body: schema })
    expect(await c.compatibility('x', 'latest', schema)).toEqual({ ok: false, missing: 'subject' })
  })
})

describe('secrets', () => {
  const basic = { kind: 'basic', userVariable: 'USER_NAME', passwordVariable: 'PASS' } as const
  const bearer = { kind: 'bearer', tokenVariable: 'TOKEN' } as const

  it.each([
    ['basic', basic, `Basic ${Buffer.from('ada:open:sesame').toString('base64')}`],
    ['bearer', bearer, 'Bearer abc.def'],
  ])('of kind %s come from the variables that are named', async (_kind, auth, authorization) => {
    const registry = await start({ authorization, subjects: { a: [avro('A')] } })
    expect(await client(registry, { auth }).subjects()).toEqual(['a'])
    await expect(client(registry).subjects()).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('wants to know who asks (401)'),
    })
  })

  it.each([
    ['not set', {}, 'is not set'],
    ['empty', { TOKEN: '' }, 'is empty'],
    ['more than one line', { TOKEN: 'geheim\r\nHost: x' }, 'holds a line break or such'],
  ])('that are %s are refused by the name of the variable', (_what, values, message) => {
    const open = (): unknown =>
      openRegistry({
        ...{ url: 'https://x', workingFolder: '/', env: values, access: { auth: bearer } },
      })
    expect(open).toThrow(`the environment variable \`TOKEN\`, for the registry, ${message}`)
    expect(open).not.toThrow('geheim')
  })

  it('in the address are refused, and not repeated', () => {
    const url = 'https://ada:geheim@example.com'
    const open = (): unknown => openRegistry({ url, workingFolder: '/', env, access: {} })
    expect(open).toThrow('the address of the registry holds a user or a password')
    expect(open).not.toThrow('geheim')
  })

  it('are not sent to where a redirect leads', async () => {
    const thief = await start()
    const registry = await start({
      fault: ({ path }, response) => {
        response.writeHead(302, { location: `${thief.url}${path}` }).end()
        return true
      },
    })
    await expect(client(registry, { auth: bearer }).subjects()).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringContaining('it answers with a redirect, which is not followed'),
    })
    expect(thief.requests).toEqual([])
    expect(registry.requests).toHaveLength(1)
  })
})

describe('an address', () => {
  it.each([
    ['none', 'the address of the registry is none'],
    ['ftp://example.com', 'a registry is not reached by ftp:'],
    ['https://example.com/?x=1', 'the address of the registry has a query'],
  ])('such as %s is refused', (url, message) => {
    const open = (): unknown => openRegistry({ url, workingFolder: '/', env, access: {} })
    expect(open).toThrow(message)
  })
})

describe('a registry that fails', () => {
  it.each([429, 500, 503])('with %s is asked again, and then believed', async (status) => {
    const registry = await start({
      subjects: { a: [avro('A')] },
      fault: ({ time }, response) => {
        if (time > 1) return false
        send(response, status, { error_code: 50001, message: 'Error in the backend datastore' })
        return true
      },
    })
    expect(await client(registry, { retriesMax: 1 }).subjects()).toEqual(['a'])
    expect(registry.requests).toHaveLength(2)
  })

  it('by breaking off is asked again', async () => {
    const registry = await start({
      subjects: { a: [avro('A')] },
      fault: ({ time }, response) => {
        if (time > 1) return false
        response.writeHead(200, { 'content-length': '100' })
        response.write('["a"', () => response.destroy())
        return true
      },
    })
    expect(await client(registry, { retriesMax: 1 }).subjects()).toEqual(['a'])
  })

  it('each time is down, which is not "not registered"', async () => {
    const registry = await start({
      fault: (_request, response) => {
        send(response, 500, { error_code: 50002, message: 'Operation timed out' })
        return true
      },
    })
    const failing = gather(registry, { 's/a.avsc': record('A') }, { registry: { retriesMax: 1 } })
    await expect(failing).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringMatching(
        /^the registry at .* does not answer.*500: Operation timed out$/,
      ),
    })
    expect(registry.requests.filter(({ path }) => path.startsWith('/config/a'))).toHaveLength(2)
  })

  it('by not being there is down', async () => {
    const registry = await startFakeRegistry()
    await registry.close()
    await expect(client(registry).subjects()).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringMatching(/^the registry at .* does not answer: .*ECONNREFUSED/),
    })
  })

  it.each<[string, FakeRegistryOptions['fault']]>([
    ['never begins', () => true],
    [
      'never ends',
      (_request, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
        return true
      },
    ],
  ])('with an answer that %s is down', async (_what, fault) => {
    const registry = await start({ ...(fault === undefined ? {} : { fault }) })
    await expect(client(registry, { timeoutMs: 200 }).subjects()).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringContaining('no answer within 200 ms'),
    })
  })

  it('with an answer without end is refused after 16 MB, and not asked again', async () => {
    const registry = await start({
      fault: (_request, response) => {
        const chunk = Buffer.alloc(1024 * 1024, 32)
        response.writeHead(200)
        const pour = (): void => {
          while (!response.destroyed && response.write(chunk));
          if (!response.destroyed) response.once('drain', pour)
        }
        pour()
        return true
      },
    })
    await expect(client(registry, { retriesMax: 3 }).subjects()).rejects.toMatchObject({
      message: expect.stringContaining('its answer has more than 16777216 bytes'),
    })
    expect(registry.requests).toHaveLength(1)
  })

  it('to understand says so in its own words', async () => {
    const registry = await start({
      fault: (_request, response) => {
        send(response, 422, { error_code: 42201, message: 'Invalid schema' })
        return true
      },
    })
    await expect(client(registry).subjects()).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringMatching(/^the registry at .* refuses \(422\): Invalid schema$/),
    })
  })

  it.each<[string, string]>([
    ['no JSON', '<html>'],
    ['JSON of another kind', '{"a":1}'],
    ['a list of something else', '[1,2]'],
  ])('with %s is none', async (_what, body) => {
    const registry = await start({
      fault: (_request, response) => {
        response.writeHead(200).end(body)
        return true
      },
    })
    await expect(client(registry).subjects()).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringContaining('no schema registry speaks at'),
    })
  })
})
