import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avsc from 'avsc'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { singleObjectHeader } from '../../src/base/avro-fingerprint.ts'
import { lookers } from '../../src/drift/lookers.ts'
import { mergeShapes } from '../../src/drift/merge.ts'
import {
  framings,
  type Lookable,
  type Looker,
  type OpenShape,
  type Shape,
  type ShapePlan,
} from '../../src/drift/shape.ts'
import { decodeShape } from '../../src/drift/shape-codec.ts'
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  guidOf,
  send,
  startFakeRegistry,
} from '../support/fake-registry.ts'

const framingsAndFiles = ([null, ...framings] as const).flatMap((framing) =>
  ([null, 'f.json', 'f.avsc', 'f.proto'] as const).map((name) => [framing, name] as const),
)

const PLAN: ShapePlan = {
  oneIn: 1,
  framing: null,
  format: null,
  file: null,
  message: null,
  subject: null,
  versions: null,
  registry: null,
  values: false,
}

let folder: string
let registry: FakeRegistry | null = null
let troubles: string[]
let now: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quipu-look-'))
  troubles = []
  now = 1_000_000
})

afterEach(async () => {
  rmSync(folder, { recursive: true })
  await registry?.close()
  registry = null
})

function file(name: string, content: string | object): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function make(plan: Partial<ShapePlan> = {}): Looker {
  const options = { env: {}, onTrouble: (text: string) => troubles.push(text), clock: () => now }
  return lookers(options)({ ...PLAN, ...plan })
}

/** A window that is open as long as the test. */
class Window {
  readonly looker: Looker
  #open: OpenShape | null = null
  #next = 0

  constructor(plan: Partial<ShapePlan> = {}) {
    this.looker = make(plan)
  }

