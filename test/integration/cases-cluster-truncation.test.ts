/**
 * Three brokers, and a leader elected that lacks the end of the log: messages that were acknowledged
 * are gone. One outage for all cases, since it takes longest; each case has topics of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Explained } from '../../reports/explain.ts'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import {
  createNamed,
  expectNothingFalse,
  idsOf,
  line,
  met,
  READ,
  type Reader,
  type Said,
  Scene,
  SENT,
  type Sender,
  type Sent,
} from '../support/cases-cluster.ts'
import { groupName, topicName, withAdmin } from '../support/kafka.ts'
import { keysInLog } from '../support/read-log.ts'

/** The first has the log to its end, the second is to lead without it; the third is never stopped. */
const [LEADER, FOLLOWER] = [0, 1]
/** Looks, 200 ms apart, for what the cluster is to come to. */
const LOOKS_MAX = 600

let cluster: TestKafka
const cases: Case[] = []
afterAll(async () => {
  for (const { scene } of cases) await scene.close()
  await cluster?.close()
}, 60_000)

/** One line from a shop to a group, and what was sent when. */
class Case {
  readonly topic: string
  readonly group: string
  readonly scene: Scene
  readonly shop: Sender
  ship: Reader
  /** Before the outage: read by all. */
  old: readonly Sent[] = []
  /** Acknowledged by the leader alone. */
  gone: readonly Sent[] = []
  /** Sent at once to the new leader. */
  newer: readonly Sent[] = []
  /** Well after all that. */
  last: readonly Sent[] = []

  private constructor(topic: string, group: string, scene: Scene, shop: Sender, ship: Reader) {
    this.topic = topic
    this.group = group
    this.scene = scene
    this.shop = shop
    this.ship = ship
  }

  static async open(): Promise<Case> {
    const [topic, group] = [topicName('orders'), groupName('ship')]
    const { brokers } = cluster
    await createNamed(topic, brokers, [LEADER + 1, FOLLOWER + 1])
    const scene = await Scene.open({
      clusters: { default: brokers },
      pipelines: line({ topic, group }),
    })
    const shop = await scene.sender(topic, { acks: 1 })
    const ship = await scene.reader(topic, group)
    await scene.nextWindow()
    const made = new Case(topic, group, scene, shop, ship)
    cases.push(made)
    made.old = await shop.send(10)
    await ship.reads(made.old)
    await scene.calm()
    return made
  }

  async openReader(): Promise<void> {
    this.ship = await this.scene.reader(this.topic, this.group)
  }

  async finish(): Promise<void> {
    await this.scene.calm()
    // Windows later: what the cut can touch lies before.
    await sleep(3_000)
    this.last = await this.shop.send(20)
    await this.ship.reads(this.last)
    await this.scene.settle()
  }
}

interface Replicas {
  readonly leader: number
  readonly isr: readonly number[]
}

async function untilAll(what: string, isSo: (partition: Replicas) => boolean): Promise<void> {
  const topics = cases.map(({ topic }) => topic)
  for (let i = 0; i < LOOKS_MAX; i++) {
    const found = await withAdmin(
      (admin) => admin.fetchTopicMetadata({ topics }),
      cluster.brokers,
    ).catch(() => null)
    if (found?.topics.every((t) => t.partitions.every(isSo)) === true) return
    await sleep(200)
  }
  throw new Error(`waited in vain until ${what}`)
}

let unread: Case
let overwritten: Case
let readByAgent: Case
let readAndGrown: Case
/** What was said of the first while its log still ended below what was acknowledged. */
let saidWhileShort: Said

beforeAll(async () => {
  cluster = await startKafka({
    brokers: 3,
    config: {
      'unclean.leader.election.enable': 'true',
      'min.insync.replicas': '1',
      'transaction.state.log.min.isr': '1',
    },
  })
  ;[unread, overwritten, readByAgent, readAndGrown] = await Promise.all([
    Case.open(),
    Case.open(),
    Case.open(),
    Case.open(),
  ])
  await untilAll('the follower has it all', ({ isr }) => isr.length === 2)
  for (const { ship } of cases) await ship.close()
  for (const { scene } of [unread, overwritten]) await scene.stopAuditor()

  await cluster.kill(FOLLOWER)
  await untilAll('the leader is alone', ({ isr }) => isr.length === 1)
  await unread.scene.nextWindow()
  for (const one of cases) one.gone = await one.shop.send(10)
  await Promise.all([readByAgent, readAndGrown].map(({ scene }) => scene.calm()))
  await readAndGrown.scene.stopAuditor()
  await cluster.kill(LEADER)
  await cluster.restart(FOLLOWER)
  await untilAll('the follower leads', ({ leader }) => leader === FOLLOWER + 1)
  await cluster.restart(LEADER)
  await unread.scene.nextWindow()
  for (const one of [overwritten, readByAgent, readAndGrown]) one.newer = await one.shop.send(15)

  await Promise.all([unread, overwritten, readAndGrown].map(({ scene }) => scene.startAuditor()))
  await Promise.all(cases.map((one) => one.openReader()))
  // Of the first nothing is sent until it is judged: its log ends below what was acknowledged.
  await Promise.all([
    unread.scene.quiet().then(async () => {
      saidWhileShort = await unread.scene.said(SENT, unread.gone)
      await unread.finish()
    }),
    ...[overwritten, readByAgent, readAndGrown].map((one) => one.finish()),
  ])
}, 600_000)

