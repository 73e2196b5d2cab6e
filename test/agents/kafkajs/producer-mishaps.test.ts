/** What a producer's agent notes of sends that went wrong. */
import { describe, expect, it } from 'vitest'
import type { Mishap } from '../../../src/hop/mishap.ts'
import type { FrameLog } from './frames.ts'
import { bench, intoOut, stampOf } from './setup.ts'

const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const headers = { traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-01` }

const mishapsOf = (log: FrameLog): Partial<Mishap>[] =>
  log.frames.flatMap(({ mishaps }) =>
    mishaps.map(({ hop, at, ...rest }) => {
      expect(hop).toEqual(intoOut)
      return rest
    }),
  )

const noted = (kind: string, detail: string, rest: object = {}) => ({
  ...{ kind, partition: -1, from: -1, to: -1, id: '', traceId: '', spanId: '', detail, count: 1 },
  ...rest,
})

describe('a producer', () => {
  it('notes nothing of what was acknowledged', async () => {
    const { log, producer } = bench()
    const out = await producer()
    await out.send({ topic: 'out', messages: [{ value: 'a', headers }] })
    await out.disconnect()
    expect(mishapsOf(log)).toEqual([])
  })

  it('notes what was not acknowledged, though the send resolved', async () => {
    const { fake, log, producer } = bench()
    fake.skipped = new Set([1])
    const sent: string[] = []
    fake.beforeSend = ([group]) => {
      for (const message of group?.messages ?? []) sent.push(stampOf(message))
    }
    const out = await producer()
    const messages = [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 1, headers },
    ]
    await out.send({ topic: 'out', messages })
    await out.disconnect()
    expect(mishapsOf(log)).toEqual([
      noted('unacknowledged', 'kafkajs', { partition: 1, id: sent[1], ...TRACE }),
    ])
  })

  it('notes what was rejected, with the type of the error and never its message', async () => {
    const { fake, log, producer } = bench()
    fake.beforeSend = () => {
      throw Object.assign(new Error('seat 12A'), { type: 'NOT_ENOUGH_REPLICAS' })
    }
    const out = await producer()
    const send = out.send({ topic: 'out', messages: [{ value: 'a', headers }, { value: 'b' }] })
    await expect(send).rejects.toThrow('seat 12A')
    await out.disconnect()
    const [first, second] = mishapsOf(log)
    const [a, b] = log.ids(intoOut, 'rejected')
    expect([first?.id, second?.id].sort()).toEqual([a, b])
    expect(first).toEqual(noted('rejected', 'NOT_ENOUGH_REPLICAS', { id: first?.id, ...TRACE }))
    expect(second).toEqual(noted('rejected', 'NOT_ENOUGH_REPLICAS', { id: second?.id }))
  })

  it('notes no rejection where the message goes without its stamp', async () => {
    const { fake, log, producer } = bench()
    fake.beforeSend = ([group]) => {
      if (stampOf(group?.messages[0]) !== 'absent')
        throw Object.assign(new Error('x'), { type: 'MESSAGE_TOO_LARGE' })
    }
    const out = await producer()
    await out.send({ topic: 'out', messages: [{ value: 'a' }] })
    expect(mishapsOf(log)).toEqual([])
    fake.beforeSend = () => {
      throw Object.assign(new Error('x'), { type: 'MESSAGE_TOO_LARGE' })
    }
    await expect(out.send({ topic: 'out', messages: [{ value: 'a' }] })).rejects.toThrow('x')
    await out.disconnect()
    expect(mishapsOf(log)).toMatchObject([{ kind: 'rejected', detail: 'MESSAGE_TOO_LARGE' }])
  })

  it('notes 50 of a large send, and counts the others as not noted', async () => {
    const { fake, log, producer } = bench()
    fake.beforeSend = () => {
      throw new RangeError('x')
    }
    const out = await producer()
    const messages = Array.from({ length: 70 }, (_, i) => ({ value: `${i}` }))
    await expect(out.send({ topic: 'out', messages })).rejects.toThrow('x')
    await out.disconnect()
    expect(mishapsOf(log)).toHaveLength(50)
    expect(log.counted('mishaps-dropped')).toBe(20)
    expect(log.total(intoOut, 'rejected')).toBe(70)
  })

  it('notes what an aborted transaction held, and the error that led to it', async () => {
    const { fake, log, producer } = bench()
    const out = await producer()
    const plain = await out.transaction()
    await plain.send({ topic: 'out', messages: [{ value: 'a', headers }] })
    await plain.abort()
    const failing = await out.transaction()
    await failing.send({ topic: 'out', messages: [{ value: 'b' }] })
    fake.beforeSend = () => {
      throw new TypeError('x')
    }
    await expect(failing.send({ topic: 'out', messages: [{ value: 'c' }] })).rejects.toThrow('x')
    await failing.abort()
    fake.beforeSend = () => {}
    const committed = await out.transaction()
    await committed.send({ topic: 'out', messages: [{ value: 'd' }] })
    await committed.commit()
    await out.disconnect()
    expect(mishapsOf(log)).toMatchObject([
      { kind: 'aborted', detail: '', ...TRACE },
      { kind: 'rejected', detail: 'TypeError' },
      { kind: 'aborted', detail: 'TypeError', traceId: '' },
    ])
    const ids = mishapsOf(log).map(({ kind, id }) => (kind === 'aborted' ? id : ''))
    expect(ids.filter((id) => id !== '').sort()).toEqual(log.ids(intoOut, 'withdrawn'))
  })
})
