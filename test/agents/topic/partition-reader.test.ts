import { describe, expect, it } from 'vitest'
import { PartitionReader, standing } from '../../../agents/topic/partition-reader.ts'
import { TopicRecorder } from '../../../agents/topic/topic-recorder.ts'
import { Agent } from '../../../src/hop/agent.ts'
import { topicHop } from '../../../src/hop/hop.ts'
import { Ledger } from './ledger.ts'

describe('where a batch stands to the position', () => {
  // position 10; the fetch asked from `from`, ended before `to`, the log ends at `end`
  it.each([
    // Ends below the position: even where it also began above it.
    { from: 0, to: 5, end: 9, stands: 'cut' },
    { from: 0, to: 10, end: 10, stands: 'read' }, // the log ends at the position: nothing new
    { from: 11, to: 12, end: 12, stands: 'ahead' }, // one offset would be skipped
    { from: 10, to: 12, end: 12, stands: 'read' },
    { from: 3, to: 9, end: 20, stands: 'behind' }, // offset 9 is still missing
    { from: 3, to: 10, end: 20, stands: 'read' }, // the next fetch begins at the position
    { from: 3, to: 11, end: 20, stands: 'read' },
  ])('$from to $to of $end: $stands', ({ from, to, end, stands }) => {
    expect(standing(10, from, to, end)).toBe(stands)
  })
})

it('covers and keeps what was counted before a record threw', async () => {
  const ledger = new Ledger()
  const agent = new Agent({ service: 'test', sender: ledger.sender(), timer: false })
  const recorder = new TopicRecorder(agent, 'default', 't')
  const reader = new PartitionReader(recorder, 0)
  reader.place(5, 0)
  const poison = { offset: '7' }
  Object.defineProperty(poison, 'headers', {
    get: () => {
      throw new Error('poison')
    },
  })
  const records = [5, 6].map((n) => ({ offset: String(n), timestamp: String(Date.now()) }))

  expect(() => reader.read([...records, poison], 8)).toThrow('poison')
  expect(reader.position).toBe(7)
  await agent.flush()
  expect(ledger.covered(topicHop('default', 't'))).toEqual([[5, 7]])
  expect(ledger.count(topicHop('default', 't'), 'unidentified')).toBe(2)
})

it('counts an offset once, however often it comes', async () => {
  const ledger = new Ledger()
  const agent = new Agent({ service: 'test', sender: ledger.sender(), timer: false })
  const reader = new PartitionReader(new TopicRecorder(agent, 'default', 't'), 0)
  const records = (...offsets: number[]): { offset: string; timestamp: string }[] =>
    offsets.map((n) => ({ offset: String(n), timestamp: String(Date.now()) }))
  reader.place(undefined, 0)
  reader.read(records(0, 1, 3), 5)
  reader.read(records(1, 3), 5)
  reader.read(records(3, 5, 5, 6), 7)
  await agent.flush()

  const hop = topicHop('default', 't')
  expect(ledger.count(hop, 'unidentified')).toBe(5)
  expect(ledger.covered(hop)).toEqual([[0, 7]])
  expect(ledger.counted(hop, 'empty-offsets')).toBe(2)
  expect(ledger.counted(hop, 'skipped-repeat')).toBe(4)
})

it('never goes back when it takes a partition again', () => {
  const agent = new Agent({ service: 'test', sender: new Ledger().sender(), timer: false })
  const reader = new PartitionReader(new TopicRecorder(agent, 'default', 't'), 0)
  reader.place(undefined, 3)
  expect(reader.position).toBe(3)
  reader.read([], 20)
  reader.place(10, 0)
  expect(reader.position).toBe(20)
  reader.release()
  expect(reader.position).toBeUndefined()
  reader.place(30, 0)
  expect(reader.position).toBe(30)
  reader.place(undefined, 0)
  expect(reader.position).toBe(30)
})