/** What the facts of this name say, of all causes. */
const proofOf = (causes: Explained['causes'], name: string): readonly unknown[] =>
  causes.flatMap(({ proof }) => proof.filter((fact) => fact.name === name).map(({ args }) => args))

/** Acknowledged, and not in the log: what another client finds. */
async function missingFrom({ topic, gone }: Case): Promise<readonly Sent[]> {
  const log = await keysInLog(cluster.brokers, topic)
  return gone.filter(({ key }) => !log.includes(key))
}

describe('an unclean election that cuts off what was acknowledged', () => {
  it('names as lost what nobody had read, where the log ends below it', async () => {
    const { scene, old, gone, last } = unread
    expect(await missingFrom(unread)).toEqual(gone)
    const told = await scene.told()
    const lost = { verdicts: ['breached'], delivered: 0, found: { lost: idsOf(gone) } }
    expect(saidWhileShort, told).toEqual(lost)
    expect(await scene.said(SENT, gone), told).toEqual(lost)
    // Nobody read a record of the new leader before the log was cut: unless something else tells of it,
    // the cause is not known, and never another one.
    const { causes } = await scene.why(SENT, gone)
    expect(causes.map(({ count }) => count)).toEqual([gone.length])
    expect(['truncated', 'unknown'], JSON.stringify(causes)).toContain(causes[0]?.code)
    for (const sent of [old, last]) {
      expect(await scene.said(SENT, sent), told).toEqual(met(sent))
      expect(await scene.said(READ, sent), told).toEqual(met(sent))
    }
  })

  it('names as lost what newer records have overwritten, why, and judges those', async () => {
    const { scene, old, gone, newer, last } = overwritten
    expect(await missingFrom(overwritten)).toEqual(gone)
    const told = await scene.told()
    expect(await scene.said(SENT, gone), told).toEqual({
      verdicts: ['breached'],
      delivered: 0,
      found: { lost: idsOf(gone) },
    })
    // What anybody read of it before it was cut off, nobody knows.
    await expectNothingFalse(scene, READ, gone, gone)
    expect((await scene.said(READ, gone)).verdicts, told).toEqual(['indeterminate'])
    const { causes } = await scene.why(SENT, gone)
    const said = JSON.stringify(causes)
    expect(
      causes.map(({ code, rule, count, certainty }) => [code, rule, count, certainty]),
      said,
    ).toEqual([['truncated', 'C10', gone.length, 'proven']])
    // The log had ten records before that were read by all: there the later leader's begin.
    expect(proofOf(causes, 'overwritten'), said).toMatchObject([
      { partition: 0, from: old.length, to: old.length + gone.length, before: 0 },
    ])
    for (const sent of [old, newer, last]) {
      expect(await scene.said(SENT, sent), told).toEqual(met(sent))
      expect(await scene.said(READ, sent), told).toEqual(met(sent))
    }
  })

  it.each([
    { when: 'the log ends below it', of: () => readByAgent },
    { when: 'the log has grown beyond it before the agent looks', of: () => readAndGrown },
  ])('never praises what the topic agent had read and the group had not: $when', async ({ of }) => {
    const { scene, old, gone, newer, last } = of()
    expect(await missingFrom(of())).toEqual(gone)
    const told = await scene.told()
    // It had been there; it is gone before the group came.
    await expectNothingFalse(scene, SENT, gone, [])
    await expectNothingFalse(scene, READ, gone, gone)
    expect((await scene.said(READ, gone)).verdicts, told).not.toContain('met')
    await expectNothingFalse(scene, SENT, newer, [])
    await expectNothingFalse(scene, READ, newer, [])
    for (const sent of [old, last]) {
      expect(await scene.said(SENT, sent), told).toEqual(met(sent))
      expect(await scene.said(READ, sent), told).toEqual(met(sent))
    }
  })
})
