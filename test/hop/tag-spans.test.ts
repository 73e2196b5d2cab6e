import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeSpans, TAGS_MAX, type TagSpan, TagSpans } from '../../src/hop/tag-spans.ts'
import { type IdParts, wordsOfParts } from '../../src/message/id.ts'

const id = (parts: Partial<IdParts>): ReturnType<typeof wordsOfParts> =>
  wordsOfParts({
    birth: 1_800_000_000_000,
    version: 7,
    tag: 0xabcdef1234,
    sequence: 0,
    ordinal: 0,
    ...parts,
  })

function spansOf(ids: readonly Partial<IdParts>[]): TagSpan[] | null {
  const spans = new TagSpans()
  for (const parts of ids) spans.add(id(parts))
  return spans.list()
}

describe('the spans of a tally', () => {
  test('tell lowest, highest and number of each tag, by tag', () => {
    const tag = 2 ** 40 - 1
    expect(
      spansOf([
        { sequence: 7 },
        { sequence: 2 ** 24 - 1, tag },
        { sequence: 9 },
        { sequence: 8 },
        { sequence: 0, tag },
        { sequence: 3 },
      ]),
    ).toEqual([
      { tag: 0xabcdef1234, low: 3, high: 9, count: 4 },
      { tag, low: 0, high: 2 ** 24 - 1, count: 2 },
    ])
  })

  test('leave out derived and foreign ids, which have no sequence of their own', () => {
    expect(spansOf([{ ordinal: 1 }, { version: 8 }])).toEqual([])
  })

  test('count repetitions, so what they prove missing is never too much', () => {
    const [span] = spansOf([{ sequence: 1 }, { sequence: 4 }, { sequence: 4 }]) ?? []
    expect(span).toEqual({ tag: 0xabcdef1234, low: 1, high: 4, count: 3 })
  })

  test('witness nothing beyond their limit of tags, not even of the first ones', () => {
    const tags = (n: number): Partial<IdParts>[] => Array.from({ length: n }, (_, tag) => ({ tag }))
    expect(spansOf(tags(TAGS_MAX))).toHaveLength(TAGS_MAX)
    expect(spansOf(tags(TAGS_MAX + 1))).toBeNull()
    expect(spansOf([...tags(TAGS_MAX + 1), ...tags(1)])).toBeNull()
  })
})

const partsList = fc.array(
  fc.record({ tag: fc.nat({ max: 5 }), sequence: fc.nat({ max: 2 ** 24 - 1 }) }),
  { maxLength: 30 },
)

describe('merging', () => {
  test('gives what one tally of all would say, in any split and order', () => {
    fc.assert(
      fc.property(partsList, partsList, (a, b) => {
        const [one, other] = [spansOf(a), spansOf(b)]
        expect(mergeSpans(one, other)).toEqual(spansOf([...a, ...b]))
        expect(mergeSpans(other, one)).toEqual(mergeSpans(one, other))
      }),
    )
  })

  test('is no more of a witness than each of both', () => {
    expect(mergeSpans(null, [])).toBeNull()
    expect(mergeSpans([], null)).toBeNull()
    const many = (from: number): TagSpan[] =>
      Array.from({ length: TAGS_MAX }, (_, i) => ({ tag: from + i, low: 0, high: 0, count: 1 }))
    expect(mergeSpans(many(0), many(0))).toHaveLength(TAGS_MAX)
    expect(mergeSpans(many(0), many(1))).toBeNull()
  })
})
