import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bytesOfWords,
  hexOfUuid,
  hexOfWords,
  type IdParts,
  isId,
  ORDINAL_LIMIT,
  ordinalOf,
  partsOfWords,
  SEQUENCE_LIMIT,
  uuidOfHex,
  withOrdinal,
  wordsOfBytes,
  wordsOfHex,
  wordsOfParts,
} from '../../src/message/id.ts'

const parts: fc.Arbitrary<IdParts> = fc.record({
  birth: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
  version: fc.constantFrom(7, 8),
  tag: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  sequence: fc.integer({ min: 0, max: SEQUENCE_LIMIT - 1 }),
  ordinal: fc.integer({ min: 0, max: ORDINAL_LIMIT - 1 }),
})

describe('an id', () => {
  it('keeps its parts through words, bytes, hex and UUID text', () => {
    fc.assert(
      fc.property(parts, (p) => {
        const words = wordsOfParts(p)
        expect(partsOfWords(words)).toEqual(p)
        expect(wordsOfBytes(bytesOfWords(words))).toEqual(words)
        expect(wordsOfHex(hexOfWords(words))).toEqual(words)
        expect(hexOfUuid(uuidOfHex(hexOfWords(words)).toUpperCase())).toBe(hexOfWords(words))
        expect(isId(bytesOfWords(words))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is a UUID of RFC 9562', () => {
    fc.assert(
      fc.property(parts, (p) => {
        const uuid = uuidOfHex(hexOfWords(wordsOfParts(p)))
        expect(uuid).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        )
        expect(Number.parseInt(uuid.slice(0, 13).replace('-', ''), 16)).toBe(p.birth)
      }),
    )
  })

  it('differs from its parent in the ordinal only', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 1023 }), (p, ordinal) => {
        const derived = withOrdinal(wordsOfParts(p), ordinal)
        expect(partsOfWords(derived)).toEqual({ ...p, ordinal })
        expect(ordinalOf(derived)).toBe(ordinal)
      }),
    )
  })

  it('is what schemas/stamp.md works out', () => {
    const words = wordsOfParts({
      birth: Date.UTC(2026, 0, 1),
      version: 7,
      tag: 0x259b8ae3b4,
      sequence: 13,
      ordinal: 1,
    })
    const page = readFileSync(new URL('../../schemas/stamp.md', import.meta.url), 'utf8')
    expect(page).toContain(uuidOfHex(hexOfWords(words)))
    for (const word of words) expect(page).toContain(`\`${word.toString(16).padStart(8, '0')}\``)
  })

  it.each([
    ['another version', '019b76daa8004259ae2b8ed000003401'],
    ['another variant', '019b76daa8007259ce2b8ed000003401'],
    ['15 bytes', '019b76daa8007259ae2b8ed0000034'],
    ['17 bytes', '019b76daa8007259ae2b8ed00000340100'],
    ['nothing', ''],
  ])('is none with %s', (_, hex) => {
    expect(isId(Buffer.from(hex, 'hex'))).toBe(false)
  })
})
