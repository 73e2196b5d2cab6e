/** Values of flags that are told of, and taken. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sinceTime } from '../../src/cli/options.ts'

const NOW = Date.parse('2026-11-23T01:00:00Z')

let told = ''
beforeEach(() => {
  told = ''
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

it.each([
  ['2026-11-23T01:00:00.001Z', NOW + 1, /^quipu: --since 2026-.* is in the future/],
  ['2026-11-23T01:00:00Z', NOW, /^$/],
  ['1h', NOW - 3_600_000, /^$/],
])('since %s', (value, at, says) => {
  expect(sinceTime(value)).toBe(at)
  expect(told).toMatch(says)
})
