/** The instrument first: decoders that are broken on purpose must be caught, and sound ones must not. */
import { describe, expect, test } from 'vitest'
import { metered } from './meter.ts'
import { type Kind, kinds } from './mutate.ts'
import { drawn, flawIn, must, type Target } from './target.ts'

class Refused extends Error {}

/** A length, then as many bytes. */
const sound: Target<Uint8Array> = {
  name: 'sound',
  weight: 1,
  valid: (random) => {
    const content = random.bytes(random.size(200))
    return Uint8Array.of(content.length, ...content)
  },
  decode: (bytes) => {
    const length = bytes[0]
    if (length === undefined || bytes.length !== 1 + length) throw new Refused('another length')
    const content = new Uint8Array(length)
    for (let i = 0; i < length; i++) content[i] = bytes[1 + i]!
    return content
  },
  refuses: (error) => error instanceof Refused,
  bytesMax: (length) => 256 + length,
  looksMax: 1,
  examine: (content, bytes) => {
    const again = Uint8Array.of(content.length, ...content)
    must(Buffer.compare(again, bytes) === 0, 'encodes to other bytes')
  },
}

const broken: ReadonlyArray<readonly [string, Partial<Target<Uint8Array>>, RegExp]> = [
  [
    'throws a RangeError',
    { decode: (bytes) => new Uint8Array([new DataView(bytes.slice().buffer).getUint8(0)]) },
    /throws RangeError/,
  ],
  [
    'accepts what it cannot encode again',
    { decode: (bytes) => bytes.slice(1, 1 + (bytes[0] ?? 0)) },
    /encodes to other bytes/,
  ],
  [
    'asks for what an unchecked length says',
    {
      decode: (bytes) => {
        const said = new Array<number>((bytes[0] ?? 0) * 2 ** 20)
        return said.length < 0 ? bytes : sound.decode(bytes)
      },
    },
    /asks for \d+ bytes/,
  ],
  [
    'hides that its memory was refused',
    {
      decode: (bytes) => {
        try {
          return sound.decode(Buffer.alloc((bytes[0] ?? 0) * 2 ** 20))
        } catch {
          throw new Refused('for some reason')
        }
      },
    },
    /asks for \d+ bytes/,
  ],
  [
    'looks at its input again and again',
    {
      decode: (bytes) => {
        let sum = 0
        for (let n = Math.min(bytes.length, 64); n > 0; n--)
          for (let i = 0; i < bytes.length; i++) sum += bytes[i]!
        return sum < 0 ? null : sound.decode(bytes)
      },
    },
    /looks at more than/,
  ],
  [
    'refuses what is valid',
    {
      decode: (bytes) => {
        if (bytes.length > 100) throw new Refused('too long for me')
        return sound.decode(bytes)
      },
    },
    /refuses what is valid/,
  ],
  [
    'writes into its input',
    {
      looksMax: undefined as never,
      decode: (bytes) => {
        const content = sound.decode(bytes)
        bytes.fill(0)
        return content
      },
    },
    /changes its input|encodes to other bytes/,
  ],
]

async function flawsOf(target: Target, count = 2_000): Promise<string[]> {
  const found = new Set<string>()
  for (let i = 0; i < count; i++) {
    const { input, countsLooks } = drawn([target], 3, i)
    const flaw = await flawIn(target, input, countsLooks)
    if (flaw !== null) found.add(flaw.why)
  }
  return [...found]
}

describe('the instrument', () => {
  test('finds nothing wrong with a decoder that is sound', async () => {
    expect(await flawsOf(sound as Target)).toEqual([])
  })

  test.each(broken)('catches a decoder that %s', async (_, part, why) => {
    const found = await flawsOf({ ...sound, ...part } as Target)
    expect(found.filter((flaw) => why.test(flaw))).not.toEqual([])
  })

  test('makes an input again from its seed and number alone, whatever was drawn before', () => {
    const all = Array.from({ length: 300 }, (_, i) => drawn([sound as Target], 5, i).input)
    const again = [299, 0, 17].map((i) => drawn([sound as Target], 5, i).input)
    expect(again).toEqual([all[299], all[0], all[17]])
    const other = drawn([sound as Target], 6, 299).input
    expect(Buffer.compare(other.bytes, all[299]!.bytes)).not.toBe(0)
  })

  test('makes every kind of input, each unlike the others', () => {
    const lengths = new Map<Kind, number>()
    for (let i = 0; i < 5_000; i++) {
      const { kind, bytes } = drawn([sound as Target], 7, i).input
      lengths.set(kind, Math.max(lengths.get(kind) ?? 0, bytes.length))
    }
    expect([...lengths.keys()].sort()).toEqual([...kinds].sort())
    expect(lengths.get('huge')).toBeGreaterThanOrEqual(2 ** 20)
    expect(lengths.get('valid')).toBeLessThanOrEqual(201)
  })

  test('puts back what it meters', () => {
    const before = [Array, Uint8Array, Float64Array, Buffer.alloc]
    metered(10, () => new Float64Array(1000))
    expect([Array, Uint8Array, Float64Array, Buffer.alloc]).toEqual(before)
    expect(new Array(1000)).toHaveLength(1000)
  })
})
