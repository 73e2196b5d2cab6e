/** Demands of the code what `schemas/sketch.vectors.json` says: what other programs are built against. */
import { describe, expect, test } from 'vitest'
import vectors from '../../schemas/sketch.vectors.json' with { type: 'json' }
import { encode } from '../../src/sketch/codec.ts'
import { HASH_WORDS, NO_CELL } from '../../src/sketch/hash.ts'
import { Sketch, SketchFormatError } from '../../src/sketch/sketch.ts'
import { Table } from '../../src/sketch/table.ts'
import { denseOf } from './dense.ts'
import { type Adds, addTo, type Limbs, makeVectors, wordsOf } from './make-vectors.ts'

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const tags = { list: [1, 4], dense: [2, 5], sparse: [3, 6] }

test('the file is what its maker makes, and small', () => {
  expect(JSON.parse(JSON.stringify(makeVectors()))).toEqual(vectors)
  expect(JSON.stringify(vectors).length).toBeLessThan(300_000)
})

describe.each([
  [4, vectors.ids],
  [5, vectors.idsWithDigest],
] as const)('of %i limbs', (limbs, hashes) => {
  test('every element goes to its cells, with its checks', () => {
    expect(hashes.length).toBeGreaterThan(40)
    for (const { id, seed, cells, ladder, checks } of hashes) {
      const [w0, w1, w2, w3, digest = 0] = wordsOf(id) as [number, number, number, number, number?]
      const out = new Uint32Array(HASH_WORDS)
      new Table(seed, limbs).locate(w0, w1, w2, w3, digest, out)
      expect([...out], id).toEqual([...cells, ladder ?? NO_CELL, ...checks])
    }
  })
})

describe.each(vectors.sketches)('the sketch "$name"', (vector) => {
  const { seed, form, bytes } = vector
  const limbs = vector.limbs as Limbs
  const adds = vector.adds as readonly Adds[]

  test('is these bytes, made from its adds', () => {
    expect(bytesOf(bytes)[0]).toBe(tags[form as keyof typeof tags][limbs - 4])
    const made = form === 'list' ? new Sketch(seed, limbs) : new Table(seed, limbs)
    addTo(made, adds)
    const written = made instanceof Sketch ? made.toBytes() : encode(made)
    const inForm = form === 'dense' ? denseOf(written) : written
    expect(Buffer.from(inForm).toString('hex') === bytes).toBe(true)
  })

  test('is read from these bytes', () => {
    const read = Sketch.fromBytes(bytesOf(bytes), seed, limbs)
    const made = new Sketch(seed, limbs)
    addTo(made, adds)
    expect(read.count).toBe(made.count)
    read.merge(made, -1)
    expect(read.isEmpty()).toBe(true)
  })
})

test.each(vectors.differences)('"$from" less "$to" is named as it says', (vector) => {
  const read = (name: string): Sketch => {
    const { seed, limbs, bytes } = vectors.sketches.find((sketch) => sketch.name === name)!
    return Sketch.fromBytes(bytesOf(bytes), seed, limbs as Limbs)
  }
  const difference = read(vector.from)
  difference.merge(read(vector.to), -1)
  const { complete, net, ids } = difference.peel()
  expect({ complete, net }).toEqual({ complete: vector.complete, net: vector.net })
  expect(Object.fromEntries(ids.map(({ hex, times }) => [hex, times]))).toEqual(vector.ids)
})

test.each(vectors.refused)('refuses $why ($limbs limbs)', ({ limbs, bytes, says }) => {
  const read = (): Sketch => Sketch.fromBytes(bytesOf(bytes), 1, limbs as Limbs)
  expect(read).toThrow(SketchFormatError)
  expect(read).toThrow(says)
})
