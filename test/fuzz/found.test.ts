/** What fuzzing has found, each kept as a test of its own. */
import { describe, expect, test, vi } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { decodeFrame, encodeFrame } from '../../src/hop/frame-codec.ts'
import { digestOf } from '../../src/message/digest.ts'
import { readStamp } from '../../src/message/stamp.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { CAPACITY_MAX } from '../../src/sketch/membership.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { checkin, deltaOf, frameOf } from '../store/frames.ts'
import { metered } from './meter.ts'

const VALUE = { value: true, key: false, headers: [] }
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

describe('a stamp', () => {
  test('of headers that cannot be read is malformed, not thrown', () => {
    expect(readStamp(revoked())).toEqual({ kind: 'malformed' })
    expect(readStamp({ quipu: Object.create(Uint8Array.prototype) })).toEqual({ kind: 'malformed' })
    const throwing = {
      get quipu(): never {
        throw new Error('not to be read')
      },
    }
    expect(readStamp(throwing)).toEqual({ kind: 'malformed' })
  })

  test('of characters beyond latin1 is not read as what is left of them', () => {
    const text = Buffer.from('00112233445577778899aabbccddeeff', 'hex').toString('latin1')
    expect(readStamp({ quipu: text }).kind).toBe('stamped')
    const beyond = String.fromCharCode(text.charCodeAt(0) + 256) + text.slice(1)
    expect(readStamp({ quipu: beyond })).toEqual({ kind: 'malformed' })
  })
})

test('a digest is not thrown for a value that says of its length what is no number', () => {
  const unreadable = digestOf({ value: revoked() }, VALUE)
  for (const length of [1n, Symbol('length'), revoked(), Object.create(null)]) {
    const value = Object.defineProperty(Buffer.from('order 1'), 'length', { value: length })
    expect(digestOf({ value }, VALUE)).toBe(unreadable)
  }
})

test('spans of one tag twice are refused: which one a sum keeps would depend on its order', () => {
  const span = { tag: 1, low: 3, high: 5, count: 2 }
  const frame = (tags: readonly (typeof span)[]): Uint8Array =>
    encodeFrame(frameOf(0, { deltas: [deltaOf(checkin, 0, [1], { tags })] }))
  expect(() => decodeFrame(frame([span]))).not.toThrow()
  expect(() => decodeFrame(frame([span, { ...span, high: 9 }]))).toThrow('out of order')
})

test.each([
  [
    'filters',
    200,
    { membership: { capacity: CAPACITY_MAX, bits: Buffer.from('12d3da1a00', 'hex') } },
  ],
  ['tables', 2000, { sketch: Uint8Array.of(3, ...new Uint8Array(146)) }],
])('a frame packed with %s takes no more memory than any agent has', async (_, times, part) => {
  const store = await openSqliteStore(':memory:')
  const deltas = new Array(times).fill(deltaOf(checkin, 0, [], part))
  const frame = decodeFrame(encodeFrame(frameOf(0, { deltas })))
  const { value, bytes } = metered(2 ** 30, () => store.fold([frame], {}, 1))
  expect(await value).toMatchObject({ taken: 0, malformed: 1 })
  expect(bytes).toBeLessThan(80 * 2 ** 20)
  await store.close()
})

test('the mean of equal latencies is theirs, however many they are', () => {
  const bytes = Buffer.from('01fb98b591d201b8d05c000000011700ffffff000d222d4c7b00', 'hex')
  const { min, max, mean } = Latencies.fromBytes(bytes)
  expect({ min, max, mean }).toEqual({ min: 758_812, max: 758_812, mean: 758_812 })
})

test('a key that is no text in the pipeline file is a mistake, and nothing the process emits', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const result = parseConfig('version: 1\npipelines: { [a]: 1 }\n', 'quipu.yaml', {})
  expect(result).toMatchObject({ ok: false })
  expect(emitted).not.toHaveBeenCalled()
  emitted.mockRestore()
})

test('a key of many lines in the pipeline file is told in one', () => {
  const file = `version: 1\npipelines:\n  p:\n    ? { a: 1,\n        b: ${'x'.repeat(5_000)} }\n    : 1\n    "c\\nd": 2\n`
  const result = parseConfig(file, 'quipu.yaml', {})
  if (result.ok) throw new Error('a file with such keys is refused')
  for (const { message } of result.issues) {
    expect(message).not.toContain('\n')
    expect(message.length).toBeLessThanOrEqual(1_001)
  }
  expect(result.issues.map((i) => i.message).join(' ')).toContain('expected a text as key')
})
