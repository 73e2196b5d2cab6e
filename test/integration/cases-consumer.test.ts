/**
 * What becomes of a group's messages: members that come and go, wait, skip, lag and read late. The
 * handlers keep the truth; the auditor has to say the same, no more and no less.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import {
  allJudged,
  allMet,
  codesOf,
  join,
  type Line,
  makeLine,
  named,
  nextWindow,
  numbers,
  Stage,
  sumOf,
  told,
  until,
} from '../support/cases-consumer.ts'
import { kafkaClient, withAdmin } from '../support/kafka.ts'

const minutes = 60_000

let stage: Stage
let lines: Record<
  | 'rebalance'
  | 'latest'
  | 'pause'
  | 'seek'
  | 'seekAway'
  | 'reset'
  | 'retention'
  | 'emptied'
  | 'bare',
  Line
>
beforeAll(async () => {
  lines = {
    rebalance: await makeLine('rebalance', { partitions: 4 }),
    latest: await makeLine('latest', { partitions: 2 }),
    pause: await makeLine('pause'),
    seek: await makeLine('seek'),
    seekAway: await makeLine('seek-away'),
    reset: await makeLine('reset'),
    retention: await makeLine('retention'),
    emptied: await makeLine('emptied'),
    bare: await makeLine('bare', { partitions: 4 }),
  }
  stage = await Stage.open(Object.values(lines))
})
afterAll(() => stage?.close())

describe.concurrent('a group', { timeout: 5 * minutes }, () => {
  it('whose members come and go doubles what it really did again, and loses nothing', async () => {
    const line = lines.rebalance
    const count = 240
    // Commits now and then: what was handled since comes again when the group moves.
    let paceMs = 40
    const slow = { commitEvery: 13, handle: () => sleep(paceMs) }
    const first = await join(stage.ship(), line, slow)
    await stage.send(line, 0, count, 4)
    await until(() => first.handled.length >= 60)
    // Slow enough that much is left for the second.
    const second = await join(stage.ship(), line, slow)
    paceMs = 12
    await until(() => second.handled.length >= 30)
    await second.consumer.disconnect()
    const all = (): number[] => [...first.handled, ...second.handled]
    await until(() => new Set(all()).size === count)
    await first.consumer.disconnect()
    const again = repeated(all())
    expect(again.length).toBeGreaterThan(0)

    const verdicts = await stage.until(
      line,
      (v) => allJudged(count)(v) && named(v, 'duplicated').length === again.length,
    )
    expect(named(verdicts, 'duplicated'), told(verdicts)).toEqual(stage.idsOf(line, again))
    expect(sumOf(verdicts)).toMatchObject({ delivered: count, undetermined: 0, extra: 0 })
    expect(codesOf(verdicts)).toEqual(['duplicated'])
    expect(stage.everSaid(line, ['lost', 'unexpected'])).toBe('')
  })

  it('that starts at latest has not lost what was there before', async () => {
    const line = lines.latest
    await stage.send(line, 0, 20, 2)
    await nextWindow()
    const { consumer, handled } = await join(stage.ship(), line, { fromBeginning: false })
    await nextWindow()
    await stage.send(line, 20, 30, 2)
    await until(() => handled.length >= 30)
    await consumer.disconnect()
    expect(sorted(handled)).toEqual(numbers(20, 50))

    const isDone = ([first, ...rest]: readonly EdgeVerdict[]): boolean =>
      first?.verdict === 'no_data' && sumOf(rest).delivered === 30 && allMet(rest)
    const verdicts = await stage.until(line, isDone)
    const [before, ...after] = verdicts.map((v) => [v.verdict, v.counts.expected, v.findings])
    expect(before, told(verdicts)).toEqual(['no_data', 20, expect.anything()])
    expect(after).toEqual([['met', 30, []]])
    expect(verdicts[0]?.to.map(({ passage }) => passage)).toEqual(['out_of_scope'])
    expect(stage.everSaid(line, ['lost'])).toBe('')
  })

  it('that pauses is behind, by so many, until it goes on', async () => {
    const line = lines.pause
    const lag = ['partition 0: read to offset 10, the window ends at 29']
    const lagOf = (v: readonly EdgeVerdict[]): unknown =>
      v.at(-1)?.findings.find(({ code }) => code === 'in_flight')?.args.why
    const isTold = (v: readonly EdgeVerdict[]): boolean =>
      sumOf(v).delivered === 10 && String(lagOf(v)) === String(lag)
    const { consumer, handled } = await join(stage.ship(), line)
    await stage.send(line, 0, 10)
    await until(() => handled.length === 10)
    consumer.pause([{ topic: line.topic }])
    await nextWindow()
    await stage.send(line, 10, 20)
    const waiting = await stage.until(line, (v) => sumOf(v).in_flight === 20 && isTold(v))
    expect(sumOf(waiting), told(waiting)).toMatchObject({ expected: 30, delivered: 10 })
    expect(lagOf(waiting)).toEqual(lag)

    consumer.resume([{ topic: line.topic }])
    await until(() => handled.length === 30)
    const verdicts = await stage.until(line, (v) => allJudged(30)(v) && allMet(v))
    await consumer.disconnect()
    expect(sumOf(verdicts), told(verdicts)).toMatchObject({ delivered: 30, in_flight: 0 })
    expect(verdicts.map((v) => v.verdict)).toEqual(['met', 'met'])
    expect(verdicts.at(-1)?.state).toBe('revised')
    expect(stage.everSaid(line, ['lost'])).toBe('')
  })

  it('that seeks ahead has lost what it passed over', async () => {
    const line = lines.seek
    const { consumer, handled } = await join(stage.ship(), line)
    await stage.send(line, 0, 10)
    await until(() => handled.length === 10)
    consumer.pause([{ topic: line.topic }])
    await nextWindow()
    await stage.send(line, 10, 20)
    consumer.seek({ topic: line.topic, partition: 0, offset: '25' })
    consumer.resume([{ topic: line.topic }])
    await until(() => handled.length === 15)
    const verdicts = await stage.until(line, lostAll(30, 15))
    await consumer.disconnect()
    expectLost(line, verdicts, numbers(10, 25))
  })

  it('that seeks to the end has lost what it passed over, though nothing follows', async () => {
    const line = lines.seekAway
    const { consumer, handled } = await join(stage.ship(), line)
    await stage.send(line, 0, 10)
    await until(() => handled.length === 10)
    consumer.pause([{ topic: line.topic }])
    await nextWindow()
    await stage.send(line, 10, 20)
    consumer.seek({ topic: line.topic, partition: 0, offset: '30' })
    consumer.resume([{ topic: line.topic }])
    const verdicts = await stage.until(line, lostAll(30, 20))
    await consumer.disconnect()
    expect(handled).toEqual(numbers(0, 10))
    expectLost(line, verdicts, numbers(10, 30))
  })

  it('whose offsets are reset behind its back has lost what it passed over', async () => {
    const line = lines.reset
    const { consumer, handled } = await join(stage.ship(), line, { fromBeginning: false })
    await stage.send(line, 0, 10)
    await until(() => handled.length === 10)
    consumer.pause([{ topic: line.topic }])
    await nextWindow()
    await stage.send(line, 10, 30)
    await stage.until(line, (v) => sumOf(v).expected === 40)
    // Its position is gone: the client goes on at the end, and says so in its own log only.
    await deleteBefore(line, 30)
    consumer.resume([{ topic: line.topic }])
    await nextWindow()
    // The first of them may still be passed over: the reset takes a moment.
    let sent = 40
    while (handled.length === 10 && sent < 400) {
      await stage.send(line, sent++, 1)
      await sleep(200)
    }
    await until(() => handled.at(-1) === sent - 1)
    const verdicts = await stage.until(line, lostAll(sent, sent - handled.length))
    await consumer.disconnect()
    const skipped = numbers(10, sent).filter((n) => !handled.includes(n))
    expect(skipped.slice(0, 30)).toEqual(numbers(10, 40))
    expectLost(line, verdicts, skipped)
  })

  it('has lost what was deleted before it was read, and the rest is under way', async () => {
    const line = lines.retention
    const { consumer, handled } = await join(stage.ship(), line)
    await stage.send(line, 0, 10)
    await until(() => handled.length === 10)
    await consumer.disconnect()
    for (const from of [10, 20]) {
      await nextWindow()
      await stage.send(line, from, 10)
    }
    const before = await stage.until(line, (v) => isBehind(v, 30, 20))
    expect(sumOf(before), told(before)).toMatchObject({ expected: 30, lost: 0 })
    await deleteBefore(line, 25)
    // In the last window nobody can tell the deleted ones from those that can still be read.
    const deleted = await stage.until(line, (v) => sumOf(v).lost === 10 && isBehind(v, 30, 10))
    expect(named(deleted, 'lost'), told(deleted)).toEqual(stage.idsOf(line, numbers(10, 20)))
    expect(sumOf(deleted)).toMatchObject({ in_flight: 10, undetermined: 0 })

    const next = await join(stage.ship(), line)
    await until(() => next.handled.length === 5)
    expect(next.handled).toEqual(numbers(25, 30))
    const verdicts = await stage.until(line, lostAll(30, 15))
    // What is committed from now on does not speak for them.
    await until(async () => (await stage.committed(line)) === 30)
    await stage.turns()
    await next.consumer.disconnect()
    expectLost(line, verdicts, numbers(10, 25))
    expectLost(line, await stage.verdicts(line), numbers(10, 25))
  })

  it('has lost all that there was to read, when it is deleted under it and nobody writes', async () => {
    const line = lines.emptied
    const { consumer, handled } = await join(stage.ship(), line)
    await stage.send(line, 0, 10)
    await until(() => handled.length === 10)
    await until(async () => (await stage.committed(line)) === 10)
    consumer.pause([{ topic: line.topic }])
    await nextWindow()
    await stage.send(line, 10, 20)
    await stage.until(line, (v) => isBehind(v, 30, 20))
    // The client resets its commit, and waits at the end of an empty log.
    await deleteBefore(line, 30)
    consumer.resume([{ topic: line.topic }])
    const verdicts = await stage.until(line, lostAll(30, 20))
    await consumer.disconnect()
    expect(handled).toEqual(numbers(0, 10))
    expectLost(line, verdicts, numbers(10, 30))
  })

  it('with a member that nobody audits is judged by what it committed', async () => {
    const line = lines.bare
    const audited = await join(stage.ship(), line)
    const bare = await join(kafkaClient(), line)
    await until(async () => (await membersOf(line)) === 2)
    await nextWindow()
    await stage.send(line, 0, 40, 4)
    await until(() => audited.handled.length + bare.handled.length >= 40)
    expect(bare.handled.length).toBeGreaterThan(0)
    for (const { consumer } of [audited, bare]) await consumer.disconnect()

    const isCommitted = ({ evidence }: EdgeVerdict): boolean => evidence === 'committed'
    const verdicts = await stage.until(
      line,
      (v) => allJudged(40)(v) && sumOf(v).delivered === 40 && v.every(isCommitted),
    )
    expect(sumOf(verdicts), told(verdicts)).toMatchObject({
      ...{ delivered: 40, lost: 0, in_flight: 0, undetermined: 0, unexpected: 0 },
    })
    expect(verdicts.map(({ evidence }) => evidence)).toEqual(verdicts.map(() => 'committed'))
    expect(stage.everSaid(line, ['lost', 'duplicated'])).toBe('')
  })
})

const lostAll =
  (expected: number, lost: number) =>
  (v: readonly EdgeVerdict[]): boolean =>
    allJudged(expected)(v) && sumOf(v).lost === lost && codesOf(v).join() === 'lost'

const isBehind = (v: readonly EdgeVerdict[], expected: number, inFlight: number): boolean =>
  sumOf(v).expected === expected && sumOf(v).in_flight === inFlight && sumOf(v).undetermined === 0

/** Exactly these, by name, each once, and nothing else is wrong. */
function expectLost(line: Line, verdicts: readonly EdgeVerdict[], lost: readonly number[]): void {
  expect(named(verdicts, 'lost'), told(verdicts)).toEqual(stage.idsOf(line, lost))
  const { expected } = sumOf(verdicts)
  expect(sumOf(verdicts)).toMatchObject({
    ...{ lost: lost.length, delivered: expected - lost.length },
    ...{ undetermined: 0, duplicated: 0, unexpected: 0, extra: 0 },
  })
  expect(codesOf(verdicts)).toEqual(['lost'])
}

/** As retention does it. */
function deleteBefore({ topic }: Line, offset: number): Promise<void> {
  const partitions = [{ partition: 0, offset: String(offset) }]
  return withAdmin(async (admin) => {
    // It deletes in topics only that it has asked for before.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions })
  })
}

async function membersOf({ group }: Line): Promise<number> {
  const { groups } = await withAdmin((admin) => admin.describeGroups([group]))
  return groups[0]?.state === 'Stable' ? groups[0].members.length : 0
}

const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b)

/** The numbers that are there more than once, each as often as it is too many. */
function repeated(all: readonly number[]): number[] {
  const seen = new Set<number>()
  return all.filter((n) => seen.size === seen.add(n).size)
}
