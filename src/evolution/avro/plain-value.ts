/** Values of plain types that tell something: the long is none of an int, the numbers are no zeros. */
import type { PlainKind } from './type.ts'

const VALUES: Readonly<Record<PlainKind, unknown>> = {
  null: null,
  boolean: true,
  int: 1,
  long: 8_589_934_592,
  float: 0.5,
  double: 0.1,
  bytes: Buffer.from('a'),
  string: 'a',
}

export function plainValue(kind: PlainKind): unknown {
  return VALUES[kind]
}
