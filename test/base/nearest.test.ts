import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from '../../src/base/nearest.ts'

describe('the nearest name', () => {
  it.each([
    ['onwer', 'owner'],
    ['Owner', 'owner'],
    ['edge', 'edges'],
    ['hopz', 'hops'],
    ['at', null],
    ['objectives', null],
    ['', null],
    ['x'.repeat(100), null],
  ])('to %j is %j', (text, expected) => {
    expect(nearest(text, ['owner', 'hops', 'edges'])).toBe(expected)
  })

  it('counts a swap as one edit', () => {
    expect(editDistance('flihgts', 'flights')).toBe(1)
    expect(editDistance('', 'abc')).toBe(3)
    expect(editDistance('kitten', 'sitting')).toBe(3)
  })
})
