/** A field of an open shape, and those within it. */
import { NO_SYMBOLS, type SymbolNode } from './declared/symbol-node.ts'
import { addLowest } from './lowest.ts'
import { OpenSymbols } from './open-symbols.ts'
import { type Scalar, scalarHash } from './scalar-hash.ts'
import {
  type Field,
  type JsonType,
  jsonTypes,
  SHAPE_IDS_MAX,
  SKETCH_MAX,
  type Spread,
} from './shape.ts'

/** Beyond, numbers count as that: their squares and the sums of those are numbers still. */
const NUMBER_MAX = 1e100

/** A message of which fields are being added: its number, which tells it from the one before, and its id. */
export interface Current {
  readonly number: number
  readonly id: string
}

export class OpenField {
  readonly path: string
  readonly declared: boolean
  /** What schemas name here, and within. */
  readonly named: readonly SymbolNode[]
  /** By name. */
  readonly members: Map<string, OpenField> = new Map()
  items: OpenField | null = null
  entries: OpenField | null = null
  /** The fields that are declared here are among the members, whether they came or not. */
  isFilled = false
  #present = 0
  #nulls = 0
  #objects = 0
  #lists = 0
  /** Numbers of the messages in which it was that last. */
  #presentIn = 0
  #nullIn = 0
  #objectIn = 0
  #listIn = 0
  readonly #types: number[] = jsonTypes.map(() => 0)
  #length: OpenSpread | null = null
  #number: OpenSpread | null = null
  readonly #distinct: number[] = []
  readonly #ids: string[] = []
  /** Null: no schema names a value. */
  readonly #symbols: OpenSymbols | null

  constructor(path: string, declared: boolean, named: readonly SymbolNode[] = NO_SYMBOLS) {
    this.path = path
    this.declared = declared
    this.named = named
    const isNamed = named.some(({ symbols }) => symbols !== null)
    this.#symbols = isNamed ? new OpenSymbols(named) : null
  }

  /** Once for each occurrence. */
  seen(type: JsonType, { number, id }: Current): void {
    ;(this.#types[jsonTypes.indexOf(type)] as number)++
    if (this.#presentIn !== number) {
      this.#presentIn = number
      this.#present++
      addLowest(this.#ids, id, SHAPE_IDS_MAX)
    }
    if (type === 'null' && this.#nullIn !== number) {
      this.#nullIn = number
      this.#nulls++
    } else if (type === 'object' && this.#objectIn !== number) {
      this.#objectIn = number
      this.#objects++
    } else if (type === 'array' && this.#listIn !== number) {
      this.#listIn = number
      this.#lists++
    }
  }

  scalar(value: Scalar): void {
    addLowest(this.#distinct, scalarHash(value), SKETCH_MAX)
    if (typeof value === 'number' || typeof value === 'bigint') {
      const number = Number(value)
      if (Number.isNaN(number)) return
      this.#number ??= new OpenSpread()
      this.#number.add(Math.max(-NUMBER_MAX, Math.min(NUMBER_MAX, number)) + 0)
    } else if (typeof value !== 'boolean') {
      this.measured(value.length)
      if (this.#symbols !== null && typeof value === 'string') this.#symbols.seen(value)
    }
  }

  measured(length: number): void {
    this.#length ??= new OpenSpread()
    this.#length.add(length)
  }

  /** Without `of`, which is told by what is around it. */
  close(): Field {
    return {
      path: this.path,
      declared: this.declared,
      of: 0,
      present: this.#present,
      nulls: this.#nulls,
      objects: this.#objects,
      lists: this.#lists,
      types: Object.fromEntries(
        jsonTypes.map((type, i) => [type, this.#types[i]]).filter(([, count]) => count !== 0),
      ),
      length: this.#length?.close() ?? null,
      number: this.#number?.close() ?? null,
      distinct: this.#distinct,
      symbols: this.#symbols?.close() ?? [],
      moreSymbols: this.#symbols?.more ?? 0,
      ids: this.#ids,
    }
  }
}

class OpenSpread {
  #count = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #sum = 0
  #squares = 0

  add(value: number): void {
    this.#count++
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    this.#sum += value
    this.#squares += value * value
  }

  close(): Spread {
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      sum: this.#sum,
      squares: this.#squares,
    }
  }
}
