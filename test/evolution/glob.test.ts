/** Names by pattern. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../src/evolution/glob.ts'

describe('a pattern', () => {
  it.each<[string, string, boolean]>([
    ['orders', 'orders', true],
    ['orders', 'orders2', false],
    ['*', '', true],
    ['orders-*', 'orders-value', true],
    ['orders-*', 'orders-', true],
    // A star does not go beyond a slash …
    ['*', 'a/b', false],
    ['*/b', 'a/b', true],
    // … two do, and may stand for nothing.
    ['**', 'a/b', true],
    ['**b', 'b', true],
    ['a/**/c', 'a/b/c', true],
    ['?', 'a', true],
    ['?', '', false],
    ['a?c', 'a/c', false],
    // What a regular expression would read as its own is a letter here.
    ['a.c', 'abc', false],
    ['(a)+', '(a)+', true],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected)
  })

  it('without stars matches itself alone', () => {
    const word = fc.stringMatching(/^[^*?]{0,20}$/u)
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(matchesGlob(a, b)).toBe(a === b)
      }),
    )
  })

  it('of many stars ends', () => {
    expect(matchesGlob('*a'.repeat(200), 'a'.repeat(2_000).concat('b'))).toBe(false)
  })
})
