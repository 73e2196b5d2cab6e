import { beforeEach, describe, expect, test, vi } from 'vitest'
import { QuipuError } from '../../../src/base/errors.ts'
import { type Lookup, SchemaBook } from '../../../src/drift/schemas/book.ts'
import type {
  Answer,
  FoundSchema,
  RegisteredSchema,
  Registry,
} from '../../../src/registry/client.ts'

const int: Answer<FoundSchema> = {
  ok: true,
  value: { schemaType: 'AVRO', schema: '"int"', references: [] },
}
const missing: Answer<FoundSchema> = { ok: false, missing: 'schema' }
const silence = new QuipuError('CANNOT_JUDGE', 'the registry does not answer')

let asked: string[]
let now: number
let troubles: string[]
let answer: (name: string) => Promise<Answer<FoundSchema>>
let version: (subject: string, version: number) => Promise<Answer<RegisteredSchema>>

beforeEach(() => {
  asked = []
  troubles = []
  now = 0
  answer = async () => int
  version = async (subject, version) => {
    const references = [{ name: 'Next', subject, version: version + 1 }]
    const schema = `{"type":"fixed","name":"T${version}","size":1}`
    return { ok: true, value: { subject, version, id: 1, schemaType: 'AVRO', schema, references } }
  }
})

function open(): SchemaBook {
  const ask = (name: string): Promise<Answer<FoundSchema>> => {
    asked.push(name)
    return answer(name)
  }
  const registry = {
    schemaById: (id: number) => ask(String(id)),
    schemaByGuid: ask,
    version: (subject: string, number: number) => {
      asked.push(`${subject} ${number}`)
      return version(subject, number)
    },
  } as unknown as Registry
  return new SchemaBook({ registry, clock: () => now, onTrouble: (text) => troubles.push(text) })
}

/** What is known when there is an answer. */
function settled(
  book: SchemaBook,
  id: string,
  claim: 'confluent' | 'confluent-v1' = 'confluent',
): Promise<Lookup['kind']> {
  const first = book.find(claim, id)
  if (first.kind !== 'pending') return Promise.resolve(first.kind)
  return new Promise((resolve) => {
    book.whenKnown(claim, id, () => resolve(book.find(claim, id).kind))
  })
}

