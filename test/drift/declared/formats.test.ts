import { expect, test } from 'vitest'
import { formatTest } from '../../../src/drift/declared/formats.ts'

test.each<[format: string, right: readonly string[], wrong: readonly string[]]>([
  [
    'date',
    ['2024-02-29', '1999-12-31'],
    ['2023-02-29', '2024-13-01', '2024-00-10', '24-01-01', ''],
  ],
  [
    'date-time',
    ['2024-02-29T23:59:60Z', '2024-01-01t00:00:00.123+01:00', '2024-01-01 00:00:00z'],
    ['2024-01-01', '2024-01-01T24:00:00Z', '2024-01-01T00:00:00', '1704067200'],
  ],
  ['time', ['00:00:00Z', '23:59:59.5-08:00'], ['00:00Z', '12:00:00', '12:60:00Z']],
  ['uuid', ['01234567-89ab-7def-8123-456789ABCDEF'], ['0123456789ab7def8123456789abcdef', 'x']],
  ['email', ['a@b.org', '"a b"@c.org'], ['a', '@b', 'a@', 'a@b c']],
  ['uri', ['https://example.org/a?b#c', 'urn:x:y'], ['example.org', 'https://a b', '']],
  ['ipv4', ['0.0.0.0', '255.1.2.3'], ['256.0.0.1', '1.2.3', '01.2.3.4', '1.2.3.4.5']],
  ['ipv6', ['::', '::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4'], [':::', '1:2', '1::2::3', 'g::']],
  ['hostname', ['example.org', 'a-b.c'], ['-a.b', 'a..b', `${'a'.repeat(64)}.b`]],
  ['duration', ['P1D', 'PT1.5S', 'P3W', 'P1Y2M3DT4H'], ['P', 'PT', '1D', 'P1DT']],
])('%s', (format, right, wrong) => {
  const isRight = formatTest(format)
  expect(right.filter((text) => isRight?.(text) !== true)).toEqual([])
  expect(wrong.filter((text) => isRight?.(text) !== false)).toEqual([])
})

test('hostile texts take no longer than plain ones, and what is too long is not looked at', () => {
  for (const format of ['date-time', 'email', 'uri', 'hostname', 'ipv6', 'duration', 'uuid']) {
    for (const part of ['1', 'a', '.', ':', '-', '@', 'P1Y', 'a.']) {
      expect(formatTest(format)?.(part.repeat(4_000))).toBeTypeOf('boolean')
    }
    expect(formatTest(format)?.('x'.repeat(6_000))).toBe(true)
  }
  expect(formatTest('toString')).toBeNull()
})