  see(value: unknown, headers: Lookable['headers'] = {}): void {
    this.looker.see({ value, headers }, this.#id(), this.#into)
  }

  refuse(): void {
    this.looker.refuse(this.#id(), this.#into)
  }

  readonly #into = (): OpenShape => {
    this.#open ??= this.looker.open()
    return this.#open
  }

  #id(): string {
    return (++this.#next).toString(16).padStart(32, '0')
  }

  get seen(): Shape {
    const bytes = (this.#open ?? this.looker.open()).toBytes()
    this.#sum = this.#sum === null ? decodeShape(bytes) : mergeShapes(this.#sum, decodeShape(bytes))
    return this.#sum
  }

  /** When so many were looked into, or given up. */
  async whenSeen(count: number): Promise<Shape> {
    await vi.waitFor(() => expect(this.seen.looked).toBe(count), { timeout: 5_000 })
    return this.seen
  }

  #sum: Shape | null = null
}

/** What is said of each variant, and nothing else. */
function told({ variants }: Shape): unknown[] {
  return variants.map(({ claim, schema, type, count, invalid, unread, oddities }) => ({
    ...(claim === 'none' ? {} : { claim }),
    ...(schema === '' ? {} : { schema }),
    ...(type === '' ? {} : { type }),
    count,
    ...(invalid === 0 ? {} : { invalid }),
    ...(Object.keys(unread).length === 0 ? {} : { unread }),
    ...(oddities.length === 0
      ? {}
      : { odd: oddities.map((odd) => [odd.kind, odd.path, odd.expected, odd.came].join('|')) }),
  }))
}

const flight = { type: 'object', required: ['delay'], properties: { delay: { type: 'integer' } } }

describe('without a registry', () => {
  test('JSON is recognized where nobody said anything, and nothing else is accused', () => {
    const window = new Window()
    window.see('{"delay":1}')
    window.see(Buffer.from('[1,2]'))
    window.see('not yet JSON')
    window.see(Buffer.from([0, 0, 0, 0, 7, 1]))
    window.see(Buffer.from([0xff, 0xfe]))
    window.see(null)
    window.see(undefined)
    window.see('')
    const { seen } = window
    expect(seen.tombstones).toBe(2)
    expect(told(seen)).toEqual([
      { count: 4, unread: { no_schema: 2 } },
      { claim: 'ambiguous', count: 1, unread: { no_schema: 1 } },
      { claim: 'empty', count: 1, invalid: 1 },
    ])
  })

  test('a JSON Schema file is what values are held against', () => {
    const window = new Window({ framing: 'none', file: file('flight.json', flight) })
    window.see('{"delay":1}')
    window.see('{"delay":"late"}')
    window.see('{}')
    window.see('{"delay":')
    const { seen } = window
    expect(seen.declared).toMatch(/^[0-9a-f]{16}$/)
    expect(told(seen)).toEqual([
      {
        count: 4,
        invalid: 3,
        odd: [
          'undecodable|||cut short',
          'missing_field|/delay||',
          'type_changed|/delay|integer|string',
        ],
      },
    ])
    expect(seen.variants[0]?.fields.map(({ path, declared }) => [path, declared])).toEqual([
      ['', true],
      ['/delay', true],
    ])
    expect(troubles).toEqual([])
  })

  test('a field that nobody declared is told by the fields, and is no oddity', () => {
    const window = new Window({ framing: 'none', file: file('flight.json', flight) })
    window.see('{"delay":1,"dealy":2}')
    const [variant] = window.seen.variants
    expect(variant).toMatchObject({ count: 1, invalid: 0, oddities: [] })
    expect(variant?.fields.find(({ path }) => path === '/dealy')).toMatchObject({ declared: false })
  })

  test('a broken file leaves messages unread, and is told once', () => {
    const window = new Window({ framing: 'none', file: file('flight.json', '{') })
    window.see('{}')
    window.see('{}')
    expect(told(window.seen)).toEqual([{ count: 2, unread: { bad_schema: 2 } }])
    expect(troubles).toEqual([expect.stringContaining('flight.json')])
  })

  test('plain Avro is read with the file', () => {
    const schema = { type: 'record', name: 'F', fields: [{ name: 'delay', type: 'int' }] }
    const bytes = avsc.Type.forSchema(schema as avsc.Schema).toBuffer({ delay: 3 })
    const window = new Window({ framing: 'none', file: file('flight.avsc', schema) })
    window.see(bytes)
    window.see(Buffer.concat([bytes, Buffer.from([1])]))
    expect(told(window.seen)).toEqual([
      { count: 2, invalid: 1, odd: ['undecodable|||1 bytes left over'] },
    ])
  })

  test('a single object of another schema is not read with this one', () => {
    const schema = { type: 'record', name: 'F', fields: [{ name: 'delay', type: 'int' }] }
    const type = avsc.Type.forSchema(schema as avsc.Schema)
    const header = singleObjectHeader(JSON.stringify(type.schema()))
    const other = singleObjectHeader('"int"')
    const window = new Window({ framing: 'single-object', file: file('flight.avsc', schema) })
    window.see(Buffer.concat([header, type.toBuffer({ delay: 3 })]))
    window.see(Buffer.concat([other, Buffer.from([2])]))
    const bySchema = new Map(window.seen.variants.map((one) => [one.schema, one]))
    const nameOf = (bytes: Buffer): string =>
      bytes.readBigUInt64LE(2).toString(16).padStart(16, '0')
    expect(bySchema.get(nameOf(header))).toMatchObject({ count: 1, unread: {}, invalid: 0 })
    expect(bySchema.get(nameOf(other))).toMatchObject({ count: 1, unread: { no_schema: 1 } })
  })

  test('Protobuf is read with the file, which is loaded meanwhile', async () => {
    const text = 'syntax = "proto3"; message F { int32 delay = 1; }'
    const type = protobuf.parse(text).root.lookupType('F')
    const bytes = Buffer.from(type.encode({ delay: 3 }).finish())
    const window = new Window({ framing: 'none', file: file('flight.proto', text) })
    window.see(bytes)
    window.see(Buffer.from([0xff]))
    const seen = await window.whenSeen(2)
    expect(told(seen)).toEqual([{ count: 2, invalid: 1, odd: ['undecodable|||cut short'] }])
    expect(seen.variants[0]?.fields.map(({ path }) => path)).toEqual(['', '/delay'])
  })

  test('of a message that nobody named in a .proto file nothing is known', async () => {
    const text = 'syntax = "proto3"; message A { int32 x = 1; } message B { string y = 1; }'
    const path = file('two.proto', text)
    const window = new Window({ framing: 'confluent', file: path })
    window.see(framed(7, Buffer.from([0, 8, 3])))
    window.see(framed(7, Buffer.from([2, 2, 10, 1, 97])))
    expect(told(await window.whenSeen(2))).toEqual([
      { claim: 'confluent', schema: '7', type: '0', count: 1 },
      { claim: 'confluent', schema: '7', type: '1', count: 1, unread: { no_schema: 1 } },
    ])
    const named = new Window({ framing: 'confluent', file: path, message: 'B' })
    named.see(framed(7, Buffer.from([2, 2, 10, 1, 97])))
    expect(told(await named.whenSeen(1))).toEqual([
      { claim: 'confluent', schema: '7', type: '1', count: 1 },
    ])
  })

  test('what is framed is read with the file, whatever id it names', () => {
    const window = new Window({ framing: 'confluent', file: file('flight.json', flight) })
    window.see(framed(7, '{"delay":1}'))
    window.see(framed(8, '{"delay":true}'))
    window.see('{"delay":1}')
    expect(told(window.seen)).toEqual([
      { claim: 'confluent', schema: '7', count: 1 },
      {
        ...{ claim: 'confluent', schema: '8', count: 1, invalid: 1 },
        odd: ['type_changed|/delay|integer|boolean'],
      },
      { claim: 'unframed', count: 1, invalid: 1 },
    ])
  })

  test('Avro that names a schema nobody can ask about may be right by that one', () => {
    const avro = { type: 'record', name: 'F', fields: [{ name: 'delay', type: 'int' }] }
    const bytes = avsc.Type.forSchema(avro as avsc.Schema).toBuffer({ delay: 3 })
    const longer = Buffer.concat([bytes, Buffer.from([2, 2])])
    const declared = { file: file('flight.avsc', avro) }
    const window = new Window({ ...declared, framing: 'confluent' })
    window.see(framed(7, bytes))
    window.see(framed(8, longer))
    expect(told(window.seen)).toEqual([
      { claim: 'confluent', schema: '7', count: 1 },
      { claim: 'confluent', schema: '8', count: 1, unread: { no_schema: 1 } },
    ])
    const plain = new Window({ ...declared, framing: 'none' })
    plain.see(longer)
    expect(told(plain.seen)).toMatchObject([{ count: 1, invalid: 1 }])
  })

  test('too large is not looked into, as text or as bytes', () => {
    const window = new Window({ framing: 'none', file: file('flight.json', flight) })
    const large = `"${'x'.repeat(300_000)}"`
    window.see(large)
    window.see(Buffer.from(large))
    expect(told(window.seen)).toEqual([{ count: 2, unread: { too_large: 2 } }])
  })

  test('what nobody had room for is counted, and neither right nor wrong', () => {
    const window = new Window({ framing: 'confluent' })
    window.refuse()
    expect(told(window.seen)).toEqual([{ count: 1, unread: { full: 1 } }])
  })
})

function framed(id: number, payload: string | Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, Buffer.from(payload)])
}