describe('a schema book', () => {
  test('asks once, however many ask it, and keeps what it was told', async () => {
    const book = open()
    const all = await Promise.all([settled(book, '1'), settled(book, '1'), settled(book, '1')])
    expect(all).toEqual(['known', 'known', 'known'])
    now += 86_400_000
    expect(book.find('confluent', '1').kind).toBe('known')
    expect(asked).toEqual(['1'])
  })

  test('believes that a schema is missing for a short time', async () => {
    answer = async () => missing
    const book = open()
    expect(await settled(book, '1')).toBe('unregistered')
    now += 29_999
    expect(await settled(book, '1')).toBe('unregistered')
    expect(asked).toHaveLength(1)
    now += 1
    answer = async () => int
    expect(await settled(book, '1')).toBe('known')
    expect(asked).toHaveLength(2)
  })

  test('leaves a silent registry alone for longer each time, and asks nobody else', async () => {
    answer = () => Promise.reject(silence)
    const book = open()
    const askedAt: number[] = []
    for (now = 0; now <= 200_000; now += 1_000) {
      const before = asked.length
      expect(await settled(book, '1')).toBe('unreachable')
      expect(await settled(book, '2')).toBe('unreachable')
      if (asked.length > before) askedAt.push(now / 1_000)
    }
    expect(askedAt).toEqual([0, 5, 15, 35, 75, 135, 195])
    expect(asked).toHaveLength(askedAt.length)
    expect(troubles).toHaveLength(1)
    answer = async () => int
    now = 255_000
    expect(await settled(book, '1')).toBe('known')
    // Silent again, it is told again, and waited for as at first.
    answer = () => Promise.reject(silence)
    expect(await settled(book, '3')).toBe('unreachable')
    expect(troubles).toHaveLength(2)
    now += 5_000
    answer = async () => int
    expect(await settled(book, '3')).toBe('known')
  })

  test('a registry that does not know GUIDs is asked for ids all the same', async () => {
    answer = async (name) => (name === 'g' ? Promise.reject(silence) : int)
    const book = open()
    expect(await settled(book, 'g', 'confluent-v1')).toBe('unreachable')
    expect(await settled(book, '1')).toBe('known')
  })

  test('an answer to something else is none', async () => {
    answer = async () => ({ ok: false, missing: 'subject' })
    expect(await settled(open(), '1')).toBe('unreachable')
  })

  test('what cannot be an id is not asked for', async () => {
    const book = open()
    expect(book.find('confluent', '-1').kind).toBe('unregistered')
    expect(asked).toEqual([])
  })

  test('an error that nobody thought of is that of the schema', async () => {
    answer = () => Promise.reject(new TypeError('odd'))
    expect(await settled(open(), '1')).toBe('bad_schema')
  })

  test('references without end are a bad schema, after a bounded number of requests', async () => {
    const references = [{ name: 'T', subject: 's', version: 1 }]
    answer = async () => ({ ok: true, value: { schemaType: 'AVRO', schema: '"T"', references } })
    const book = open()
    // Each names the next one under the same name: it ends at the second.
    expect(await settled(book, '1')).toBe('bad_schema')
    expect(asked).toEqual(['1', 's 1', 's 2'])
  })

  test('nor does it ask for all of very many references that are missing', async () => {
    const references = Array.from({ length: 1_000 }, (_, i) => {
      return { name: `N${i}`, subject: 'gone', version: i + 1 }
    })
    answer = async () => ({ ok: true, value: { schemaType: 'AVRO', schema: '"int"', references } })
    version = async () => ({ ok: false, missing: 'subject' })
    expect(await settled(open(), '1')).toBe('bad_schema')
    expect(asked.length).toBeLessThan(110)
  })

  test('nor does it hold more of what a schema refers to than a schema may have', async () => {
    const large = `{"type":"fixed","name":"T","size":1}${' '.repeat(1_000_000)}`
    version = async (subject, number) => {
      const value = { subject, version: number, id: 1, schemaType: 'AVRO', schema: large }
      const references = [{ name: `N${number}`, subject, version: number + 1 }]
      return { ok: true, value: { ...value, references } }
    }
    const references = [{ name: 'N', subject: 's', version: 1 }]
    answer = async () => ({ ok: true, value: { schemaType: 'AVRO', schema: '"int"', references } })
    expect(await settled(open(), '1')).toBe('bad_schema')
    expect(asked).toEqual(['1', 's 1', 's 2', 's 3'])
  })

  test('a few requests at once, the others after them', async () => {
    const open1: (() => void)[] = []
    answer = () => new Promise((resolve) => open1.push(() => resolve(int)))
    const book = open()
    const all = Array.from({ length: 20 }, (_, i) => settled(book, String(i)))
    expect(asked).toHaveLength(8)
    open1.shift()?.()
    await vi.waitFor(() => expect(asked).toHaveLength(9))
    void (async () => {
      for (;;) {
        open1.shift()?.()
        if (asked.length === 20 && open1.length === 0) return
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['known']))
  })

  test('large schemas make room for each other', async () => {
    const schema = `"int"${' '.repeat(1_000_000)}`
    answer = async () => ({ ok: true, value: { schemaType: 'AVRO', schema, references: [] } })
    const book = open()
    for (let id = 0; id < 10; id++) expect(await settled(book, String(id))).toBe('known')
    expect(book.find('confluent', '9').kind).toBe('known')
    expect(book.find('confluent', '2').kind).toBe('known')
    // Those that were used longest ago are asked for again.
    expect(asked).toHaveLength(10)
    expect(await settled(book, '0')).toBe('known')
    expect(asked).toHaveLength(11)
    expect(book.find('confluent', '2').kind).toBe('known')
    expect(asked).toHaveLength(11)
  })

  test('so many may wait, and so many are kept', async () => {
    let free: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      free = resolve
    })
    answer = async () => {
      await gate
      return int
    }
    const book = open()
    const kinds = Array.from({ length: 1_001 }, (_, i) => book.find('confluent', String(i)).kind)
    expect(kinds.filter((kind) => kind === 'pending')).toHaveLength(1_000)
    expect(kinds.at(-1)).toBe('full')
    free()
    await vi.waitFor(() => expect(book.find('confluent', '999').kind).toBe('known'))
    // Used last of all, so the next oldest makes room.
    expect(book.find('confluent', '0').kind).toBe('known')
    expect(await settled(book, '1000')).toBe('known')
    expect(asked).toHaveLength(1_001)
    expect(book.find('confluent', '0').kind).toBe('known')
    expect(book.find('confluent', '1').kind).toBe('pending')
  })

  test('ids that somebody makes up are asked about for a while only', async () => {
    answer = async (name) => (Number(name) < 1_000 ? missing : int)
    const book = open()
    for (let id = 0; id < 100; id++) expect(await settled(book, String(id))).toBe('unregistered')
    expect(book.find('confluent', '100').kind).toBe('full')
    expect(book.find('confluent', '2000').kind).toBe('full')
    expect(book.find('confluent', '0').kind).toBe('unregistered')
    expect(asked).toHaveLength(100)
    now += 30_000
    expect(await settled(book, '2000')).toBe('known')
    expect(await settled(book, '100')).toBe('unregistered')
  })
})
