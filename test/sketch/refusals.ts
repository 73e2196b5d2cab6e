/** Bytes that are no sketch, and why: every refusal that `schemas/sketch.md` names. */

export interface Refusal {
  readonly why: string
  readonly limbs: 4 | 5
  readonly bytes: string
  /** Part of the error. */
  readonly says: string
}

const zeros = (bytes: number): string => '00'.repeat(bytes)
/** The end of an id whose first 48 bits are said by their distance; that of a wide one. */
const end = (last: string): string => zeros(9) + last
const wideEnd = (last: string, digest: string): string => end(last) + digest

/** A sparse table of the cells 0, 220, 440 and 660 with the words given. */
function sparse(limbs: 4 | 5, cells: readonly string[]): string {
  const bitmap = Buffer.alloc(146)
  cells.forEach((_, i) => {
    const cell = 220 * i
    bitmap[cell >> 3]! |= 128 >> (cell & 7)
  })
  return (limbs === 4 ? '03' : '06') + bitmap.toString('hex') + cells.join('')
}

const cell = (...words: readonly number[]): string =>
  words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')

const one = cell(1, 1, 2, 3, 4, 5, 6)
const wideOne = cell(1, 1, 2, 3, 4, 9, 5, 6)
/** The last of four equal cells with another word in one place. */
const uneven = (word: number): string[] => {
  const words = [1, 1, 2, 3, 4, 5, 6]
  words[word]! += 1
  return [one, one, one, cell(...words)]
}

const rows: ReadonlyArray<readonly [why: string, limbs: 4 | 5, bytes: string, says: string]> = [
  ['no bytes', 4, '', 'truncated'],
  ['tag 0', 4, '00', 'tag'],
  ['a tag of no form', 4, '07', 'tag'],
  ['a tag of no form, wide', 5, '07', 'tag'],
  ['a list of the other width', 4, '040000', 'tag'],
  ['a list of the other width', 5, '010000', 'tag'],
  ['a dense table of the other width', 4, '05', 'tag'],
  ['a sparse table of the other width', 5, '03', 'tag'],
  ['a list without length', 4, '01', 'truncated'],
  ['a list without its ids', 4, '0101', 'truncated'],
  ['a list without exceptions', 4, '0100', 'truncated'],
  ['a list cut within an exception', 4, `010105${end('00')}0100`, 'truncated'],
  ['a list cut within a digest', 5, `040105${end('00')}000000`, 'truncated'],
  ['a list that goes on', 4, '01000000', 'too many'],
  ['more than 1,000 ids', 4, '01e907', 'at most 1000'],
  ['many more than 1,000 ids', 4, '01ffffffffffff3f', 'at most 1000'],
  ['a varint of 8 bytes', 4, '01ffffffffffffffff01', 'varint'],
  ['a varint longer than need be', 4, '018000', 'overlong'],
  ['a first id beyond 48 bits', 4, `0101808080808080 40${end('00')}00`, '48 bits'],
  ['a second id beyond 48 bits', 4, `0102ffffffffffff3f${end('00')}01${end('00')}00`, '48 bits'],
  ['the same id twice', 4, `010205${end('00')}00${end('00')}00`, 'ascending'],
  ['ids out of order', 4, `010205${end('01')}00${end('00')}00`, 'ascending'],
  [
    'the same id and digest twice',
    5,
    `040205${wideEnd('00', '00000001')}00${wideEnd('00', '00000001')}00`,
    'ascending',
  ],
  [
    'digests of one id out of order',
    5,
    `040205${wideEnd('00', '00000002')}00${wideEnd('00', '00000001')}00`,
    'ascending',
  ],
  ['times of 0', 4, `010105${end('00')}010000`, 'times'],
  ['an exception of times 1', 4, `010105${end('00')}010002`, 'times'],
  ['times beyond an int32', 4, `010105${end('00')}01008080808010`, 'times'],
  ['an exception beyond the ids', 4, `010105${end('00')}010101`, 'exceptions'],
  ['more exceptions than ids', 4, `010105${end('00')}0200010001`, 'exceptions'],
  ['a dense table without cells', 4, '02', 'truncated'],
  ['a dense table cut within a cell', 5, `05${zeros(33)}`, 'truncated'],
  ['a sparse table cut within the bitmap', 4, `03${zeros(145)}`, 'truncated'],
  ['a sparse table cut within a cell', 4, sparse(4, [one]).slice(0, -2), 'truncated'],
  ['a sparse table that goes on', 5, `06${zeros(146 + 1)}`, 'too many'],
  ['a limb of p', 4, sparse(4, [cell(1, 0xfffffffb, 2, 3, 4, 5, 6)]), 'residue'],
  ['a check above p', 4, sparse(4, [cell(1, 1, 2, 3, 4, 5, 0xffffffff)]), 'residue'],
  ['a digest of p', 5, sparse(5, [cell(1, 1, 2, 3, 4, 0xfffffffb, 5, 6)]), 'residue'],
  ['a listed cell that is zero', 4, sparse(4, [cell(0, 0, 0, 0, 0, 0, 0)]), 'empty cell'],
  ['a listed cell that is zero, wide', 5, sparse(5, [zeros(32)]), 'empty cell'],
  ['an id in one sub-table only', 4, sparse(4, [one]), 'each sub-table'],
  ['an id in three sub-tables', 5, sparse(5, [wideOne, wideOne, wideOne]), 'each sub-table'],
  ...[0, 1, 2, 3, 4, 5, 6].map(
    (word) =>
      [
        `sub-tables that differ in word ${word}`,
        4,
        sparse(4, uneven(word)),
        'each sub-table',
      ] as const,
  ),
  [
    'sub-tables that differ in the digest',
    5,
    sparse(5, [wideOne, wideOne, wideOne, cell(1, 1, 2, 3, 4, 8, 5, 6)]),
    'each sub-table',
  ],
]

export const refusals: readonly Refusal[] = rows.map(([why, limbs, bytes, says]) => ({
  why,
  limbs,
  bytes: bytes.replaceAll(' ', ''),
  says,
}))
