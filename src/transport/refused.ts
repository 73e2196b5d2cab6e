/** A record that will never be taken, as the contract of `FrameSender.send` says it. */
import { QuipuError } from '../base/errors.ts'
import { RECORD_BYTES_MAX } from './transport.ts'

export class RecordRefused extends QuipuError {
  readonly permanent = true
}

export function refuseTooLarge(bytes: Uint8Array): void {
  if (bytes.length <= RECORD_BYTES_MAX) return
  throw new RecordRefused(
    'FORMAT',
    `a record of ${bytes.length} bytes is more than the ${RECORD_BYTES_MAX} that are carried`,
  )
}
