/** Logical types: what the bytes mean. No reader fails by them, and no registry compares them. */

export interface Logical {
  readonly name: string
  /** Of `decimal`; null: of others. */
  readonly precision: number | null
  readonly scale: number | null
}

/** What carries which: one that stands elsewhere is ignored by every reader. */
const CARRIERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['decimal', ['bytes', 'fixed']],
  ['big-decimal', ['bytes']],
  ['uuid', ['string', 'fixed']],
  ['date', ['int']],
  ['time-millis', ['int']],
  ['time-micros', ['long']],
  ['timestamp-millis', ['long']],
  ['timestamp-micros', ['long']],
  ['timestamp-nanos', ['long']],
  ['local-timestamp-millis', ['long']],
  ['local-timestamp-micros', ['long']],
  ['local-timestamp-nanos', ['long']],
  ['duration', ['fixed']],
])

const FIXED_SIZES: ReadonlyMap<string, number> = new Map([
  ['uuid', 16],
  ['duration', 12],
])

/**
 * The logical type of a schema object, if readers heed it. A name that the specification does not know
 * counts: libraries let people register their own.
 * @param size of a `fixed`; null: it is none
 */
export function logicalOf(
  schema: Readonly<Record<string, unknown>>,
  kind: string,
  size: number | null,
): Logical | null {
  const name = Object.hasOwn(schema, 'logicalType') ? schema.logicalType : null
  if (typeof name !== 'string') return null
  const carriers = CARRIERS.get(name)
  if (carriers !== undefined && !carriers.includes(kind)) return null
  if (size !== null && (FIXED_SIZES.get(name) ?? size) !== size) return null
  if (name !== 'decimal') return { name, precision: null, scale: null }
  const { precision, scale = 0 } = schema
  if (!isCount(precision) || precision === 0 || !isCount(scale) || scale > precision) return null
  return { name, precision, scale }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0

/** `timestamp-` of `timestamp-millis`, and the unit; null: it has none. */
export function unitOf(name: string): { readonly of: string; readonly unit: string } | null {
  const match = /^(.+)-(millis|micros|nanos)$/.exec(name)
  return match === null ? null : { of: match[1] as string, unit: match[2] as string }
}

/** `decimal(9, 2)`, `date`. */
export function describeLogical(logical: Logical | null): string {
  if (logical === null) return 'none'
  if (logical.precision === null) return logical.name
  return `${logical.name}(${logical.precision}, ${logical.scale})`
}
