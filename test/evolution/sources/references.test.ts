import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseAvro } from '../../../src/evolution/avro/parse.ts'
import { parseSchema } from '../../../src/evolution/json-schema/parse.ts'
import { parseSource } from '../../../src/evolution/protobuf/parse.ts'
import { gatherSubjects } from '../../../src/evolution/sources/gather.ts'
import type { SchemaVersion } from '../../../src/evolution/sources/source.ts'
import {
  commit,
  newRepository,
  record,
  remove,
  type Texts,
  temporaryFolder,
  write,
} from './folder-on-disk.ts'

let folder: string

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => remove(folder))

interface Found {
  /** Reference → file. */
  readonly references: Readonly<Record<string, string>>
  /** Whether the engine of the format reads it with these. */
  readonly problems: readonly string[]
}

async function found(
  texts: Texts,
  subject: string,
  { paths = ['s'], ...rest }: { paths?: string[]; importRoots?: string[]; root?: string } = {},
): Promise<Found> {
  write(folder, texts)
  const { subjects } = await gatherSubjects({ paths, against: [], workingFolder: folder, ...rest })
  const one = subjects.find((s) => s.subject === subject)
  const next = one?.next as SchemaVersion
  expect([...(next.references?.keys() ?? [])]).toEqual([...(one?.referencePaths.keys() ?? [])])
  return {
    references: Object.fromEntries(one?.referencePaths ?? []),
    problems: problemsOf(next),
  }
}

function problemsOf(version: SchemaVersion): readonly string[] {
  const parse = { avro: parseAvro, 'json-schema': parseSchema, protobuf: parseSource }
  const parsed = parse[version.format](version)
  return parsed.ok ? [] : parsed.problems.map(({ code }) => code)
}

const order = (type: unknown): object => ({
  ...record('Order', { field: type }),
  namespace: 'acme',
})
const named = (name: string, fields: Record<string, unknown> = {}): object => record(name, fields)

describe('Avro names', () => {
  it.each<[string, unknown]>([
    ['a full name', 'acme.Line'],
    ['a name of the same namespace', 'Line'],
    ['items', { type: 'array', items: 'Line' }],
    ['values', { type: 'map', values: 'acme.Line' }],
    ['a branch', ['null', 'Line']],
    ['a branch of items', { type: 'array', items: ['null', 'Line'] }],
    ['a field of a record inside', record('Inner', { line: 'Line' })],
  ])('used as %s are found in other files', async (_where, type) => {
    const texts = {
      's/order.avsc': order(type),
      's/parts/line.avsc': named('acme.Line'),
      's/other.avsc': named('acme.Other'),
    }
    expect(await found(texts, 'order')).toEqual({
      references: { 'acme.Line': 's/parts/line.avsc' },
      problems: [],
    })
  })

  it('are followed through others, each file once, and in circles', async () => {
    const texts = {
      's/order.avsc': order(['acme.A', 'acme.B']),
      's/a.avsc': named('acme.A', { b: 'B', order: ['null', 'Order'] }),
      's/b.avsc': named('acme.B', { c: 'C' }),
      's/c.avsc': named('acme.C', { a: ['null', 'A'] }),
    }
    const { references, problems } = await found(texts, 'order')
    expect(references).toEqual({ 'acme.A': 's/a.avsc', 'acme.B': 's/b.avsc', 'acme.C': 's/c.avsc' })
    expect(problems).toEqual([])
  })

  it('fall back to the name alone, which has no namespace', async () => {
    const texts = { 's/order.avsc': order('Line'), 's/line.avsc': named('Line') }
    expect((await found(texts, 'order')).references).toEqual({ Line: 's/line.avsc' })
  })

  it('are found in a file that defines them inside of another type', async () => {
    const texts = {
      's/order.avsc': order('acme.Line'),
      's/all.avsc': named('acme.All', { line: named('Line') }),
    }
    expect(await found(texts, 'order')).toEqual({
      references: { 'acme.Line': 's/all.avsc' },
      problems: [],
    })
  })

  it('are taken from their own file before one that defines them inside', async () => {
    const texts = {
      's/order.avsc': order('acme.Line'),
      's/all.avsc': named('acme.All', { line: named('Line') }),
      's/line.avsc': named('acme.Line'),
    }
    expect((await found(texts, 'order')).references).toEqual({ 'acme.Line': 's/line.avsc' })
  })

  it('are taken from the nearest folder', async () => {
    const texts = {
      's/v1/order.avsc': order('acme.Line'),
      's/v1/line.avsc': named('acme.Line', { id: 'int' }),
      's/v2/line.avsc': named('acme.Line', { id: 'long' }),
    }
    expect((await found(texts, 'v1/order')).references).toEqual({ 'acme.Line': 's/v1/line.avsc' })
  })

  it('that two files define differently, equally near, are not guessed', async () => {
    const texts = {
      's/order.avsc': order('acme.Line'),
      's/v1/line.avsc': named('acme.Line', { id: 'int' }),
      's/v2/line.avsc': named('acme.Line', { id: 'long' }),
    }
    await expect(found(texts, 'order')).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: '`acme.Line`, which order.avsc refers to, may be v1/line.avsc or v2/line.avsc',
    })
  })

  it('that nothing defines are left to the engine', async () => {
    const texts = { 's/order.avsc': order('acme.Line'), 's/other.avsc': named('acme.Other') }
    expect(await found(texts, 'order')).toEqual({ references: {}, problems: ['missing_reference'] })
  })

  it('defined in the text itself need no file', async () => {
    const texts = {
      's/order.avsc': order([record('Line'), { type: 'array', items: 'Line' }]),
      's/line.avsc': named('acme.Line'),
    }
    expect((await found(texts, 'order')).references).toEqual({})
  })
})

