/**
 * Which schema a message says it was written with. Where nobody said how it does, nothing is guessed: a
 * first byte that may be a frame as well as data is `ambiguous`.
 *
 * Law: never throws; the payload is the end of the value, but for what a header or compression puts there.
 */
import { SINGLE_OBJECT_MARKER } from '../../base/avro-fingerprint.ts'
import type { Framing } from '../shape.ts'
import { apicurioFrame } from './apicurio.ts'
import { confluentFrame } from './confluent.ts'
import type { Framed } from './framed.ts'
import { glueFrame } from './glue.ts'
import { singleObjectFrame } from './single-object.ts'

/** The first bytes of frames that are told by one byte. */
const MARKERS: readonly (number | undefined)[] = [0x00, 0x01, 0x03]

/** @param expected null: nobody said */
export function readFrame(value: Uint8Array, headers: unknown, expected: Framing | null): Framed {
  const framed = expected === null ? null : frameOf(value, headers, expected)
  if (framed !== null) return framed
  const claim = value.length === 0 ? 'empty' : expected === null ? unsaid(value) : 'unframed'
  return { claim, schema: '', payload: value }
}

function frameOf(value: Uint8Array, headers: unknown, expected: Framing): Framed | null {
  switch (expected) {
    case 'none':
      return value.length === 0 ? null : { claim: 'none', schema: '', payload: value }
    case 'confluent':
      return confluentFrame(value, headers)
    case 'apicurio-v2':
    case 'apicurio-v3':
      return apicurioFrame(value, headers, expected)
    case 'glue':
      return glueFrame(value)
    case 'single-object':
      return singleObjectFrame(value)
  }
}

/** None of the markers can begin JSON, so JSON needs no look of its own. */
function unsaid(value: Uint8Array): 'ambiguous' | 'none' {
  const isMarked =
    MARKERS.includes(value[0]) || SINGLE_OBJECT_MARKER.every((byte, i) => value[i] === byte)
  return isMarked ? 'ambiguous' : 'none'
}