const versions = [
  {
    schema: JSON.stringify({ type: 'record', name: 'F', fields: [{ name: 'delay', type: 'int' }] }),
  },
  { schema: JSON.stringify(flight), schemaType: 'JSON' as const },
  {
    schema: 'syntax = "proto3"; message A { int32 x = 1; } message F { int32 delay = 1; }',
    schemaType: 'PROTOBUF' as const,
  },
  { schema: '{"type":"nonsense"}' },
]
const [AVRO, JSON_SCHEMA, PROTOBUF, BAD] = [100_001, 100_002, 100_003, 100_004] as const

/** A record of one int, 3. */
const THREE = Buffer.from([6])

async function withRegistry(options: FakeRegistryOptions = {}): Promise<Partial<ShapePlan>> {
  registry = await startFakeRegistry({ subjects: { 'flights-value': versions }, ...options })
  return {
    framing: 'confluent',
    subject: 'flights-value',
    registry: { url: registry.url, workingFolder: folder, access: { timeoutMs: 2_000 } },
  }
}

describe('with a registry', () => {
  test('each message is read by the schema it names', async () => {
    const window = new Window(await withRegistry())
    window.see(framed(AVRO, THREE))
    window.see(framed(JSON_SCHEMA, '{"delay":1}'))
    window.see(framed(PROTOBUF, Buffer.from([2, 2, 8, 3])))
    const seen = await window.whenSeen(3)
    expect(told(seen)).toEqual([
      { claim: 'confluent', schema: String(AVRO), count: 1 },
      { claim: 'confluent', schema: String(JSON_SCHEMA), count: 1 },
      { claim: 'confluent', schema: String(PROTOBUF), type: '1', count: 1 },
    ])
    for (const { fields } of seen.variants)
      expect(fields.map(({ path }) => path)).toEqual(['', '/delay'])
  })

  test('and is invalid where it is none of that schema', async () => {
    const window = new Window(await withRegistry())
    window.see(framed(AVRO, Buffer.from([])))
    window.see(framed(JSON_SCHEMA, '{"delay":"x"}'))
    window.see(framed(PROTOBUF, Buffer.from([2, 8, 8, 3])))
    window.see(framed(99, 'x'))
    window.see('{}')
    expect(told(await window.whenSeen(5))).toEqual([
      {
        ...{ claim: 'confluent', schema: String(AVRO), count: 1, invalid: 1 },
        odd: ['undecodable|||cut short'],
      },
      {
        ...{ claim: 'confluent', schema: String(JSON_SCHEMA), count: 1, invalid: 1 },
        odd: ['type_changed|/delay|integer|string'],
      },
      {
        ...{ claim: 'confluent', schema: String(PROTOBUF), type: '4', count: 1, invalid: 1 },
        odd: ['undecodable|||no such message in its schema'],
      },
      { claim: 'confluent', schema: '99', count: 1, invalid: 1, odd: ['unregistered|||'] },
      { claim: 'unframed', count: 1, invalid: 1 },
    ])
  })

  test('a GUID names a schema too', async () => {
    const window = new Window(await withRegistry())
    const guid = guidOf(versions[0] as (typeof versions)[0])
    const prefix = Buffer.from(`01${guid.replaceAll('-', '')}`, 'hex')
    window.see(Buffer.concat([prefix, THREE]))
    expect(told(await window.whenSeen(1))).toMatchObject([{ claim: 'confluent-v1', count: 1 }])
    expect((await window.whenSeen(1)).variants[0]).toMatchObject({ invalid: 0, unread: {} })
  })

  test('the file says what is promised, whatever the registry says', async () => {
    const plan = await withRegistry()
    const most = { properties: { delay: { maximum: 2 } } }
    const window = new Window({ ...plan, file: file('flight.json', most) })
    window.see(framed(AVRO, THREE))
    expect(told(await window.whenSeen(1))).toEqual([
      {
        ...{ claim: 'confluent', schema: String(AVRO), count: 1, invalid: 1 },
        odd: ['out_of_bounds|/delay|at most 2|integer'],
      },
    ])
  })

  test('a value that the promised enum swallows by its default is unseen, and both are counted', async () => {
    const state = (symbols: readonly string[], more: object = {}): object => ({
      ...{ type: 'record', name: 'F' },
      fields: [{ name: 'state', type: { type: 'enum', name: 'State', symbols, ...more } }],
    })
    const writer = { schema: JSON.stringify(state(['LATE', 'EARLY', 'GONE'])) }
    const plan = await withRegistry({ subjects: { 'flights-value': [writer] } })
    const promised = state(['LATE', 'EARLY'], { default: 'LATE' })
    const window = new Window({ ...plan, file: file('flight.avsc', promised) })
    window.see(framed(100_001, Buffer.of(0)))
    window.see(framed(100_001, Buffer.of(4)))
    const seen = await window.whenSeen(2)
    expect(told(seen)).toEqual([
      {
        ...{ claim: 'confluent', schema: '100001', count: 2, invalid: 1 },
        odd: ['unseen_value|/state|one of 2 values|string'],
      },
    ])
    expect(seen.variants[0]?.fields[1]?.symbols).toEqual([
      { symbol: 'GONE', count: 1 },
      { symbol: 'LATE', count: 1 },
    ])
  })

  test('a schema that cannot be read accuses nobody', async () => {
    const window = new Window(await withRegistry())
    window.see(framed(BAD, THREE))
    expect(told(await window.whenSeen(1))).toMatchObject([{ unread: { bad_schema: 1 } }])
    expect(troubles).toHaveLength(1)
  })

  test('10,000 messages of an id that nobody knows cost one request', async () => {
    const window = new Window(await withRegistry())
    for (let i = 0; i < 5_000; i++) window.see(framed(99, 'x'))
    await window.whenSeen(5_000)
    for (let i = 0; i < 5_000; i++) window.see(framed(99, 'x'))
    const seen = await window.whenSeen(10_000)
    expect(registry?.requests).toHaveLength(1)
    // Those that found no room while it was asked for are not accused.
    expect(told(seen)).toEqual([
      {
        ...{ claim: 'confluent', schema: '99', count: 10_000, invalid: 5_200 },
        ...{ unread: { full: 4_800 }, odd: ['unregistered|||'] },
      },
    ])
  })

  test('what is missing is asked for again after a while', async () => {
    const subjects: Record<string, typeof versions> = { 'flights-value': versions.slice(0, 1) }
    const window = new Window(await withRegistry({ subjects }))
    window.see(framed(JSON_SCHEMA, '{"delay":1}'))
    await window.whenSeen(1)
    subjects['flights-value'] = versions
    window.see(framed(JSON_SCHEMA, '{"delay":1}'))
    expect((await window.whenSeen(2)).variants[0]?.invalid).toBe(2)
    now += 30_000
    window.see(framed(JSON_SCHEMA, '{"delay":1}'))
    expect((await window.whenSeen(3)).variants[0]?.invalid).toBe(2)
    expect(registry?.requests).toHaveLength(2)
  })

  test('a registry that is down accuses nobody, is left alone, and is asked again later', async () => {
    let isDown = true
    const fault: FakeRegistryOptions['fault'] = (_request, response) => {
      if (isDown) send(response, 503, { error_code: 50_003, message: 'down' })
      return isDown
    }
    const window = new Window(await withRegistry({ fault }))
    window.see(framed(AVRO, THREE))
    await window.whenSeen(1)
    window.see(framed(AVRO, THREE))
    window.see(framed(JSON_SCHEMA, '{"delay":1}'))
    await window.whenSeen(3)
    expect(registry?.requests).toHaveLength(1)
    now += 5_000
    window.see(framed(AVRO, THREE))
    await window.whenSeen(4)
    now += 9_999
    window.see(framed(AVRO, THREE))
    await window.whenSeen(5)
    expect(registry?.requests).toHaveLength(2)
    isDown = false
    now += 1
    window.see(framed(AVRO, THREE))
    expect(told(await window.whenSeen(6))).toEqual([
      { claim: 'confluent', schema: String(AVRO), count: 5, unread: { unreachable: 4 } },
      { claim: 'confluent', schema: String(JSON_SCHEMA), count: 1, unread: { unreachable: 1 } },
    ])
    expect(registry?.requests).toHaveLength(3)
    expect(troubles).toHaveLength(1)
  })

  test('secrets that are not there are told, and nobody is asked', async () => {
    const plan = await withRegistry()
    const access = { auth: { kind: 'bearer', tokenVariable: 'TOKEN_OF_NOBODY' } } as const
    const place = plan.registry as NonNullable<ShapePlan['registry']>
    const window = new Window({ ...plan, registry: { ...place, access } })
    window.see(framed(AVRO, THREE))
    expect(told(window.seen)).toMatchObject([{ unread: { unreachable: 1 } }])
    expect(troubles).toEqual([expect.stringContaining('TOKEN_OF_NOBODY')])
    expect(registry?.requests).toHaveLength(0)
  })

  test('what is still waited for is given up, and not looked into again', async () => {
    const answers: (() => void)[] = []
    const fault: FakeRegistryOptions['fault'] = (_request, response) => {
      answers.push(() => send(response, 200, versions[0]))
      return true
    }
    const window = new Window(await withRegistry({ fault }))
    const value = framed(AVRO, THREE)
    window.see(value)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    expect(window.seen.looked).toBe(0)
    window.looker.giveUp()
    const pending = { claim: 'confluent', schema: String(AVRO), count: 1, unread: { pending: 1 } }
    expect(told(window.seen)).toEqual([pending])
    answers[0]?.()
    window.see(value)
    expect(told(await window.whenSeen(2))).toEqual([{ ...pending, count: 2 }])
  })

  test('whoever was looked into makes room for others', async () => {
    const window = new Window(await withRegistry())
    for (let i = 0; i < 150; i++) window.see(framed(AVRO, THREE))
    await window.whenSeen(150)
    for (let i = 0; i < 150; i++) window.see(framed(JSON_SCHEMA, '{"delay":1}'))
    expect((await window.whenSeen(300)).variants.map(({ unread }) => unread)).toEqual([{}, {}])
  })

  test('what waits is a copy, and little of it', async () => {
    const window = new Window(await withRegistry())
    const value = framed(JSON_SCHEMA, '{"delay":1}')
    window.see(value)
    value.fill(0xff)
    const large = framed(JSON_SCHEMA, `{"delay":1${' '.repeat(200_000)}}`)
    for (let i = 0; i < 30; i++) window.see(large)
    const seen = await window.whenSeen(31)
    // 4 MiB, less than the first one, hold 20 of them.
    expect(told(seen)).toEqual([
      { claim: 'confluent', schema: String(JSON_SCHEMA), count: 31, unread: { full: 10 } },
    ])
  })

  test('where there is no room for a shape nothing is held on to', async () => {
    const { looker } = new Window(await withRegistry())
    let asked = 0
    looker.see({ value: framed(AVRO, THREE) }, '0'.repeat(32), () => {
      asked++
      return null
    })
    await vi.waitFor(() => expect(asked).toBe(1))
    expect(troubles).toEqual([])
  })
})

