/**
 * Makes `schemas/sketch.vectors.json`:
 *
 *     npx tsx test/sketch/make-vectors.ts && npx biome format --write schemas/sketch.vectors.json
 *
 * Another test reads the file and demands of the code what it says; this one only says what to ask.
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { encode } from '../../src/sketch/codec.ts'
import { CHECK_A, HASH_WORDS, LADDER_CELL, NO_CELL } from '../../src/sketch/hash.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import { Table } from '../../src/sketch/table.ts'
import { denseOf } from './dense.ts'
import { refusals } from './refusals.ts'

export type Limbs = 4 | 5
type Form = 'list' | 'sparse' | 'dense'

/** Elements as hexadecimal digits: `count` of them, each `step` above the one before. */
export interface Adds {
  readonly id: string
  readonly times: number
  readonly step?: string
  readonly count?: number
}

const hashed = [
  '00000000000000000000000000000000',
  '00000000000000000000000000000001',
  '00000000000000000000000000000002',
  '00000000000000000000000100000000',
  '00000000000000010000000000000000',
  '00000001000000000000000000000000',
  'ffffffffffffffffffffffffffffffff',
  'fffffffbfffffffcfffffffdfffffffe',
  '80000000000000000000000000000000',
  '000102030405060708090a0b0c0d0e0f',
  '0198c0de00007abc8000123400000000',
  '0198c0de00007abc8000123400000400',
  '0198c0de00017abc8000123400000800',
  '0198c0de00018abcbffffffffffffc01',
]
/** One for each level of the ladder. */
const climbing = ['0d', '25', '96', '4c5', '41', 'ee0', '11d29', '2da3a', '28d68']
const digests = ['00000000', '00000001', 'ffffffff', 'c0ffee00']

const ORDER = '0198c0de00007abc80001234'
const listed: Adds[] = [
  { id: `${ORDER}00000000`, times: 1 },
  { id: `${ORDER}00000400`, times: -1 },
  { id: '0198c0de00147abc8000123400000800', times: 3 },
  { id: '0198c0de012c7abc8000123400000c00', times: 1 },
]
const heavy: Adds[] = [
  { id: 'fffffffbfffffffcfffffffdfffffffe', times: 1_000_000 },
  { id: '00000000000000010000000200000003', times: 2_147_483_647 },
  { id: '00000004fffffffb00000000ffffffff', times: -2_147_483_648 },
  { id: `${ORDER}00000000`, times: 1 },
  { id: `${ORDER}00000400`, times: -2 },
]
const many: Adds[] = [{ id: `${ORDER}00000000`, step: '400', count: 1000, times: 1 }]
const fewer: Adds[] = [
  { id: `${ORDER}00000000`, step: '400', count: 600, times: 1 },
  { id: `${ORDER}000af000`, step: '400', count: 250, times: 1 },
  { id: `${ORDER}000af000`, times: 3 },
  { id: 'ffffffffffffffffffffffffffffffff', times: 2 },
]
/** The same messages with a digest; of the altered ones another. */
const withDigest = (adds: readonly Adds[], digest: string): Adds[] =>
  adds.map((add) => ({
    ...add,
    id: add.id + digest,
    ...(add.step === undefined ? {} : { step: `${add.step}00000000` }),
  }))
const wideListed = [
  ...withDigest(listed, 'c0ffee00'),
  { id: `${ORDER}00000000c0ffee01`, times: -1 },
]
const wideAltered = [
  ...withDigest(listed.slice(0, 3), 'c0ffee00'),
  ...withDigest(listed.slice(3), 'c0ffee02'),
]
const wideHeavy = [
  ...withDigest(heavy, 'fffffffb'),
  { id: '00000000000000010000000200000003fffffffc', times: 4 },
]
const wideFewer = [
  ...withDigest([{ id: `${ORDER}00000000`, step: '400', count: 850, times: 1 }], '00000007'),
  { id: `${ORDER}000d480000000008`, times: 1 },
]

