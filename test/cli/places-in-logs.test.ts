/** Trouble with the logs in which places are looked up: told, and told once. */
import type { Kafka } from 'kafkajs'
import { expect, it } from 'vitest'
import { PlacesInLogs } from '../../src/cli/places-in-logs.ts'
import { topicHop } from '../../src/hop/hop.ts'

const CARRIED = { identity: { by: 'stamp' }, time: { by: 'timestamp' } } as const
const WHERE = new Map([[0, [[0, 10] as const]]])

it('is told once for each topic, and again where it is another one', async () => {
  let why = 'the brokers are away'
  const kafka = {
    consumer: () => {
      throw new Error(why)
    },
  }
  const told: string[] = []
  const kafkas = new Map([['default', kafka as unknown as Kafka]])
  const places = new PlacesInLogs(kafkas, (text) => void told.push(text))
  const ask = async (topic: string): Promise<unknown> =>
    places.at(topicHop('default', topic), WHERE, CARRIED)
  expect([await ask('flights'), await ask('flights'), await ask('bags')]).toEqual([
    null,
    null,
    null,
  ])
  why = 'they let nobody in'
  await ask('flights')
  await ask('flights')
  expect(told).toEqual([
    'what stands in flights: not known now: the brokers are away',
    'what stands in bags: not known now: the brokers are away',
    'what stands in flights: not known now: they let nobody in',
  ])
  await places.close()
})
