/** Limits of a count: a reader may have none, or a wider one. */
import type { Scope } from './scope.ts'

export function compareMaximum(
  scope: Scope,
  name: string,
  keyword: string,
  writer: number | null,
  reader: number | null,
): void {
  if (reader === null || (writer !== null && writer <= reader)) return
  scope.change(`${name}_${writer === null ? 'ADDED' : 'DECREASED'}`, keyword, { writer, reader })
}

/** No count is below 0, so a minimum of 0 asks for nothing. */
export function compareMinimum(
  scope: Scope,
  name: string,
  keyword: string,
  writer: number | null,
  reader: number | null,
): void {
  if (reader === null || reader <= (writer ?? 0)) return
  scope.change(`${name}_${writer === null ? 'ADDED' : 'INCREASED'}`, keyword, { writer, reader })
}
