/** Clusters as they are: several at once, shared topics, brokers and audit topics that come and go. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import {
  altering,
  createNamed,
  idsOf,
  line,
  met,
  READ,
  type Reader,
  type Said,
  Scene,
  type SceneOptions,
  SENT,
  type SenderOptions,
  type Sent,
} from '../support/cases-cluster.ts'
import { skipping, writing } from '../support/faulty-clients.ts'
import { createTopic, groupName, sharedBrokers, withAdmin } from '../support/kafka.ts'
import { keysInLog } from '../support/read-log.ts'

let other: TestKafka
beforeAll(async () => {
  other = await startKafka()
})
afterAll(() => other?.close())

/** Tests run side by side: each closes its own. */
type Finally = (close: () => Promise<void>) => void

async function open(onTestFinished: Finally, options: SceneOptions): Promise<Scene> {
  const scene = await Scene.open(options)
  onTestFinished(() => scene.close())
  return scene
}

type Below = NonNullable<SenderOptions['below']>
const losing =
  (keys: readonly string[]): Below =>
  (kafka) =>
    skipping(kafka, (key) => keys.includes(key))

/** What an edge says where these messages were lost, and nothing else is wrong. */
const lostOf = (sent: readonly Sent[], lost: readonly Sent[]): Said => ({
  verdicts: ['breached'],
  delivered: sent.length - lost.length,
  found: { lost: idsOf(lost) },
})

/** Of those sent, what never came to the handler. */
const missingAt = ({ handled }: Reader, sent: readonly Sent[]): readonly Sent[] =>
  sent.filter(({ key }) => !handled.includes(key))

describe('several clusters', () => {
  it.concurrent('judges one group name on two clusters apart', async ({ onTestFinished }) => {
    const topic = await createTopic({ prefix: 'orders' })
    await createNamed(topic, other.brokers)
    const group = groupName('ship')
    const scene = await open(onTestFinished, {
      clusters: { eu: sharedBrokers(), us: other.brokers },
      pipelines:
        line({ topic, group, name: 'europe', cluster: 'eu' }) +
        line({ topic, group, name: 'america', cluster: 'us' }),
    })
    const eu = await scene.sender(topic, { cluster: 'eu' })
    const us = await scene.sender(topic, { cluster: 'us' })
    const inEu = await scene.reader(topic, group, { cluster: 'eu', below: losing(['3', '4']) })
    const inUs = await scene.reader(topic, group, { cluster: 'us' })
    await scene.nextWindow()
    const toEu = await eu.send(20)
    const toUs = await us.send(30)
    await inEu.reads(toEu.filter(({ key }) => key !== '3' && key !== '4'))
    await inUs.reads(toUs)
    await scene.settle()

    const lost = missingAt(inEu, toEu)
    expect(lost).toHaveLength(2)
    const told = await scene.told()
    expect(await scene.said(SENT, toEu, 'europe'), told).toEqual(met(toEu))
    expect(await scene.said(READ, toEu, 'europe'), told).toEqual(lostOf(toEu, lost))
    expect(await scene.said(SENT, toUs, 'america'), told).toEqual(met(toUs))
    expect(await scene.said(READ, toUs, 'america'), told).toEqual(met(toUs))
  })

  it.concurrent('audits a topic whose frames go to another cluster', async ({ onTestFinished }) => {
    const topic = await createTopic({ prefix: 'orders' })
    const group = groupName('ship')
    const clusters = { default: sharedBrokers(), audit: other.brokers }
    const scene = await open(onTestFinished, {
      clusters,
      audit: 'audit',
      pipelines: line({ topic, group }),
    })
    const shop = await scene.sender(topic, {
      below: (k) => writing(k, (key) => (key === '7' ? 0 : 1)),
    })
    const ship = await scene.reader(topic, group)
    await scene.nextWindow()
    const sent = await shop.send(20)
    await ship.reads(sent.filter(({ key }) => key !== '7'))
    await scene.nextWindow()
    const healthy = await shop.send(20)
    await ship.reads(healthy)
    await scene.settle()

    const log = await keysInLog(sharedBrokers(), topic)
    const lost = sent.filter(({ key }) => !log.includes(key))
    expect(lost).toHaveLength(1)
    expect(await topicsAt(sharedBrokers())).not.toContain(scene.auditTopic)
    const told = await scene.told()
    expect(await scene.said(SENT, sent), told).toEqual(lostOf(sent, lost))
    expect(await scene.said(READ, sent), told).toEqual(met(sent.filter((s) => !lost.includes(s))))
    expect(await scene.said(SENT, healthy), told).toEqual(met(healthy))
    expect(await scene.said(READ, healthy), told).toEqual(met(healthy))
  })
})

