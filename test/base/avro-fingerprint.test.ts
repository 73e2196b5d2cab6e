import { describe, expect, test } from 'vitest'
import { avroFingerprint, singleObjectHeader } from '../../src/base/avro-fingerprint.ts'

describe('CRC-64-AVRO', () => {
  test('is the one of the test vectors of the Avro project', () => {
    expect(avroFingerprint('"null"')).toBe(7195948357588979594n)
    expect(BigInt.asIntN(64, avroFingerprint('"boolean"'))).toBe(-6970731678124411036n)
    expect(avroFingerprint('"int"')).toBe(8247732601305521295n)
    expect(BigInt.asIntN(64, avroFingerprint('"long"'))).toBe(-3434872931120570953n)
  })

  test('stands little-endian behind the marker', () => {
    expect(singleObjectHeader('"int"').toString('hex')).toBe('c3018f5c393f1ad57572')
  })
})