const ref = (uri: string): object => ({ type: 'object', properties: { field: { $ref: uri } } })
const text = { type: 'string' }

describe('JSON Schema references', () => {
  it.each([
    ['beside it', 'address.json', 's/sub/address.json'],
    ['beside it, with a dot', './address.json', 's/sub/address.json'],
    ['beside it, with a fragment', 'address.json#/properties/field', 's/sub/address.json'],
    ['above it', '../address.json', 's/address.json'],
    ['below it', 'deep/address.json', 's/sub/deep/address.json'],
    ['with a space', 'an%20address.json', 's/sub/an address.json'],
    ['an $id', 'https://example.com/address', 's/by-id.json'],
    ['an $id inside', 'https://example.com/inner', 's/by-id.json'],
  ])('to a file %s', async (_where, uri, path) => {
    const file = { ...ref('#/properties/field'), properties: { field: text } }
    const byId = { $id: 'https://example.com/address', ...text, $defs: { a: { $id: 'inner' } } }
    const { references, problems } = await found(
      {
        's/sub/order.schema.json': ref(uri),
        's/by-id.json': byId,
        ...(path === 's/by-id.json' ? {} : { [path]: file }),
      },
      'sub/order',
    )
    expect(Object.values(references)).toEqual([path])
    expect(problems).toEqual([])
  })

  it('within other files are relative to those', async () => {
    const texts = {
      's/order.schema.json': ref('common/address.json'),
      's/common/address.json': ref('zip.json'),
      's/common/zip.json': ref('../country.json#'),
      's/country.json': text,
      's/zip.json': { type: 'integer' },
    }
    expect(await found(texts, 'order')).toEqual({
      references: {
        'common/address.json': 's/common/address.json',
        'common/zip.json': 's/common/zip.json',
        'country.json': 's/country.json',
      },
      problems: [],
    })
  })

  it('are relative to the $id where there is one, and to the file where nothing has that URI', async () => {
    const texts = {
      's/order.schema.json': { $id: 'https://example.com/x/order', ...ref('address') },
      's/a.schema.json': { $id: 'https://example.com/x/address', ...ref('zip.json') },
      's/zip.json': text,
    }
    expect(await found(texts, 'order')).toEqual({
      references: {
        'https://example.com/x/address': 's/a.schema.json',
        'https://example.com/x/zip.json': 's/zip.json',
      },
      problems: [],
    })
  })

  it('in circles end', async () => {
    const texts = {
      's/a.schema.json': ref('b.schema.json'),
      's/b.schema.json': ref('c.schema.json'),
      's/c.schema.json': { anyOf: [ref('a.schema.json'), ref('b.schema.json')] },
    }
    expect((await found(texts, 'a')).references).toEqual({
      'b.schema.json': 's/b.schema.json',
      'c.schema.json': 's/c.schema.json',
    })
  })

  it('are none where the word is a name or data', async () => {
    const schema = {
      type: 'object',
      properties: { $ref: { type: 'string' } },
      enum: [{ $ref: 'b.json' }],
      default: { $ref: 'b.json' },
    }
    const texts = { 's/a.schema.json': schema, 's/b.json': text }
    expect((await found(texts, 'a')).references).toEqual({})
  })

  it('are found where the word for data is a name', async () => {
    const texts = {
      's/a.schema.json': { properties: { default: { $ref: 'b.json' }, $id: { $ref: 'c.json' } } },
      's/b.json': text,
      's/c.json': text,
    }
    const { references } = await found(texts, 'a')
    expect(Object.keys(references).sort()).toEqual(['b.json', 'c.json'])
  })

  it('of draft 4 are relative to `id`', async () => {
    const $schema = 'http://json-schema.org/draft-04/schema#'
    const texts = {
      's/a.schema.json': { $schema, id: 'http://example.com/a', ...ref('b') },
      's/b.json': { $schema, id: 'http://example.com/b', ...text },
    }
    expect(await found(texts, 'a')).toEqual({
      references: { 'http://example.com/b': 's/b.json' },
      problems: [],
    })
  })

  it('to what is not there, or only on a network, are left to the engine', async () => {
    for (const uri of ['b.json', 'https://example.com/b', '../../outside.json', 'file:///etc/x']) {
      const texts = { 's/a.schema.json': ref(uri), 'outside.json': text }
      expect(await found(texts, 'a')).toEqual({ references: {}, problems: ['missing_reference'] })
    }
  })

  it('that mean two files to one who knows no folders are not guessed', async () => {
    const schema = { anyOf: [{ $ref: '../b.json' }, { $ref: 'b.json' }] }
    const texts = { 's/x/a.schema.json': schema, 's/b.json': text, 's/x/b.json': { type: 'null' } }
    await expect(found(texts, 'x/a')).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: '`b.json`, which x/a.schema.json refers to, may be b.json or x/b.json',
    })
  })
})

