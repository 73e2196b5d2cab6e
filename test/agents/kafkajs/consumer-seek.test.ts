/** A consumer that is told to go on elsewhere: what it passes over is skipped, though nothing follows. */
import type { Consumer } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { bytesOfWords } from '../../../src/message/id.ts'
import { Minter } from '../../../src/message/mint.ts'
import type { FakeConsumer } from './fake-kafka.ts'
import type { FrameLog } from './frames.ts'
import { bench, readIn } from './setup.ts'

const minter = new Minter()
const run = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    offset: String(from + i),
    headers: { quipu: bytesOfWords(minter.mint('in')) },
  }))

interface Seeking {
  readonly log: FrameLog
  readonly audited: Consumer
  readonly fake: FakeConsumer
  readonly seeks: unknown[]
  /** As kafkajs does it: with its next fetch. */
  fetch(): void
}

async function seeking(): Promise<Seeking> {
  const { fake: kafka, log, consumer } = bench()
  const original = kafka.consumer.bind(kafka)
  const seeks: unknown[] = []
  kafka.consumer = (config) => {
    const made = original(config) as unknown as FakeConsumer
    const events = { ...made.events, FETCH_START: 'fetch start', FETCH: 'fetch' }
    const seek = (place: { readonly offset: string }): void => {
      if (Number.isNaN(Number(place.offset))) throw new Error('no offset')
      seeks.push(place)
    }
    return Object.assign(made, { events, seek }) as unknown as Consumer
  }
  const [audited, fake] = await consumer({ eachMessage: async () => {} })
  const fetch = (): void => {
    fake.emit('fetch start')
    fake.emit('fetch')
  }
  return { log, audited, fake, seeks, fetch }
}

const at = (offset: number, topic = 'in', partition = 0) => ({
  ...{ topic, partition, offset: String(offset) },
})

describe('seek', () => {
  it('covers what is passed over once the client has fetched from there', async () => {
    const { log, audited, fake, seeks, fetch } = await seeking()
    await fake.deliver({ messages: run(0, 3) })
    audited.seek(at(10))
    fetch()
    await audited.disconnect()
    expect(seeks).toEqual([at(10)])
    expect(log.covered(readIn)).toEqual([[0, 10]])
    expect(log.total(readIn, 'passed')).toBe(3)
  })

  it.each<[string, (s: Seeking) => void]>([
    ['before the fetch', ({ audited }) => audited.seek(at(10))],
    [
      'after a fetch that had begun before',
      ({ audited, fake }) => {
        fake.emit('fetch start')
        audited.seek(at(10))
        fake.emit('fetch')
      },
    ],
    [
      'when another assignment comes first',
      ({ audited, fake, fetch }) => {
        audited.seek(at(10))
        fake.emit('join')
        fetch()
      },
    ],
    [
      'when it is taken back',
      ({ audited, fetch }) => {
        audited.seek(at(10))
        audited.seek(at(3))
        fetch()
      },
    ],
    [
      'backwards',
      ({ audited, fetch }) => {
        audited.seek(at(1))
        fetch()
      },
    ],
    [
      'elsewhere',
      ({ audited, fetch }) => {
        audited.seek(at(10, 'in', 1))
        audited.seek(at(10, 'other'))
        fetch()
      },
    ],
    [
      'that the client refuses',
      ({ audited, fetch }) => {
        expect(() => audited.seek({ ...at(0), offset: 'x' })).toThrow('no offset')
        fetch()
      },
    ],
  ])('claims nothing %s', async (_, act) => {
    const all = await seeking()
    const { log, audited, fake } = all
    await fake.deliver({ messages: run(0, 3) })
    act(all)
    await audited.disconnect()
    expect(log.covered(readIn)).toEqual([[0, 3]])
    expect(log.covered(readIn, 1)).toEqual([])
    expect(log.counted('agent-error')).toBe(0)
  })

  it('before the first message claims nothing: where the group stood is not known', async () => {
    const { log, audited, fake, fetch } = await seeking()
    audited.seek(at(10))
    fetch()
    await fake.deliver({ messages: run(10, 2) })
    await audited.disconnect()
    expect(log.covered(readIn)).toEqual([[10, 12]])
  })

  it('counts again what it goes back to', async () => {
    const { log, audited, fake, fetch } = await seeking()
    const messages = run(0, 3)
    await fake.deliver({ messages })
    audited.seek(at(1))
    fetch()
    await fake.deliver({ messages: messages.slice(1) })
    await audited.disconnect()
    expect(log.total(readIn, 'passed')).toBe(5)
    expect(log.covered(readIn)).toEqual([[0, 3]])
  })
})