describe('a topic of two pipelines', () => {
  it.concurrent('is judged in each by its own groups and promises', async ({ onTestFinished }) => {
    const topic = await createTopic({ prefix: 'orders' })
    const [bill, ship] = [groupName('bill'), groupName('ship')]
    const promise = ', preserve: [value]'
    const scene = await open(onTestFinished, {
      clusters: { default: sharedBrokers() },
      pipelines:
        line({ topic, group: bill, name: 'billing', promise }) +
        line({ topic, group: ship, name: 'shipping' }),
    })
    const shop = await scene.sender(topic, { below: (k) => altering(k, (key) => key === '5') })
    const biller = await scene.reader(topic, bill, { service: 'bill', below: losing(['8', '9']) })
    const shipper = await scene.reader(topic, ship)
    await scene.nextWindow()
    const sent = await shop.send(20)
    await biller.reads(sent.filter(({ key }) => key !== '8' && key !== '9'))
    await shipper.reads(sent)
    await scene.settle()

    const lost = missingAt(biller, sent)
    expect(lost).toHaveLength(2)
    const told = await scene.told()
    expect(await scene.said(SENT, sent, 'billing'), told).toEqual({
      verdicts: ['breached'],
      delivered: 19,
      found: { altered: idsOf(sent.filter(({ key }) => key === '5')) },
    })
    expect(await scene.said(READ, sent, 'billing'), told).toEqual(lostOf(sent, lost))
    expect(await scene.said(SENT, sent, 'shipping'), told).toEqual(met(sent))
    expect(await scene.said(READ, sent, 'shipping'), told).toEqual(met(sent))
  })
})

describe('a broker that is restarted in the middle of traffic', () => {
  it('accuses nobody, and praises what was seen whole', async ({ onTestFinished }) => {
    const { brokers } = other
    const topic = await createTopic({ prefix: 'orders', brokers })
    const group = groupName('ship')
    const scene = await open(onTestFinished, {
      clusters: { default: brokers },
      pipelines: line({ topic, group }),
    })
    const shop = await scene.sender(topic)
    const ship = await scene.reader(topic, group)
    await scene.nextWindow()
    const sent: Sent[] = []
    let isOver = false
    const traffic = async (): Promise<void> => {
      while (!isOver) {
        sent.push(...(await shop.send(5)))
        await sleep(100)
      }
    }
    const restart = async (): Promise<void> => {
      await sleep(2_000)
      await other.terminate(0)
      await sleep(1_000)
      await other.restart(0)
      await sleep(3_000)
    }
    await Promise.all([traffic(), restart().finally(() => (isOver = true))])
    await ship.reads(sent)
    await scene.settle()

    // A send that is made again because no answer came may be written twice: then that is the truth.
    const log = await keysInLog(brokers, topic)
    const isCopied = ({ key }: Sent): boolean => log.filter((k) => k === key).length > 1
    expect([...new Set(log)].sort()).toEqual(sent.map(({ key }) => key).sort())
    const copied = sent.filter(isCopied)
    const touched = new Set(copied.map(({ window }) => window))
    const whole = sent.filter(({ window }) => !touched.has(window))
    const told = await scene.told()
    expect((await scene.said(SENT, sent)).found, told).toEqual(
      copied.length === 0 ? {} : { duplicated: idsOf(copied) },
    )
    expect(await scene.said(SENT, whole), told).toEqual(met(whole))
    expect(await scene.said(READ, whole), told).toEqual(met(whole))
  })
})

const topicsAt = (brokers: string[]): Promise<string[]> =>
  withAdmin((admin) => admin.listTopics(), brokers)
