import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageIndexes } from '../../../src/drift/framing/message-indexes.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

test.each([
  // Short for [0].
  ['00', '0', ''],
  ['00 0a0b', '0', '0a0b'],
  ['02 00 0a', '0', '0a'],
  ['02 02 0a', '1', '0a'],
  ['04 02 00 0a', '1/0', '0a'],
  ['02 80 02 0a', '128', '0a'],
  ['02 feffffff0f', '2147483647', ''],
  [`40 ${'00'.repeat(32)}`, Array(32).fill('0').join('/'), ''],
])('%s is %s', (bytes, indexes, rest) => {
  const read = messageIndexes(hex(bytes))
  expect(read?.indexes).toBe(indexes)
  expect(Buffer.from(read?.payload ?? []).toString('hex')).toBe(rest)
})

test.each([
  ['nothing', ''],
  ['a count below 0', '01'],
  ['an index below 0', '02 01'],
  ['fewer indexes than counted', '04 02'],
  ['a number that is cut short', '80'],
  ['a number without end', '02 ffffffffffffff'],
  ['more than 32 bits', '02 ffffffff7f'],
  ['more than the compiler allows', `42 ${'00'.repeat(33)}`],
])('%s is no list of indexes', (_, bytes) => {
  expect(messageIndexes(hex(bytes))).toBeNull()
})

test('what was written is read again, and what follows is untouched', () => {
  const zigzag = (value: number): number[] => {
    const bytes: number[] = []
    let left = value * 2
    for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
    return [...bytes, left]
  }
  const lists = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 32 })
  fc.assert(
    fc.property(lists, fc.uint8Array({ maxLength: 9 }), (indexes, rest) => {
      const bytes = Uint8Array.from([...[indexes.length, ...indexes].flatMap(zigzag), ...rest])
      expect(messageIndexes(bytes)).toEqual({ indexes: indexes.join('/'), payload: rest })
    }),
  )
})
