import { describe, expect, it } from 'vitest'
import { traceContextOf } from '../../src/message/trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const GOOD = `00-${TRACE}-${SPAN}-01`
const read = { traceId: TRACE, spanId: SPAN }

describe('a traceparent', () => {
  it.each<[string, unknown]>([
    ['text', GOOD],
    ['bytes, as kafkajs hands them over', Buffer.from(GOOD)],
    ['a list of one', [Buffer.from(GOOD)]],
    ['of flags that are not known', `00-${TRACE}-${SPAN}-ff`],
    ['of a later version', `cc-${TRACE}-${SPAN}-00`],
    ['of a later version that says more', `01-${TRACE}-${SPAN}-00-more`],
  ])('is read: %s', (_, traceparent) => {
    expect(traceContextOf({ traceparent })).toEqual(read)
  })

  it.each<[string, unknown]>([
    ['cut short', GOOD.slice(0, -1)],
    ['too long', `${GOOD}0`],
    ['of version 00 that says more', `${GOOD}-more`],
    ['of a later version with more that is not set apart', `01-${TRACE}-${SPAN}-00more`],
    ['of a later version beyond all bounds', `01-${TRACE}-${SPAN}-00-${'x'.repeat(600)}`],
    ['of the version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['of no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['of no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['in capitals', GOOD.toUpperCase()],
    ['with other marks', GOOD.replaceAll('-', '_')],
    ['with a line after it', `${GOOD}\n`],
    ['repeated', [GOOD, GOOD]],
    ['a list in a list', [[GOOD]]],
    ['a number', 5],
    ['nothing', null],
  ])('is none: %s', (_, traceparent) => {
    expect(traceContextOf({ traceparent })).toBeNull()
  })

  it('is none where the headers are none, or are inherited, or throw', () => {
    const throwing = {
      get traceparent(): string {
        throw new Error('no')
      },
    }
    for (const headers of [
      null,
      undefined,
      'x',
      {},
      Object.create({ traceparent: GOOD }),
      throwing,
    ])
      expect(traceContextOf(headers)).toBeNull()
  })
})
