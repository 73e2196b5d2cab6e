/**
 * The Avro schema of a frame, as it lies in schemas/frame.avsc (a test compares them).
 *
 * A change here makes another fingerprint, and agents go on writing the one of before until they are
 * updated. So a field is added with a default and its name in `ADDED` of frame-versions.ts; see
 * docs/decisions/0013-versions-of-a-frame.md.
 */
import type { AvroField, AvroSchema } from '../base/avro-bounds.ts'
import { channels } from './frame.ts'
import { hopRoles } from './hop.ts'
import { mishapKinds } from './mishap.ts'

const HOP = { name: 'hop', type: 'int', doc: 'index into hops' } as const
const list = (items: AvroSchema): AvroSchema => ({ type: 'array', items })

export interface FrameSchema {
  readonly type: 'record'
  readonly name: string
  readonly namespace: string
  readonly doc: string
  readonly fields: readonly AvroField[]
}

export const frameSchema: FrameSchema = {
  type: 'record',
  name: 'Frame',
  namespace: 'quipu',
  doc: 'What one agent saw since its last frame. Single-object encoded; at most 1 MiB.',
  fields: [
    { name: 'instance', type: { type: 'fixed', name: 'Instance', size: 16 } },
    { name: 'number', type: 'long', doc: 'dense from 0 within the instance' },
    { name: 'service', type: 'string' },
    { name: 'sentAt', type: 'long', doc: 'ms since 1970 UTC, by the clock of the agent' },
    { name: 'flushMs', type: 'long', doc: 'the next frame comes at the latest so long after' },
    { name: 'windowMs', type: 'long' },
    { name: 'shape', type: 'string', doc: 'of the sketches' },
    { name: 'seed', type: 'long', doc: 'of the sketches, uint32' },
    { name: 'hello', type: 'boolean' },
    { name: 'goodbye', type: 'boolean' },
    {
      name: 'hops',
      doc: 'every hop this frame speaks of, once',
      type: list({
        type: 'record',
        name: 'Hop',
        fields: [
          { name: 'role', type: { type: 'enum', name: 'Role', symbols: hopRoles } },
          { name: 'cluster', type: 'string' },
          { name: 'topic', type: 'string' },
          { name: 'group', type: 'string' },
          { name: 'name', type: 'string' },
        ],
      }),
    },
    {
      name: 'deltas',
      type: list({
        type: 'record',
        name: 'Delta',
        fields: [
          HOP,
          { name: 'channel', type: { type: 'enum', name: 'Channel', symbols: channels } },
          {
            name: 'origin',
            doc: 'null: minted here; else forwarded from a topic by a group',
            type: [
              'null',
              {
                type: 'record',
                name: 'Origin',
                fields: [
                  { name: 'topic', type: 'string' },
                  { name: 'group', type: 'string' },
                ],
              },
            ],
          },
          { name: 'reason', type: 'string' },
          { name: 'identity', type: 'string' },
          { name: 'element', type: 'string', doc: 'id, or id+digest(...): see sketch.md' },
          { name: 'oneIn', type: 'int', doc: '1: every message; n: one in n, chosen by hash' },
          { name: 'window', type: 'long', doc: 'ms, start of the window of birth' },
          { name: 'count', type: 'long' },
          { name: 'placeless', type: 'long' },
          { name: 'sketch', type: 'bytes', doc: 'see sketch.md' },
          {
            name: 'ranges',
            type: list({
              type: 'record',
              name: 'Range',
              fields: [
                { name: 'partition', type: 'int' },
                { name: 'low', type: 'long' },
                { name: 'high', type: 'long', doc: 'included' },
              ],
            }),
          },
          { name: 'birthLatency', type: 'bytes', doc: 'see latency.md; empty: not kept' },
          { name: 'hopLatency', type: 'bytes', doc: 'from the hop before; empty: not kept' },
          {
            name: 'membership',
            doc: 'see membership.md; null: not kept',
            type: [
              'null',
              {
                type: 'record',
                name: 'Membership',
                fields: [
                  { name: 'capacity', type: 'int', doc: 'messages a window' },
                  { name: 'bits', type: 'bytes' },
                ],
              },
            ],
          },
          {
            name: 'tags',
            doc: 'sequences seen of each tag; null: not kept, or of too many tags',
            type: [
              'null',
              list({
                type: 'record',
                name: 'TagSpan',
                fields: [
                  { name: 'tag', type: 'long', doc: '40 bits' },
                  { name: 'low', type: 'int' },
                  { name: 'high', type: 'int', doc: 'included' },
                  { name: 'count', type: 'long', doc: 'with repetitions' },
                ],
              }),
            ],
          },
        ],
      }),
    },
    {
      name: 'covered',
      type: list({
        type: 'record',
        name: 'Covered',
        fields: [
          HOP,
          { name: 'partition', type: 'int' },
          { name: 'from', type: 'long' },
          { name: 'to', type: 'long', doc: 'not included' },
        ],
      }),
    },
    {
      name: 'seals',
      type: list({
        type: 'record',
        name: 'Seal',
        fields: [
          HOP,
          { name: 'sealedUntil', type: 'long', doc: 'ms' },
          { name: 'open', type: list('long'), doc: 'windows with ids of unresolved sends' },
        ],
      }),
    },
    {
      name: 'dropped',
      type: list({
        type: 'record',
        name: 'Dropped',
        fields: [
          HOP,
          { name: 'reason', type: 'string' },
          { name: 'count', type: 'long' },
          { name: 'fromWindow', type: 'long' },
          { name: 'toWindow', type: 'long', doc: 'included' },
        ],
      }),
    },
    {
      name: 'strays',
      type: list({
        type: 'record',
        name: 'Strays',
        fields: [HOP, { name: 'count', type: 'long' }, { name: 'windows', type: list('long') }],
      }),
    },
    {
      name: 'counts',
      type: list({
        type: 'record',
        name: 'Count',
        fields: [HOP, { name: 'name', type: 'string' }, { name: 'count', type: 'long' }],
      }),
    },
    {
      name: 'recent',
      doc: 'window spans of the frames before this one; from > to: no tally',
      type: list({
        type: 'record',
        name: 'Span',
        fields: [
          { name: 'number', type: 'long' },
          { name: 'from', type: 'long' },
          { name: 'to', type: 'long' },
        ],
      }),
    },
    { name: 'client', type: 'string', doc: 'what it runs; empty: not known', default: '' },
    { name: 'host', type: 'string', doc: 'where it runs; empty: not known', default: '' },
    {
      name: 'shapes',
      type: list({
        type: 'record',
        name: 'ShapeDelta',
        fields: [
          HOP,
          { name: 'window', type: 'long', doc: 'ms, start of the window of birth' },
          { name: 'shape', type: 'bytes', doc: 'see shape.avsc' },
        ],
      }),
      default: [],
    },
    {
      name: 'mishaps',
      doc: 'what went wrong, as the agent saw it; says why, never what',
      type: list({
        type: 'record',
        name: 'Mishap',
        fields: [
          HOP,
          { name: 'kind', type: { type: 'enum', name: 'MishapKind', symbols: mishapKinds } },
          { name: 'at', type: 'long', doc: 'ms since 1970 UTC, of the first' },
          { name: 'partition', type: 'int', doc: '-1: of none, or not known' },
          { name: 'from', type: 'long', doc: 'offsets [from, to); -1 and -1: none' },
          { name: 'to', type: 'long' },
          { name: 'id', type: 'bytes', doc: '16 of the message; empty: of no single one' },
          { name: 'trace', type: 'bytes', doc: '16 of its trace and 8 of its span; empty: none' },
          { name: 'detail', type: 'string' },
          { name: 'count', type: 'long', doc: 'like ones, of which this is the first' },
        ],
      }),
      default: [],
    },
    {
      name: 'check',
      doc: 'CRC-32 (as in zlib) of all bytes of the record before it, the header too, big-endian',
      type: { type: 'fixed', name: 'Check', size: 4 },
    },
  ],
}
