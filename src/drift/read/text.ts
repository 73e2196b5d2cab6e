/** Bytes to text, strictly: what is no UTF-8 is not repaired. */
import { isUtf8 } from 'node:buffer'
import { undecodable } from './bounded.ts'

export function textOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : undecodable('invalid UTF-8')
}
