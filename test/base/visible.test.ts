import { describe, expect, it } from 'vitest'
import { visible, visibleJson } from '../../src/base/visible.ts'

describe('visible', () => {
  it.each([
    ['flights → enrich', 'flights → enrich'],
    ['naïve 航班 ✈', 'naïve 航班 ✈'],
    ['a\u001b[2Jb', 'a\\u{1b}[2Jb'],
    ['a\nb\tc\r', 'a\\u{a}b\\u{9}c\\u{d}'],
    ['abc\u202edef', 'abc\\u{202e}def'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['lone\ud800', 'lone\\u{d800}'],
    ['c1\u009b', 'c1\\u{9b}'],
  ])('%j reads %j', (text, expected) => {
    expect(visible(text)).toBe(expected)
  })

  it('keeps JSON the same data', () => {
    const data = { 'a\u202e': 'x\u009b\u{e0041}\n', list: [1] }
    const json = visibleJson(JSON.stringify(data, null, 2))
    expect(json).not.toMatch(/[\u202e\u009b]/)
    expect(JSON.parse(json)).toEqual(data)
  })
})
