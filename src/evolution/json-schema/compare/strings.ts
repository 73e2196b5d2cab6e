/** Strings. Patterns are compared as text: what they mean nobody asks (a rule about risks says so). */
import type { StringNode } from '../model.ts'
import { compareMaximum, compareMinimum } from './bounds.ts'
import type { Scope } from './scope.ts'

export function compareStrings(scope: Scope, writer: StringNode, reader: StringNode): void {
  compareMaximum(scope, 'MAX_LENGTH', 'maxLength', writer.maxLength, reader.maxLength)
  compareMinimum(scope, 'MIN_LENGTH', 'minLength', writer.minLength, reader.minLength)
  compareText(scope, 'PATTERN', 'pattern', writer, reader)
  compareText(scope, 'FORMAT', 'format', writer, reader)
  compareText(scope, 'CONTENT_ENCODING', 'contentEncoding', writer, reader)
  compareText(scope, 'CONTENT_MEDIA_TYPE', 'contentMediaType', writer, reader)
}

function compareText(
  scope: Scope,
  name: string,
  keyword: 'pattern' | 'format' | 'contentEncoding' | 'contentMediaType',
  { [keyword]: writer }: StringNode,
  { [keyword]: reader }: StringNode,
): void {
  if (reader === null || reader === writer) return
  scope.change(`${name}_${writer === null ? 'ADDED' : 'CHANGED'}`, keyword, { writer, reader })
}
