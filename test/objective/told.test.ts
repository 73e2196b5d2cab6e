/** Who has told of what: only then does silence say anything. */
import { describe, expect, it } from 'vitest'
import { consumerHop, hopKey, producerHop, topicHop } from '../../src/hop/hop.ts'
import { tellersOf } from '../../src/objective/told.ts'
import { instance, NOW } from '../reports/build.ts'
import { declare } from '../support/declare.ts'

const topic = topicHop('default', 'flights')
const group = consumerHop('default', 'flights', 'enrich')
const agent = (hop: Parameters<typeof hopKey>[0], parts: Parameters<typeof instance>[1] = {}) =>
  instance('a', { hops: [hopKey(hop)], ...parts })
const silent = { lastHeardAt: NOW - 60_000, lastSentAt: NOW - 60_000 }
const ask = (hop: typeof topic, instances: readonly ReturnType<typeof agent>[]) =>
  tellersOf([declare('h', hop)], { instances, now: NOW })

describe('a group', () => {
  it.each<readonly [string, readonly ReturnType<typeof agent>[], boolean, number | null]>([
    ['without agents', [], false, null],
    ['with agents of another', [agent(topic)], false, null],
    ['that spoke last two seconds ago', [agent(group)], true, NOW - 2_000],
    [
      'of two as far as the slower one',
      [agent(group), agent(group, { lastSentAt: NOW - 6_000 })],
      false,
      NOW - 6_000,
    ],
    [
      'whose member said goodbye, while others are heard',
      [agent(group, { goodbye: 11, ...silent }), agent(topic)],
      true,
      NOW - 2_000,
    ],
    // It may have come back, and nobody listened.
    [
      'whose member said goodbye, and nobody is heard since',
      [agent(group, { goodbye: 11, ...silent })],
      false,
      NOW - 60_000,
    ],
    ['whose only member died', [agent(group, silent), agent(topic)], false, null],
    ['whose member died', [agent(group), agent(group, silent)], false, NOW - 2_000],
  ])('%s', (_, instances, told, until) => {
    const tellers = ask(group, instances)
    // Of messages born a minute ago, what was there 5 s ago.
    expect(tellers.hasTold(NOW - 60_000, NOW - 5_000)).toBe(told)
    expect(tellers.until).toBe(until)
  })

  it('with a dead member has told of what was born after it could still work', () => {
    const { hasTold } = ask(group, [agent(group), agent(group, silent)])
    // Three heartbeats of 5 s after its last word.
    expect(hasTold(NOW - 45_001, NOW - 5_000)).toBe(false)
    expect(hasTold(NOW - 45_000, NOW - 5_000)).toBe(true)
  })
})

describe('a topic', () => {
  it('is told of by those who send to it as well', () => {
    const slow = { lastSentAt: NOW - 6_000 }
    const into = (cluster: string, name: string) =>
      ask(topic, [agent(topic), agent(producerHop(cluster, name, 'checkin'), slow)])
    expect(into('default', 'flights').until).toBe(NOW - 6_000)
    expect(into('default', 'others').until).toBe(NOW - 2_000)
    expect(into('eu', 'flights').until).toBe(NOW - 2_000)
  })
})