const proto = (...imports: string[]): string =>
  `syntax = "proto3";\n${imports.map((path) => `import ${path};`).join('\n')}\n`

describe('Protobuf imports', () => {
  it.each([
    ['plain', '"acme/money.proto"'],
    ['public', 'public "acme/money.proto"'],
    ['weak', "weak 'acme/money.proto'"],
    ['with a comment between', '/* x; */ // y\n "acme/money.proto"'],
  ])('that are %s are found below the root', async (_what, line) => {
    const texts = { 's/acme/shop.proto': proto(line), 's/acme/money.proto': proto() }
    expect(await found(texts, 'acme/shop')).toEqual({
      references: { 'acme/money.proto': 's/acme/money.proto' },
      problems: [],
    })
  })

  it('are followed through others', async () => {
    const texts = {
      's/a.proto': proto('"x/b.proto"'),
      's/x/b.proto': proto('"x/c.proto"', '"google/protobuf/any.proto"'),
      's/x/c.proto': proto(),
    }
    expect(await found(texts, 'a')).toEqual({
      references: { 'x/b.proto': 's/x/b.proto', 'x/c.proto': 's/x/c.proto' },
      problems: [],
    })
  })

  it('are found below the roots that are named, in order, before all else', async () => {
    const texts = {
      's/own/a.proto': proto('"b.proto"'),
      's/b.proto': proto(),
      's/vendor/b.proto': proto('"c.proto"'),
      's/more/b.proto': proto(),
      's/more/c.proto': proto(),
    }
    const importRoots = ['vendor', 'more']
    expect((await found(texts, 'own/a', { importRoots })).references).toEqual({
      'b.proto': 's/vendor/b.proto',
      'c.proto': 's/more/c.proto',
    })
    expect((await found(texts, 'own/a')).references).toEqual({ 'b.proto': 's/b.proto' })
  })

  it('are found below a folder around the importing file', async () => {
    const texts = { 's/proto/acme/a.proto': proto('"acme/b.proto"'), 's/proto/acme/b.proto': '' }
    expect((await found(texts, 'proto/acme/a')).references).toEqual({
      'acme/b.proto': 's/proto/acme/b.proto',
    })
  })

  it('in comments and texts are none', async () => {
    const line = '// import "b.proto";\n/* import "b.proto"; */ option x = "import \\"b.proto\\";";'
    const texts = { 's/a.proto': `syntax = "proto3";\n${line}\n`, 's/b.proto': proto() }
    expect((await found(texts, 'a')).references).toEqual({})
  })

  it('that are nowhere are left to the engine', async () => {
    const texts = { 's/a.proto': proto('"../b.proto"', '"c.proto"'), 'b.proto': proto() }
    expect(await found(texts, 'a')).toEqual({
      references: {},
      problems: ['missing_reference', 'missing_reference'],
    })
  })

  it('in circles are told by the engine', async () => {
    const texts = { 's/a.proto': proto('"b.proto"'), 's/b.proto': proto('"a.proto"') }
    expect((await found(texts, 'a')).problems).toContain('import_cycle')
  })
})

