/** What a topic agent takes of a record beside its id. */
import { describe, expect, it } from 'vitest'
import { type TopicRecord, TopicRecorder } from '../../../agents/topic/topic-recorder.ts'
import { Agent } from '../../../src/hop/agent.ts'
import { topicHop } from '../../../src/hop/hop.ts'
import { PLAIN, type TallyPlan } from '../../../src/hop/plan.ts'
import { digestOf, preserveName } from '../../../src/message/digest.ts'
import { bytesOfWords } from '../../../src/message/id.ts'
import { Minter } from '../../../src/message/mint.ts'
import { FrameLog } from '../kafkajs/frames.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const HOP = topicHop('default', 't')
const VALUE = { value: true, key: false, headers: [] }
const minter = new Minter(() => NOW)

async function counted(
  records: readonly Partial<TopicRecord>[],
  plan: Partial<TallyPlan> = {},
): Promise<FrameLog> {
  const log = new FrameLog()
  // Hours behind: what this clock says is no time of a record.
  const clock = (): number => NOW + 7_200_000
  const planOf = (): TallyPlan => ({ ...PLAIN, ...plan })
  const agent = new Agent({ service: 'agent', sender: log, clock, planOf, timer: false })
  const recorder = new TopicRecorder(agent, 'default', 't')
  records.forEach((record, offset) => {
    const headers = { quipu: bytesOfWords(minter.mint('t')) }
    recorder.add({ offset: String(offset), headers, ...record }, 0, offset)
  })
  await agent.flush()
  return log
}

const CREATE_TIME = { timestampType: 0 }
const LOG_APPEND_TIME = { timestampType: 1 }

describe('the time of a record', () => {
  it('is that of the broker, where the broker gave it', async () => {
    const log = await counted([
      { timestamp: String(NOW + 30), batchContext: LOG_APPEND_TIME },
      { timestamp: String(NOW - 5), batchContext: LOG_APPEND_TIME },
      { timestamp: String(NOW + 30), batchContext: LOG_APPEND_TIME },
    ])
    expect(log.latencies(HOP)).toEqual({ birth: [3, -5, 30], hop: [0, null, null] })
  })

  it.each([
    ['the producer gave it', String(NOW + 30), CREATE_TIME],
    ['nobody says who gave it', String(NOW + 30), {}],
    ['the client keeps no batch', String(NOW + 30), undefined],
    ['the batch is nothing', String(NOW + 30), null],
    ['the record has none', '-1', LOG_APPEND_TIME],
  ])('is not known where %s', async (_, timestamp, batchContext) => {
    const log = await counted([{ timestamp, batchContext }])
    expect(log.total(HOP, 'passed')).toBe(1)
    expect(log.latencies(HOP).birth).toEqual([0, null, null])
  })

  it('is not kept of a record without an id', async () => {
    const timestamp = String(NOW + 30)
    const log = await counted([{ timestamp, batchContext: LOG_APPEND_TIME, headers: {} }])
    expect(log.deltas(HOP, 'unidentified')).toMatchObject([{ count: 1 }])
    expect(log.deltas(HOP, 'unidentified')[0]?.birthLatency).toHaveLength(0)
  })
})

describe('the value of a record', () => {
  it.each([
    ['never read where nothing is to be preserved', {}, 0],
    ['read once where its digest is kept', { preserve: [VALUE] }, 1],
  ])('is %s', async (_, plan, expected) => {
    let reads = 0
    const record = {
      get value() {
        reads++
        return 'v'
      },
    }
    const headers = { quipu: bytesOfWords(minter.mint('t')) }
    const log = new FrameLog()
    const agent = new Agent({
      ...{ service: 'agent', sender: log, clock: () => NOW, timer: false },
      planOf: () => ({ ...PLAIN, ...plan }),
    })
    const recorder = new TopicRecorder(agent, 'default', 't')
    recorder.add(Object.assign(record, { offset: '0', headers }), 0, 0)
    await agent.flush()
    expect(reads).toBe(expected)
  })

  it('is digested with each id, also with one that is no stamp of bytes', async () => {
    const stamp = bytesOfWords(minter.mint('t'))
    const log = await counted([{ value: 'a' }, { value: 'b', headers: { quipu: [stamp] } }], {
      preserve: [VALUE],
    })
    const { ids } = log.sum(HOP, { element: preserveName(VALUE) }).peel()
    const digests = ids.map(({ hex }) => Number.parseInt(hex.slice(32), 16)).sort()
    expect(digests).toEqual(['a', 'b'].map((value) => digestOf({ value }, VALUE)).sort())
  })
})
