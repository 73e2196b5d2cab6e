import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inverse, multiply, reduce } from '../../src/sketch/modular.ts'
import { PRIME } from '../../src/sketch/shape.ts'

const p = BigInt(PRIME)
const LIMIT = 2 ** 53 - 2 ** 33
const big = fc.oneof(
  fc.integer({ min: -LIMIT, max: LIMIT }),
  // Around the multiples of p, where the quotient may be one off.
  fc
    .tuple(fc.integer({ min: -(2 ** 21) + 3, max: 2 ** 21 - 3 }), fc.integer({ min: -2, max: 2 }))
    .map(([quotient, offset]) => quotient * PRIME + offset),
)

test('reduces every exact sum into [0, p)', () => {
  fc.assert(
    fc.property(big, (x) => {
      expect(BigInt(reduce(x))).toBe(((BigInt(x) % p) + p) % p)
    }),
    { numRuns: 5000 },
  )
})

test('multiplies any two uint32 exactly', () => {
  const word = fc.oneof(
    fc.nat({ max: 0xffffffff }),
    fc.integer({ min: PRIME - 3, max: 0xffffffff }),
  )
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(BigInt(multiply(a, b))).toBe((BigInt(a) * BigInt(b)) % p)
    }),
    { numRuns: 5000 },
  )
})

test('has an inverse for everything but 0', () => {
  const residue = fc.oneof(
    fc.integer({ min: 1, max: PRIME - 1 }),
    fc.integer({ min: 1, max: 10 }),
    fc.integer({ min: PRIME - 10, max: PRIME - 1 }),
  )
  fc.assert(
    fc.property(residue, (a) => {
      expect(multiply(a, inverse(a))).toBe(1)
    }),
    { numRuns: 2000 },
  )
})
