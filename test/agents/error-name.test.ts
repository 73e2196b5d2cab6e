import { describe, expect, it } from 'vitest'
import { errorName } from '../../agents/error-name.ts'

describe('what kind of error it was', () => {
  it.each<[string, unknown, string]>([
    [
      'the Kafka type',
      Object.assign(new Error('x'), { type: 'MESSAGE_TOO_LARGE' }),
      'MESSAGE_TOO_LARGE',
    ],
    ['else the name', new TypeError('seat 12A of Ada'), 'TypeError'],
    [
      'of a class',
      Object.assign(new Error('x'), { name: 'KafkaJSProtocolError' }),
      'KafkaJSProtocolError',
    ],
    ['not a name that says more', Object.assign(new Error('x'), { name: 'seat 12A' }), 'Error'],
    ['nor a long one', Object.assign(new Error('x'), { name: 'x'.repeat(101) }), 'Error'],
    ['what is no error', 'seat 12A of Ada', 'string'],
    ['nothing', undefined, 'undefined'],
    [
      'one that throws',
      {
        get type(): string {
          throw new Error('no')
        },
      },
      'Error',
    ],
  ])('is %s', (_, error, name) => {
    expect(errorName(error)).toBe(name)
  })
})
