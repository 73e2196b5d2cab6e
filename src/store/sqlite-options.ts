/** A file of its own: what users see must not lead to the driver's types, which they may not have. */
export interface SqliteOptions {
  /** The store refuses to grow beyond this many bytes. */
  readonly maxBytes?: number
  /** Nothing is written, nor made where there is none. */
  readonly readOnly?: boolean
}
