import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnsOf, cut, wrap } from '../../reports/lines.ts'

describe('wrap', () => {
  it('hangs what does not fit', () => {
    expect(wrap('one two three four', 9, '  ')).toEqual(['one two', '  three', '  four'])
  })

  it('never makes a line too wide and never loses a letter', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 8, max: 40 }),
        (text, width) => {
          const lines = wrap(text, width, '  ')
          for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width)
          const letters = (t: string): string => t.replace(/\s/g, '')
          expect(letters(lines.join(''))).toBe(letters(text))
        },
      ),
    )
  })
})

describe('cut', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['exactly ten', 10, 'exactly t…'],
    ['航班航班', 5, '航班…'],
  ])('%j to %i columns', (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected)
  })
})
