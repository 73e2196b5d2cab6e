/** What a topic's agent notes of the log itself: another leader, and a log that was cut. */
import { expect, it } from 'vitest'
import { PartitionReader } from '../../../agents/topic/partition-reader.ts'
import { TopicRecorder } from '../../../agents/topic/topic-recorder.ts'
import { Agent } from '../../../src/hop/agent.ts'
import { topicHop } from '../../../src/hop/hop.ts'
import type { Mishap } from '../../../src/hop/mishap.ts'
import { Ledger } from './ledger.ts'

const hop = topicHop('default', 't')

interface World {
  readonly reader: PartitionReader
  /** All that was noted, but its time. */
  noted(): Promise<Partial<Mishap>[]>
}

function world(): World {
  const ledger = new Ledger()
  const agent = new Agent({ service: 'test', sender: ledger.sender(), timer: false })
  const reader = new PartitionReader(new TopicRecorder(agent, 'default', 't'), 3)
  reader.place(undefined, 0)
  const noted = async (): Promise<Partial<Mishap>[]> => {
    await agent.flush()
    return ledger.frames.flatMap(({ mishaps }) => mishaps.map(({ at, ...rest }) => rest))
  }
  return { reader, noted }
}

/** One record batch, written under a leader. */
function batch(partitionLeaderEpoch: unknown, ...offsets: number[]) {
  const batchContext = { partitionLeaderEpoch }
  return offsets.map((n) => ({ offset: `${n}`, timestamp: `${Date.now()}`, batchContext }))
}

const none = { id: '', traceId: '', spanId: '', count: 1 }
const epoch = (at: number, detail: string) => ({
  ...{ hop, kind: 'epoch', partition: 3, from: at, to: at + 1, detail, ...none },
})

it('notes where another leader wrote on', async () => {
  const { reader, noted } = world()
  reader.read([...batch(4, 0, 1), ...batch(4, 2), ...batch(7, 3, 4)], 5)
  reader.read([...batch(7, 5), ...batch(8, 6)], 7)
  expect(await noted()).toEqual([epoch(3, '4>7'), epoch(6, '7>8')])
})

it('notes none where others have read in between, or where leaders have no epoch', async () => {
  const { reader, noted } = world()
  reader.read(batch(4, 0), 1)
  reader.place(10, 0)
  reader.read(batch(5, 10), 11)
  for (const [i, none] of [-1, undefined, null, 'x', 0.5].entries())
    reader.read(batch(none, 11 + i), 12 + i)
  reader.read([{ offset: '16', timestamp: '5' }], 17)
  reader.read(batch(5, 17), 18)
  expect(await noted()).toEqual([])
})

it('notes what it had read of a log that now ends below', async () => {
  const { reader, noted } = world()
  reader.read(batch(4, 0, 1, 2, 3, 4, 5), 6)
  reader.cutTo(4)
  reader.read(batch(5, 4), 5)
  expect(await noted()).toEqual([
    { hop, kind: 'cut', partition: 3, from: 4, to: 6, detail: '4', ...none },
    epoch(4, '4>5'),
  ])
})
