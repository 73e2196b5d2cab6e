/** A client that waits for a broker that says nothing can be ended, with all that it asks for later. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ownSockets } from '../../src/transport/kafka/own-sockets.ts'

const met: Socket[] = []
const mute = createServer((socket) => met.push(socket.on('error', () => undefined)))
let port = 0
beforeAll(async () => {
  await once(mute.listen(0, '127.0.0.1'), 'listening')
  port = (mute.address() as AddressInfo).port
})
afterAll(async () => {
  for (const socket of met) socket.destroy()
  mute.close()
  await once(mute, 'close')
})

it('waits for nobody once it is over', async () => {
  const { socketFactory, destroy } = ownSockets()
  const kafka = new Kafka({
    ...{ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, socketFactory },
    retry: { retries: 2, initialRetryTime: 10 },
  })
  const connecting = kafka.admin().connect()
  const failed = expect(connecting).rejects.toThrow(/closed/)
  while (met.length === 0) await new Promise((later) => setTimeout(later, 5))
  destroy()
  await failed
  // What it tried again never came to the broker.
  expect(met).toHaveLength(1)
})