describe('of one file alone', () => {
  it('are looked for in its folder and below', async () => {
    const texts = {
      's/order.avsc': order('acme.Line'),
      's/parts/line.avsc': named('acme.Line'),
    }
    expect((await found(texts, 'order', { paths: ['s/order.avsc'] })).references).toEqual({
      'acme.Line': 's/parts/line.avsc',
    })
  })

  it('are looked for below the root that it is in', async () => {
    const texts = {
      's/acme/a.proto': proto('"acme/b.proto"'),
      's/acme/b.proto': proto(),
    }
    const options = { paths: ['s/acme/a.proto'], root: 's' }
    expect((await found(texts, 'acme/a', options)).references).toEqual({
      'acme/b.proto': 's/acme/b.proto',
    })
  })

  it('are not looked for where there are none: no other file is read', async () => {
    const texts = { 's/a.avsc': named('A'), 's/b.avsc': ' '.repeat(10 * 1024 * 1024 + 1) }
    expect((await found(texts, 'a', { paths: ['s/a.avsc'] })).references).toEqual({})
  })
})

it('of earlier versions are those of the same commit', async () => {
  newRepository(folder)
  commit(folder, { 's/a.avsc': order('acme.Line'), 's/line.avsc': named('acme.Line') })
  write(folder, { 's/line.avsc': named('acme.Line', { id: 'long' }) })
  const { subjects } = await gatherSubjects({
    ...{ paths: ['s/a.avsc'], against: ['git:HEAD'], workingFolder: folder },
  })
  const [one] = subjects
  expect(one?.next?.references?.get('acme.Line')).toContain('long')
  expect(one?.previous[0]?.references?.get('acme.Line')).not.toContain('long')
  expect(one?.previous[0]?.referencePaths?.get('acme.Line')).toBe('HEAD:s/line.avsc')
})

describe('of hostile texts', () => {
  const deep = (open: string, close: string): string =>
    `${open.repeat(20_000)}"int"${close.repeat(20_000)}`

  it.each([
    ['deep Avro', 's/a.avsc', deep('{"type":"array","items":', '}')],
    ['a deep union', 's/a.avsc', deep('[', ']')],
    ['deep JSON Schema', 's/a.schema.json', deep('{"anyOf":[', ']}')],
    ['deep JSON of no known kind', 's/a.json', deep('{"type":"array","items":', '}')],
    ['deep Protobuf', 's/a.proto', deep('message A {', '}')],
    ['comments that never end', 's/a.proto', '/*'.repeat(500_000)],
    ['texts that never end', 's/a.proto', 'import "\\'.repeat(200_000)],
    ['JSON that is none', 's/a.json', '/*{"'.repeat(200_000)],
  ])('such as %s end', async (_what, path, content) => {
    write(folder, { [path]: content })
    const { subjects, skipped } = await gatherSubjects({
      ...{ paths: ['s'], against: [], workingFolder: folder },
    })
    expect(subjects.length + skipped.length).toBe(1)
  })

  it('with more than 1,000 references are refused', async () => {
    const imports = Array.from({ length: 1_001 }, (_, i) => `"${i}.proto"`)
    const texts = Object.fromEntries(imports.map((_, i) => [`s/${i}.proto`, '']))
    await expect(found({ ...texts, 's/a.proto': proto(...imports) }, 'a')).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: 'a.proto refers to more than 1000 schemas',
    })
  })
})
