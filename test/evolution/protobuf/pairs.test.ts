/** Pairs of messages: each once, as many as are stated, and not silently fewer. */
import { expect, test } from 'vitest'
import { PAIRS_MAX } from '../../../src/evolution/protobuf/limits.ts'
import { Pairs } from '../../../src/evolution/protobuf/pairs.ts'
import { Report, tooComplex } from '../../../src/evolution/protobuf/report.ts'
import { schemaOf } from './support.ts'

const message = schemaOf('message M {}').messages.get('M')
if (message === undefined) throw new Error('no message')

const named = (fullName: string) => ({ ...message, fullName })

test('the same pair is visited once, and one that comes while visiting too', () => {
  const pairs = new Pairs()
  pairs.add(named('A'), named('A'))
  pairs.add(named('A'), named('A'))
  const visited: string[] = []
  pairs.drain((reader) => {
    visited.push(reader.fullName)
    pairs.add(named('B'), named('A'))
  })
  expect(visited).toEqual(['A', 'B'])
  expect(pairs.isCut).toBe(false)
})

test('beyond the stated number it says so', () => {
  const pairs = new Pairs()
  for (let i = 0; i < PAIRS_MAX; i++) pairs.add(named(`${i}`), named('A'))
  expect(pairs.isCut).toBe(false)
  pairs.add(named('one more'), named('A'))
  expect(pairs.isCut).toBe(true)
})

test('which is an incompatibility', () => {
  const report = new Report()
  tooComplex(report)
  expect(report.differences.map(({ rule }) => rule)).toEqual(['PROTO_TOO_COMPLEX'])
})
