/**
 * Members of a group that are killed between what they did and what they told of it. What they wrote
 * to their output before is the truth.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import {
  allJudged,
  allMet,
  begin,
  codesOf,
  join,
  type Line,
  type Member,
  makeLine,
  named,
  nextWindow,
  numbers,
  PASSED_ON,
  READ,
  Stage,
  sumOf,
  TIMES,
  told,
  until,
  WINDOW_MS,
} from '../support/cases-consumer.ts'
import type { Pace, ServicePlan } from '../support/cases-consumer-plan.ts'
import { Service } from '../support/cases-consumer-process.ts'
import { sharedBrokers } from '../support/kafka.ts'

const minutes = 60_000

let stage: Stage
let lines: Record<'untold' | 'told' | 'relay' | 'mortal', Line>
beforeAll(async () => {
  lines = {
    untold: await makeLine('untold'),
    told: await makeLine('told'),
    relay: await makeLine('relay', { passesOn: true }),
    mortal: await makeLine('mortal', { passesOn: true }),
  }
  for (const line of Object.values(lines)) await begin(line)
  stage = await Stage.open(Object.values(lines))
})
afterAll(() => stage?.close())

describe.concurrent('a member that is killed', { timeout: 6 * minutes }, () => {
  it('has handled what the group committed, told or not, and nobody knows what was done twice', async () => {
    const line = lines.untold
    await stage.send(line, 0, 40)
    const { handled } = await serveAndDie(line, { report: 10, commit: 20, stop: 25 })
    expect(handled).toEqual(numbers(0, 25))
    const next = await join(stage.ship(), line)
    await until(() => next.handled.length === 20)
    // 20 to 24 were done twice, but the first time is told by nobody.
    expect(next.handled).toEqual(numbers(20, 40))
    await nextWindow()
    await stage.send(line, 40, 20)

    const codes = ['committed', 'repetition_unknown']
    const [touched, later] = await windowsOf(line, 60, (v) => isSaid(codes, v[0]) && isAllMet(v[1]))
    await next.consumer.disconnect()
    expect(touched?.counts, told([touched as EdgeVerdict])).toMatchObject({
      ...{ expected: 40, delivered: 40, lost: 0, undetermined: 0 },
      ...{ duplicated: 0, unexpected: 0, extra: 0 },
    })
    expect(touched).toMatchObject({ verdict: 'indeterminate', evidence: 'committed' })
    expect(codesOf([touched as EdgeVerdict])).toEqual(codes)
    expectMet([later as EdgeVerdict], 20)
    expect(stage.everSaid(line, ['lost', 'unexpected'])).toBe('')
  })

  it('has doubled by name what it had told of, and the next one did again', async () => {
    const line = lines.told
    await stage.send(line, 0, 40)
    const { handled } = await serveAndDie(line, { commit: 5, report: 10, stop: 10 })
    expect(handled).toEqual(numbers(0, 10))
    const next = await join(stage.ship(), line)
    await until(() => next.handled.length === 35)
    expect(next.handled).toEqual(numbers(5, 40))
    await nextWindow()
    await stage.send(line, 40, 20)

    const isDone = ([first, second]: readonly EdgeVerdict[]): boolean =>
      first?.counts.duplicated === 5 && isAllMet(second)
    const [touched, later] = await windowsOf(line, 60, isDone)
    await next.consumer.disconnect()
    const again = stage.idsOf(line, numbers(5, 10))
    expect(named([touched as EdgeVerdict], 'duplicated'), told([touched as EdgeVerdict])).toEqual(
      again,
    )
    expect(touched?.counts).toMatchObject({
      delivered: 40,
      lost: 0,
      undetermined: 0,
      duplicated: 5,
    })
    expectMet([later as EdgeVerdict], 20)
  })

  it('between its sends and its frame brings nothing unexpected, and nothing is lost', async () => {
    const line = lines.relay
    await stage.send(line, 0, 40)
    const { handled } = await serveAndDie(line, { report: 10, commit: 15, stop: 20 })
    expect(handled).toEqual(numbers(0, 20))
    const next = await relay(line)
    await until(() => next.handled.length === 25)
    // 15 to 19 are in the topic twice, and of one of the two nobody tells who sent it.
    expect(next.handled).toEqual(numbers(15, 40))
    await nextWindow()
    await stage.send(line, 40, 20)

    const isDone = ([first, second]: readonly EdgeVerdict[]): boolean =>
      named(first === undefined ? [] : [first], 'undetermined_extra').length === 5 &&
      isAllMet(second)
    const [touched, later] = await windowsOf(line, 60, isDone, PASSED_ON)
    await next.leave()
    expect(touched?.counts, told([touched as EdgeVerdict])).toMatchObject({
      ...{ delivered: 40, lost: 0, undetermined: 0, duplicated: 0, unexpected: 0, extra: 0 },
    })
    expect(touched?.verdict).toBe('indeterminate')
    expect(named([touched as EdgeVerdict], 'undetermined_extra')).toEqual(
      stage.idsOf(line, numbers(15, 20)),
    )
    expectMet([later as EdgeVerdict], 20)
    const read = await windowsOf(line, 60, ([, second]) => isAllMet(second))
    expect(sumOf(read), told(read)).toMatchObject({ delivered: 60, lost: 0, unexpected: 0 })
    expectMet(read.slice(1), 20)
    for (const edge of [READ, PASSED_ON])
      expect(stage.everSaid(line, ['lost', 'unexpected'], edge)).toBe('')
  })

  it('every few windows leaves verdicts on those between, and on all that follow', async () => {
    const line = lines.mortal
    const kills = 3
    let sent = 0
    let isSending = true
    const sending = (async () => {
      for (; isSending; sent += 4) {
        await stage.send(line, sent, 4)
        await sleep(WINDOW_MS / 4)
      }
    })()
    const handled: number[] = []
    for (let i = 0; i < kills; i++) {
      const service = new Service(planOf(line, 'by itself'))
      // It works through what has waited, and then some windows as they come.
      await until(() => service.handled.length > 0)
      await until(() => service.handled.includes(sent - 8))
      await sleep(3.3 * WINDOW_MS)
      await service.kill()
      handled.push(...service.handled)
    }
    const lastKill = Date.now()
    const last = await relay(line)
    await until(() => last.handled.length > 0)
    // Windows enough after the last one that such a death can touch.
    await sleep(Math.max(3 * WINDOW_MS, lastKill + 7 * WINDOW_MS - Date.now()))
    isSending = false
    await sending
    await until(() => last.handled.includes(sent - 1))
    await last.leave()
    expect([...new Set([...handled, ...last.handled])].length).toBe(sent)

    for (const edge of [READ, PASSED_ON]) {
      const isMet = ({ verdict }: EdgeVerdict): boolean => verdict === 'met'
      const isAfter = ({ window }: EdgeVerdict): boolean => window.start > lastKill + 2 * WINDOW_MS
      const isDone = (v: readonly EdgeVerdict[]): boolean => v.filter(isAfter).every(isMet)
      const verdicts = await windowsOf(line, sent, isDone, edge)
      expect(sumOf(verdicts), told(verdicts)).toMatchObject({
        ...{ delivered: sent, lost: 0, undetermined: 0, unexpected: 0 },
      })
      expect(stage.everSaid(line, ['lost', 'unexpected'], edge)).toBe('')
      const before = verdicts.filter(({ window }) => window.end <= lastKill)
      const after = verdicts.filter(isAfter)
      expect(after.length).toBeGreaterThan(2)
      expect(
        after.filter((v) => !isMet(v)),
        told(after),
      ).toEqual([])
      const share = `${before.filter(isMet).length} of ${before.length}`
      console.log(
        `${edge}: ${kills} kills, windows with a verdict until the last of them: ${share}`,
      )
      expect(before.filter(isMet).length).toBeGreaterThanOrEqual(kills)
    }
  })
})

function planOf({ topic, group, next }: Line, pace: Pace | 'by itself'): ServicePlan {
  const times = TIMES as Required<typeof TIMES>
  return {
    ...{ ...times, brokers: sharedBrokers(), auditTopic: stage.auditTopic, topic, group, pace },
    ...(next === '' ? {} : { next }),
  }
}

async function serveAndDie(line: Line, pace: Pace): Promise<Service> {
  const service = new Service(planOf(line, pace))
  await until(() => service.hasStopped)
  await service.kill()
  return service
}

/** A member in this process that passes on. */
async function relay(line: Line): Promise<Member & { leave(): Promise<void> }> {
  const ship = stage.ship()
  const producer = ship.producer()
  await producer.connect()
  const member = await join(ship, line, {
    handle: async (number) => {
      const messages = [{ key: `${line.topic}/${number}`, value: 'v' }]
      await producer.send({ topic: line.next, messages })
    },
  })
  const leave = async (): Promise<void> => {
    await member.consumer.disconnect()
    await producer.disconnect()
  }
  return { ...member, leave }
}

/** All that was sent is judged, nothing is under way, and what is to be said is said: by window. */
function windowsOf(
  line: Line,
  sent: number,
  isDone: (verdicts: readonly EdgeVerdict[]) => boolean,
  edge = READ,
): Promise<readonly EdgeVerdict[]> {
  const isThere = (v: readonly EdgeVerdict[]): boolean =>
    allJudged(sent)(v) && sumOf(v).delivered === sent && isDone(v)
  return stage.until(line, isThere, edge)
}

const isSaid = (codes: readonly string[], verdict: EdgeVerdict | undefined): boolean =>
  verdict !== undefined && codesOf([verdict]).join() === codes.join()

const isAllMet = (verdict: EdgeVerdict | undefined): boolean =>
  verdict !== undefined && allMet([verdict])

/** By all members' own word, and nothing else to be said. */
function expectMet(verdicts: readonly EdgeVerdict[], delivered: number): void {
  expect(sumOf(verdicts).delivered).toBe(delivered)
  expect(
    verdicts.map((v) => [v.verdict, v.evidence, v.findings]),
    told(verdicts),
  ).toEqual(verdicts.map(() => ['met', 'exact', []]))
}
