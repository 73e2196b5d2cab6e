/** How the agent of a group ends, and what it cannot hold: the last frames, and what is said of drops. */
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audited } from '../../agents/kafkajs.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { PLAIN, type TallyPlan } from '../../src/hop/plan.ts'
import { windowStartOf } from '../../src/message/window.ts'
import {
  allJudged,
  allMet,
  begin,
  codesOf,
  join,
  type Line,
  makeLine,
  nextWindow,
  numbers,
  Stage,
  sumOf,
  TIMES,
  told,
  until,
  WINDOW_MS,
} from '../support/cases-consumer.ts'
import type { Pace, ServicePlan } from '../support/cases-consumer-plan.ts'
import { Service } from '../support/cases-consumer-process.ts'
import { kafkaClient, sharedBrokers } from '../support/kafka.ts'

const minutes = 60_000

/** Takes connections and never answers: a broker that is away, as far as a client can tell. */
function silentBroker(): Promise<Server> {
  const server = createServer(() => {})
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

let stage: Stage
let silent: Server
let lines: Record<'disconnect' | 'slow' | 'shutdown' | 'deaf' | 'full', Line>
beforeAll(async () => {
  silent = await silentBroker()
  lines = {
    disconnect: await makeLine('disconnect'),
    slow: await makeLine('slow'),
    shutdown: await makeLine('shutdown'),
    deaf: await makeLine('deaf'),
    full: await makeLine('full'),
  }
  await begin(lines.slow)
  stage = await Stage.open(Object.values(lines))
})
afterAll(async () => {
  await stage?.close()
  silent.close()
})

describe.concurrent('an agent that ends', { timeout: 5 * minutes }, () => {
  it('tells the rest on disconnect', async () => {
    const line = lines.disconnect
    // It has no timer: nothing is told before.
    const { consumer, handled } = await join(stage.ship({ timer: false }), line)
    await stage.send(line, 0, 20)
    await until(() => handled.length === 20)
    await consumer.disconnect()
    const verdicts = await stage.until(line, (v) => allJudged(20)(v) && allMet(v))
    expect(
      verdicts.map((v) => [v.verdict, v.evidence, v.counts.delivered]),
      told(verdicts),
    ).toEqual([['met', 'exact', 20]])
  })

  it('is believed over what its group committed long before it told', async () => {
    const line = lines.slow
    const { consumer, handled } = await join(stage.ship({ timer: false }), line)
    const isCommitted = ({ evidence, counts }: EdgeVerdict): boolean =>
      evidence === 'committed' && counts.delivered === 20
    for (const from of [0, 20]) {
      await nextWindow()
      await stage.send(line, from, 20)
      await until(() => handled.length === from + 20)
      const verdicts = await stage.until(
        line,
        (v) => allJudged(from + 20)(v) && v.every(isCommitted),
      )
      expect(sumOf(verdicts), told(verdicts)).toMatchObject({ delivered: from + 20, lost: 0 })
    }
    await consumer.disconnect()
    const verdicts = await stage.until(line, (v) => allJudged(40)(v) && allMet(v))
    expect(
      verdicts.map((v) => [v.state, v.verdict, v.evidence, v.counts.delivered]),
      told(verdicts),
    ).toEqual([
      ['revised', 'met', 'exact', 20],
      ['revised', 'met', 'exact', 20],
    ])
    expect(stage.everSaid(line, ['lost', 'unexpected', 'duplicated'])).toBe('')
  })

  it('tells the rest on shutdown', async () => {
    const line = lines.shutdown
    await stage.send(line, 0, 30)
    const service = new Service(planOf(line, { commit: 20, stop: 20, end: 'shutdown' }))
    expect([await service.end(), service.hasLeft], service.output).toEqual([0, true])
    expect(service.handled).toEqual(numbers(0, 20))
    // The group's commit may have spoken for the 20 before the agent did.
    const isTold = ({ evidence }: EdgeVerdict): boolean => evidence === 'exact'
    const isDone = (v: readonly EdgeVerdict[]): boolean =>
      sumOf(v).in_flight === 10 && sumOf(v).delivered === 20 && v.every(isTold)
    const verdicts = await stage.until(line, isDone)
    expect(sumOf(verdicts), told(verdicts)).toMatchObject({ delivered: 20, lost: 0 })
    expect(verdicts.map(({ evidence }) => evidence)).toEqual(['exact'])
    expect(codesOf(verdicts)).toEqual(['in_flight'])
  })

  it('leaves its process free on shutdown though nobody hears it', async () => {
    const line = lines.deaf
    await stage.send(line, 0, 30)
    // By then the auditor has seen where the log ends, and that nothing is committed.
    await stage.until(line, (v) => sumOf(v).expected === 30)
    const { port } = silent.address() as { port: number }
    const pace: Pace = { report: 10, commit: 20, stop: 20, end: 'shutdown' }
    const service = new Service({ ...planOf(line, pace), auditBrokers: [`127.0.0.1:${port}`] })
    // Either it ends by itself or this test never does.
    expect([await service.end(), service.hasLeft], service.output).toEqual([0, true])
    expect(service.handled).toEqual(numbers(0, 20))
    await until(async () => (await stage.committed(line)) === 20)
    // The group may have begun anywhere: its first commit alone does not say what it handled.
    const verdicts = await stage.until(line, (v) => sumOf(v).in_flight === 30)
    expect(sumOf(verdicts), told(verdicts)).toMatchObject({ expected: 30, delivered: 0 })
    expect(stage.everSaid(line, ['lost', 'unexpected'])).toBe('')
  })

  it('with too many tallies says which it gave up, and why: nothing is lost there', async () => {
    const line = lines.full
    const first = windowStartOf(Date.now(), WINDOW_MS) - 60 * WINDOW_MS
    await sendOldWindows(line, first, HELD + MORE)
    const ship = stage.ship({ timer: false, planOf: () => MUCH })
    const { consumer, handled } = await join(ship, line)
    await until(() => handled.length === HELD + MORE)
    await consumer.disconnect()

    // First nobody has reported at all, which is a reason too.
    const why = `${MORE} messages not counted: tallies-full`
    const isSaid = ({ verdict, to }: EdgeVerdict): boolean =>
      verdict === 'met' || to[0]?.why[0] === why
    const verdicts = await stage.until(
      line,
      (v) => allJudged(HELD + MORE, MORE)(v) && v.every(isSaid),
    )
    expect(sumOf(verdicts), told(verdicts)).toMatchObject({ delivered: HELD, lost: 0 })
    const [kept, given] = [verdicts.slice(0, HELD), verdicts.slice(HELD)]
    expect(kept.map(({ verdict }) => verdict)).toEqual(kept.map(() => 'met'))
    expect(given.map(({ verdict, to }) => [verdict, to[0]?.passage, to[0]?.why])).toEqual(
      Array.from({ length: MORE }, () => ['indeterminate', 'hole', [why]]),
    )
    expect(stage.everSaid(line, ['lost', 'unexpected'])).toBe('')
  })
})

/** 25 tallies a window; an agent holds 400, hence so many windows at a time. */
const MUCH: TallyPlan = {
  ...PLAIN,
  oneIn: [2, 4, 8, 16],
  preserve: ['a', 'b', 'c', 'd'].map((name) => ({ value: false, key: false, headers: [name] })),
}
const HELD = 16
const MORE = 4

/** One message in each of so many adjoining windows, as by a service whose clock is behind. */
async function sendOldWindows({ topic }: Line, first: number, count: number): Promise<void> {
  let now = first
  const audit = { topic: stage.auditTopic }
  const shop = audited(kafkaClient(), {
    ...{ service: 'shop', ...TIMES, timer: false, clock: () => now, audit },
  })
  const producer = shop.producer()
  await producer.connect()
  for (let i = 0; i < count; i++) {
    now = first + i * WINDOW_MS
    await producer.send({ topic, messages: [{ key: `${topic}/${i}`, value: 'v' }] })
  }
  await producer.disconnect()
}

function planOf({ topic, group }: Line, pace: Pace): ServicePlan {
  const times = TIMES as Required<typeof TIMES>
  return {
    ...{ ...times, brokers: sharedBrokers(), auditTopic: stage.auditTopic, topic, group, pace },
  }
}
