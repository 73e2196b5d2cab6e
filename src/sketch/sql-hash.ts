/**
 * The hash of `hash.ts` as steps of SQL: plain arithmetic on 64-bit integers that no product leaves.
 *
 * Every step hands on the columns it is told to keep, and replaces the state: the lanes `a` and `b`.
 */
import { lanesOfSeed, MULTIPLIERS } from './hash.ts'
import { BASE_CELLS, CELLS, LEVEL_CELLS, SUB_TABLE_CELLS } from './shape.ts'

const { a: A, b: B, digestA, digestB, ladder: LADDER } = MULTIPLIERS

const UINT32_MAX = 4294967295

/** One step: what it selects from the step before. */
export interface SqlStep {
  readonly name: string
  readonly columns: readonly string[]
}

/**
 * From the columns `words` to `check_a`, `check_b`, and `a`, `b`, `c`: the places of both lanes and of
 * the ladder. `keep` are the columns that pass through, the words among them.
 */
export function hashSteps(
  words: readonly string[],
  keep: readonly string[],
  seed: number,
): readonly SqlStep[] {
  const lanes = lanesOfSeed(seed)
  const [first = '', ...rest] = words
  const wide = words.length > 4
  const roundsA = wide ? [...A.slice(0, 4), digestA, A[4]] : A.slice(0, 5)
  const roundsB = wide ? [...B.slice(0, 4), digestB, B[4]] : B.slice(0, 5)

  const start: SqlStep = {
    name: 'lanes',
    columns: [
      ...keep,
      `${uint32(`${lanes.a >>> 0} + ${first}`)} AS a`,
      `${uint32(`${lanes.b >>> 0} + ${first}`)} AS b`,
    ],
  }
  const rounds = roundsA.map((multiplier, i): SqlStep => {
    const added = i < rest.length ? ` + ${rest[i]}` : ''
    return {
      name: `round_${i}`,
      columns: [
        ...keep,
        `${uint32(`${product('a', multiplier)}${added}`)} AS a`,
        `${uint32(`${product('b', roundsB[i] as number)}${added}`)} AS b`,
      ],
    }
  })
  const checks = ['check_a', 'check_b']
  return [
    start,
    ...rounds,
    {
      name: 'checks',
      columns: [...keep, `${xorShift('a')} AS check_a`, `${xorShift('b')} AS check_b`],
    },
    {
      name: 'products',
      columns: [
        ...keep,
        ...checks,
        `${uint32(`check_a * ${A[5]}`)} AS a`,
        `${uint32(`check_b * ${B[5]}`)} AS b`,
      ],
    },
    {
      name: 'places',
      columns: [...keep, ...checks, `${xorShift('a')} AS a`, `${xorShift('b')} AS b`],
    },
    { name: 'sum', columns: [...keep, ...checks, 'a', 'b', `${uint32('a + b')} AS c`] },
    {
      name: 'ladder',
      columns: [...keep, ...checks, 'a', 'b', `${uint32(product('c', LADDER))} AS c`],
    },
    { name: 'hashed', columns: [...keep, ...checks, 'a', 'b', `${xorShift('c')} AS c`] },
  ]
}

/** The cell that an id enters as its `part` from 0 to 4, by column; `isInLadder` says if it has part 4. */
export const cellSql: readonly string[] = [
  'CASE part',
  `  WHEN 0 THEN ((a >> 16) * ${SUB_TABLE_CELLS}) >> 16`,
  `  WHEN 1 THEN ${SUB_TABLE_CELLS} + (((a & 65535) * ${SUB_TABLE_CELLS}) >> 16)`,
  `  WHEN 2 THEN ${2 * SUB_TABLE_CELLS} + (((b >> 16) * ${SUB_TABLE_CELLS}) >> 16)`,
  `  WHEN 3 THEN ${3 * SUB_TABLE_CELLS} + (((b & 65535) * ${SUB_TABLE_CELLS}) >> 16)`,
  '  ELSE (c >> 27) + CASE',
  ...levels(),
  '  END',
  'END',
]
export const isInLadderSql = '(c & 15) = 0'

/** A level ends at the first pair of bits, from bit 4 upwards, that are not both 0. */
function levels(): readonly string[] {
  const count = (CELLS - BASE_CELLS) / LEVEL_CELLS
  return Array.from({ length: count }, (_, level) => {
    const cell = BASE_CELLS + level * LEVEL_CELLS
    if (level === count - 1) return `    ELSE ${cell}`
    return `    WHEN (c & ${4 ** (level + 3) - 1}) <> 0 THEN ${cell}`
  })
}

function product(column: string, multiplier: number): string {
  return `(${xorShift(column)}) * ${multiplier}`
}

/** The xor of two numbers is their sum without what both have, twice. */
function xorShift(column: string): string {
  return `${column} + (${column} >> 16) - 2 * (${column} & (${column} >> 16))`
}

function uint32(expression: string): string {
  return `(${expression}) & ${UINT32_MAX}`
}