export function makeVectors(): Record<string, unknown> {
  const seeds = [DEFAULT_SEED, 0, 0xffffffff]
  const sketches = [
    vectorOf('nothing', 4, 'list', []),
    vectorOf('few', 4, 'list', listed),
    vectorOf('heavy', 4, 'list', heavy),
    vectorOf('heavy, in a table', 4, 'sparse', heavy),
    vectorOf('many', 4, 'dense', many),
    vectorOf('some of many', 4, 'list', fewer),
    vectorOf('nothing, wide', 5, 'list', []),
    vectorOf('few, wide', 5, 'list', wideListed),
    vectorOf('few, one altered', 5, 'list', wideAltered),
    vectorOf('heavy, wide, in a table', 5, 'sparse', wideHeavy),
    vectorOf('many, wide', 5, 'dense', withDigest(many, '00000007')),
    vectorOf('some of many, wide', 5, 'list', wideFewer),
  ]
  const differences = [
    ['few', 'heavy'],
    ['few', 'heavy, in a table'],
    ['heavy, in a table', 'heavy'],
    ['many', 'some of many'],
    ['some of many', 'many'],
    ['many', 'many'],
    ['many', 'nothing'],
    ['few, wide', 'few, one altered'],
    ['heavy, wide, in a table', 'few, wide'],
    ['many, wide', 'some of many, wide'],
    ['many, wide', 'nothing, wide'],
  ].map(([from, to]) => {
    const read = (name: string | undefined): Sketch => {
      const { bytes, limbs } = sketches.find((sketch) => sketch.name === name)!
      return Sketch.fromBytes(Buffer.from(bytes, 'hex'), DEFAULT_SEED, limbs)
    }
    const difference = read(from)
    difference.merge(read(to), -1)
    const { complete, net, ids } = difference.peel()
    const named = Object.fromEntries(ids.map(({ hex, times }) => [hex, times]))
    return { from, to, complete, net, ids: named }
  })
  return {
    ids: [
      ...seeds.flatMap((seed) => hashed.map((id) => hashOf(id, seed))),
      ...climbing.map((end) => hashOf(ORDER + end.padStart(8, '0'), DEFAULT_SEED)),
    ],
    idsWithDigest: seeds.flatMap((seed) =>
      hashed.flatMap((id, i) => hashOf(id + digests[i % digests.length], seed)),
    ),
    sketches,
    differences,
    refused: refusals,
  }
}

export function wordsOf(hex: string): number[] {
  return (hex.match(/.{8}/g) ?? []).map((digits) => Number.parseInt(digits, 16))
}

export function addTo(sketch: Pick<Sketch, 'add'>, adds: readonly Adds[]): void {
  for (const { id, times, step = '0', count = 1 } of adds) {
    for (let n = 0; n < count; n++) {
      const sum = BigInt(`0x${id}`) + BigInt(n) * BigInt(`0x${step}`)
      const [w0, w1, w2, w3, digest] = wordsOf(sum.toString(16).padStart(id.length, '0'))
      sketch.add(w0!, w1!, w2!, w3!, times, digest)
    }
  }
}

function hashOf(id: string, seed: number): object {
  const [w0, w1, w2, w3, digest] = wordsOf(id)
  const out = new Uint32Array(HASH_WORDS)
  new Table(seed, digest === undefined ? 4 : 5).locate(w0!, w1!, w2!, w3!, digest ?? 0, out)
  const ladder = out[LADDER_CELL] === NO_CELL ? null : out[LADDER_CELL]
  return { id, seed, cells: [...out.slice(0, 4)], ladder, checks: [...out.slice(CHECK_A)] }
}

function vectorOf(name: string, limbs: Limbs, form: Form, adds: readonly Adds[]) {
  const list = new Sketch(DEFAULT_SEED, limbs)
  const table = new Table(DEFAULT_SEED, limbs)
  addTo(form === 'list' ? list : table, adds)
  const bytes = form === 'list' ? list.toBytes() : encode(table)
  const hex = Buffer.from(form === 'dense' ? denseOf(bytes) : bytes).toString('hex')
  return { name, limbs, seed: DEFAULT_SEED, form, adds, bytes: hex }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = new URL('../../schemas/sketch.vectors.json', import.meta.url)
  writeFileSync(file, `${JSON.stringify(makeVectors(), null, 2)}\n`)
}
