/** Shapes as honest agents make them, for tests of what keeps and reads them. */
import { emptyShape, mergeShapes } from '../../src/drift/merge.ts'
import type { Claim, Field, Shape } from '../../src/drift/shape.ts'
import { encodeShape } from '../../src/drift/shape-codec.ts'
import type { ShapeDelta } from '../../src/hop/frame.ts'
import type { HopRef } from '../../src/hop/hop.ts'

export interface Look {
  readonly oneIn?: number
  /** 16 hex digits; empty: held against nothing. */
  readonly declared?: string
  readonly claim?: Claim
  readonly schema?: string
  /** Each message has `/delay` of a text where a number is declared. */
  readonly isOdd?: boolean
}

const idOf = (n: number): string => n.toString(16).padStart(32, '0')

/** What messages with these ids look like: objects with one field, `/delay`. */
export function shapeOf(ids: readonly number[], look: Look = {}): Shape {
  const { oneIn = 1, declared = '' } = look
  return ids.map((n) => oneOf(n, look)).reduce(mergeShapes, emptyShape(oneIn, declared))
}

export function shapeDelta(
  hop: HopRef,
  window: number,
  ids: readonly number[],
  look: Look = {},
): ShapeDelta {
  return { hop, window, shape: encodeShape(shapeOf(ids, look)) }
}

function oneOf(n: number, look: Look): Shape {
  const { oneIn = 1, declared = '', claim = 'none', schema = '', isOdd = false } = look
  const ids = [idOf(n)]
  const field: Field = {
    ...{ path: '', declared: true, of: 1, present: 1, nulls: 0, objects: 1, lists: 0 },
    ...{
      types: { object: 1 },
      length: null,
      number: null,
      distinct: [],
      symbols: [],
      moreSymbols: 0,
      ids,
    },
  }
  const spread = { count: 1, min: n, max: n, sum: n, squares: n * n }
  const delay: Field = isOdd
    ? { ...field, path: '/delay', objects: 0, types: { string: 1 } }
    : { ...field, path: '/delay', objects: 0, types: { integer: 1 }, number: spread }
  const kind = 'type_changed' as const
  const odd = {
    kind,
    path: '/delay',
    expected: 'integer',
    came: 'string',
    count: 1,
    ids,
    values: [],
  }
  return {
    ...{ oneIn, declared, looked: 1, tombstones: 0 },
    variants: [
      {
        ...{ claim, schema, type: '', count: 1, invalid: isOdd ? 1 : 0, unread: {}, ids },
        ...{ oddities: isOdd ? [odd] : [], moreOddities: 0, fields: [field, delay], moreFields: 0 },
      },
    ],
  }
}
