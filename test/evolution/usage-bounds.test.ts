/** Against tables of the Poisson distribution, and against what the bounds are for. */
import { describe, expect, test } from 'vitest'
import { intervalOf, upperOf } from '../../src/evolution/usage-bounds.ts'

// Garwood's intervals, as tables print them.
test.each([
  [0, 0, 3.6889],
  [1, 0.0253, 5.5716],
  [5, 1.6235, 11.6683],
  [10, 4.7954, 18.3904],
  [100, 81.3639, 121.6272],
])('%i stands for %f to %f', (count, from, to) => {
  const [low, high] = intervalOf(count)
  expect(low).toBeCloseTo(from, 3)
  expect(high).toBeCloseTo(to, 3)
})

test.each([
  [0, 2.9957],
  [1, 4.7439],
  [10, 16.9622],
])('%i stands for at most %f', (count, most) => {
  expect(upperOf(count)).toBeCloseTo(most, 3)
})

describe('where the normal curve takes over', () => {
  test('the bounds go on as they were', () => {
    for (const bound of [
      upperOf,
      (n: number) => intervalOf(n)[0],
      (n: number) => intervalOf(n)[1],
    ]) {
      const step = bound(501) - bound(500)
      expect(step).toBeGreaterThan(-2)
      expect(step).toBeLessThan(4)
    }
  })

  test('and hold what was seen', () => {
    for (const count of [0, 1, 499, 500, 501, 1e9]) {
      const [from, to] = intervalOf(count)
      expect(from).toBeLessThanOrEqual(count)
      expect(to).toBeGreaterThan(count)
    }
  })
})
