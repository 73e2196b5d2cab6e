import { describe, expect, it } from 'vitest'
import { partsOfWords, SEQUENCE_LIMIT } from '../../src/message/id.ts'
import { Minter } from '../../src/message/mint.ts'

describe('a minter', () => {
  it('numbers densely, per topic, under a tag of the topic', () => {
    const minter = new Minter(() => 1_000)
    const a = [0, 1, 2].map(() => partsOfWords(minter.mint('a')))
    const b = partsOfWords(minter.mint('b'))
    expect(a.map((p) => p.sequence)).toEqual([0, 1, 2])
    expect(new Set(a.map((p) => p.tag)).size).toBe(1)
    expect(b).toMatchObject({ sequence: 0, version: 7, ordinal: 0 })
    expect(b.tag).not.toBe(a[0]?.tag)
  })

  it('never lets birth time run backwards, whatever the clock does', () => {
    const times = [1_000, 900, 1_001, 5, 1_001]
    const minter = new Minter(() => times.shift() ?? 0)
    const births = [0, 1, 2, 3, 4].map(() => partsOfWords(minter.mint('a')).birth)
    expect(births).toEqual([1_000, 1_000, 1_001, 1_001, 1_001])
  })

  it('draws a new tag when the sequence is used up', () => {
    let draws = 0
    const minter = new Minter(
      () => 1,
      (n) => new Uint8Array(n).fill(++draws),
    )
    for (let i = 0; i < SEQUENCE_LIMIT; i++) minter.mint('a')
    expect(draws).toBe(1)
    expect(partsOfWords(minter.mint('a'))).toMatchObject({ sequence: 0, tag: 0x0202020202 })
  })

  it('gives no memory to hostile numbers of topics', () => {
    const minter = new Minter(() => 1)
    for (let i = 0; i < 1_000; i++) minter.mint(`topic ${i}`)
    const [x, y] = ['x', 'y'].map((t) => partsOfWords(minter.mint(t)))
    expect(x?.tag).toBe(y?.tag)
    expect(y?.sequence).toBe((x?.sequence ?? 0) + 1)
  })
})