describe('whatever comes', () => {
  const starts = [
    [],
    [0],
    [0, 0, 0, 0, 7],
    [0, 0, 0, 0, 7, 2, 2],
    [1],
    [3, 5],
    [0xc3, 1],
    [0x7b],
    [0x5b],
  ]
  const bytes = fc
    .tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 60 }))
    .map(([start, rest]) => Buffer.from([...start, ...rest]))
  const value = fc.oneof(bytes, fc.json(), fc.string(), fc.constantFrom(null, undefined, 7, {}))
  const header = fc.oneof(
    bytes,
    fc.string(),
    fc.array(bytes, { maxLength: 2 }),
    fc.constant(undefined),
  )
  const headers = fc.oneof(
    fc.dictionary(fc.constantFrom('__value_schema_id', 'apicurio.value.globalId', 'x'), header),
    fc.constantFrom(null, undefined, 7, []),
  )

  test.each(framingsAndFiles)(
    '%s %s: each is counted once, and nothing is thrown',
    async (framing, name) => {
      const files: Record<string, string | object> = {
        'f.json': flight,
        'f.avsc': {
          type: 'record',
          name: 'F',
          fields: [{ name: 'x', type: { type: 'array', items: 'null' } }],
        },
        'f.proto': 'syntax = "proto3"; message F { F f = 1; repeated int32 x = 2; }',
      }
      const path = name === null ? null : file(name, files[name] as string | object)
      const window = new Window({ framing, file: path, values: true })
      let count = 0
      fc.assert(
        fc.property(value, headers, (one, more) => {
          window.see(one, more)
          count++
        }),
        { numRuns: 150 },
      )
      await vi.waitFor(() => expect(window.seen.looked + window.seen.tombstones).toBe(count))
      expect(troubles).toEqual([])
    },
  )
})
