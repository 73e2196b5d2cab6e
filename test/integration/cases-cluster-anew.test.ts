/** A topic is deleted and created again with the same name: its offsets mean something else now. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  createNamed,
  expectNothingFalse,
  line,
  met,
  READ,
  type Reader,
  Scene,
  SENT,
  type Sent,
} from '../support/cases-cluster.ts'
import { createTopic, groupName, sharedBrokers, withAdmin } from '../support/kafka.ts'

/** Looks, 100 ms apart, for what a group may or may not come to read. */
const LOOKS_MAX = 80

class Place {
  readonly topic: string
  readonly group: string
  readonly scene: Scene

  private constructor(topic: string, group: string, scene: Scene) {
    this.topic = topic
    this.group = group
    this.scene = scene
  }

  /** @param onTestFinished tests run side by side: each closes its own */
  static async open(onTestFinished: (close: () => Promise<void>) => void): Promise<Place> {
    const topic = await createTopic({ prefix: 'orders' })
    const group = groupName('ship')
    const clusters = { default: sharedBrokers() }
    const scene = await Scene.open({ clusters, pipelines: line({ topic, group }) })
    onTestFinished(() => scene.close())
    return new Place(topic, group, scene)
  }

  async createAnew(): Promise<void> {
    const { topic } = this
    const brokers = sharedBrokers()
    await withAdmin(async (admin) => {
      await admin.deleteTopics({ topics: [topic] })
      for (let i = 0; i < LOOKS_MAX && (await admin.listTopics()).includes(topic); i++)
        await sleep(100)
    })
    await createNamed(topic, brokers)
  }

  /** Windows later: the new log is known by then, and what it can leave open lies before. */
  async later(): Promise<void> {
    await this.scene.calm()
    await sleep(3_000)
  }

  /** What the group never handled, though it had the time. */
  async unread({ handled }: Reader, sent: readonly Sent[]): Promise<readonly Sent[]> {
    const left = (): readonly Sent[] => sent.filter(({ key }) => !handled.includes(key))
    for (let i = 0; i < LOOKS_MAX && left().length > 0; i++) await sleep(100)
    return left()
  }
}

describe('a topic that is deleted and created again with the same name', {
  timeout: 240_000,
}, () => {
  it.concurrent('while everything runs: nothing false, and later windows are met', async ({
    onTestFinished,
  }) => {
    const place = await Place.open(onTestFinished)
    const { topic, group, scene } = place
    const shop = await scene.sender(topic)
    const ship = await scene.reader(topic, group)
    await scene.nextWindow()
    const old = await shop.send(30)
    await ship.reads(old)
    await scene.calm()
    await scene.nextWindow()
    await place.createAnew()
    const anew = await shop.send(20)
    const unread = await place.unread(ship, anew)
    await scene.nextWindow()
    const later = await shop.send(30)
    const unreadLater = await place.unread(ship, later)
    await place.later()
    const last = await shop.send(30)
    await ship.reads(last)
    await scene.settle()

    const told = await scene.told()
    expect(await scene.said(SENT, old), told).toEqual(met(old))
    expect(await scene.said(READ, old), told).toEqual(met(old))
    await expectNothingFalse(scene, SENT, [...anew, ...later], [])
    await expectNothingFalse(scene, READ, [...anew, ...later], [...unread, ...unreadLater])
    expect(await scene.said(SENT, last), told).toEqual(met(last))
    expect(await scene.said(READ, last), told).toEqual(met(last))
  })

  it.concurrent('while the auditor is down: nothing false, and later windows are met', async ({
    onTestFinished,
  }) => {
    const place = await Place.open(onTestFinished)
    const { topic, group, scene } = place
    const shop = await scene.sender(topic)
    const ship = await scene.reader(topic, group)
    await scene.nextWindow()
    const old = await shop.send(30)
    await ship.reads(old)
    await scene.calm()
    await scene.nextWindow()
    await scene.stopAuditor()
    await place.createAnew()
    const anew = await shop.send(20)
    const unread = await place.unread(ship, anew)
    await scene.startAuditor()
    await place.later()
    const last = await shop.send(30)
    await ship.reads(last)
    await scene.settle()

    const told = await scene.told()
    expect(await scene.said(SENT, old), told).toEqual(met(old))
    expect(await scene.said(READ, old), told).toEqual(met(old))
    await expectNothingFalse(scene, SENT, anew, [])
    await expectNothingFalse(scene, READ, anew, unread)
    expect(await scene.said(SENT, last), told).toEqual(met(last))
    expect(await scene.said(READ, last), told).toEqual(met(last))
  })

  it.concurrent('grown beyond its old end before anybody looks: nothing false', async ({
    onTestFinished,
  }) => {
    const place = await Place.open(onTestFinished)
    const { topic, group, scene } = place
    const shop = await scene.sender(topic)
    const before = await scene.reader(topic, group)
    await scene.nextWindow()
    const old = await shop.send(20)
    await before.reads(old)
    await scene.calm()
    await scene.nextWindow()
    await before.close()
    await scene.stopAuditor()
    await place.createAnew()
    const anew = await shop.send(50)
    await scene.startAuditor()
    const ship = await scene.reader(topic, group)
    const unread = await place.unread(ship, anew)
    await place.later()
    const last = await shop.send(30)
    await ship.reads(last)
    await scene.settle()

    const told = await scene.told()
    expect(await scene.said(SENT, old), told).toEqual(met(old))
    expect(await scene.said(READ, old), told).toEqual(met(old))
    await expectNothingFalse(scene, SENT, anew, [])
    await expectNothingFalse(scene, READ, anew, unread)
    expect(await scene.said(SENT, last), told).toEqual(met(last))
    expect(await scene.said(READ, last), told).toEqual(met(last))
  })
})
