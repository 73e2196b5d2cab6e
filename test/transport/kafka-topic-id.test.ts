/** The id of a topic as Metadata of version 10 carries it: exact bytes, and what cannot be it. */
import { describe, expect, it } from 'vitest'
import { decodeTopicId, encodeTopicIdRequest } from '../../src/transport/kafka-topic-id.ts'

const ID = '00112233445566778899aabbccddeeff'
const text = (said: string): string =>
  (said.length + 1).toString(16).padStart(2, '0') + Buffer.from(said).toString('hex')

interface Told {
  readonly tags?: string
  readonly error?: string
  readonly name?: string
  readonly id?: string
  readonly topics?: string
}

/** Two brokers, of which one has a rack; one topic, and its first partition. */
const answer = ({
  tags = '00',
  error = '0000',
  name = 'bags',
  id = ID,
  topics = '02',
}: Told = {}) =>
  Buffer.from(
    [
      ...[tags, '00000000'],
      ...['03', '00000001', text('a'), '00002384', '00', '00'],
      ...['00000002', text('b'), '00002385', text('r1'), '00'],
      ...[text('cluster'), '00000001'],
      ...[topics, error, text(name), id, '00', '02', '0000', '00000000'],
    ].join(''),
    'hex',
  )

describe('the request', () => {
  it('asks for one topic by its name, and creates none', () => {
    expect(encodeTopicIdRequest('bags').toString('hex')).toBe(
      ['00', '02', '00'.repeat(16), '05', '62616773', '00', '00', '00', '00', '00'].join(''),
    )
  })

  it('writes a long name with a long length', () => {
    const bytes = encodeTopicIdRequest('x'.repeat(249))
    expect(bytes.subarray(18, 21).toString('hex')).toBe('fa0178')
    expect(bytes).toHaveLength(18 + 2 + 249 + 5)
  })
})

describe('the answer', () => {
  it.each<[string, Told, string | null]>([
    ['is its id', {}, ID],
    ['is its id, whatever tags there are', { tags: '010502ffff' }, ID],
    ['is none, where the broker does not know it', { error: '0003' }, null],
    ['is none, where it is of another topic', { name: 'cats' }, null],
    ['is none, where the broker has none', { id: '00'.repeat(16) }, null],
    ['is none, where no topic is told', { topics: '01' }, null],
  ])('%s', (_, told, id) => {
    expect(decodeTopicId(answer(told), 'bags')).toBe(id)
  })

  it('is refused wherever it ends too soon', () => {
    const whole = answer()
    const idEnd = whole.indexOf(Buffer.from(ID, 'hex')) + 16
    for (let size = 0; size < idEnd; size++)
      expect(() => decodeTopicId(whole.subarray(0, size), 'bags')).toThrow('version 10')
    expect(decodeTopicId(whole.subarray(0, idEnd), 'bags')).toBe(ID)
  })

  it('is refused where a length has no end, or goes beyond it', () => {
    for (const tags of ['ffffffffff01', 'ffffffff0f'])
      expect(() => decodeTopicId(answer({ tags }), 'bags')).toThrow('version 10')
  })
})
