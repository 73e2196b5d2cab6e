/** The audit topic itself loses records while nobody reads it: unknown, and never wrong. */
import { describe, expect, it } from 'vitest'
import { type FindingCode, findingCodes } from '../../src/finding/finding.ts'
import { line, met, READ, Scene, SENT, type Sent } from '../support/cases-cluster.ts'
import { createTopic, groupName, sharedBrokers, withAdmin } from '../support/kafka.ts'

type Offsets = ReadonlyMap<number, number>

interface Outcome {
  readonly before: readonly Sent[]
  readonly during: readonly Sent[]
  readonly after: readonly Sent[]
  readonly scene: Scene
}

/** Tests run side by side: each closes its own. */
type Finally = (close: () => Promise<void>) => void

/**
 * @param cut of a partition that has got records while the auditor was away: where it is to begin
 */
async function run(
  onTestFinished: Finally,
  cut: (from: number, to: number, nth: number) => number,
): Promise<Outcome> {
  const topic = await createTopic({ prefix: 'orders' })
  const group = groupName('ship')
  const clusters = { default: sharedBrokers() }
  const scene = await Scene.open({ clusters, pipelines: line({ topic, group }) })
  onTestFinished(() => scene.close())
  const shop = await scene.sender(topic)
  const ship = await scene.reader(topic, group)
  const traffic = async (): Promise<readonly Sent[]> => {
    await scene.nextWindow()
    const sent: Sent[] = []
    for (let i = 0; i < 3; i++) {
      sent.push(...(await shop.send(10)))
      await scene.nextWindow()
    }
    await ship.reads(sent)
    return sent
  }
  const before = await traffic()
  await scene.calm()
  await scene.stopAuditor()
  const from = await endsOf(scene.auditTopic)
  const during = await traffic()
  await scene.calm()
  const to = await endsOf(scene.auditTopic)
  const grown = [...to].filter(([partition, end]) => end > (from.get(partition) ?? 0))
  expect(grown.length).toBeGreaterThan(0)
  const partitions = grown.map(([partition, end], nth) => ({
    partition,
    offset: String(cut(from.get(partition) ?? 0, end, nth)),
  }))
  await withAdmin(async (admin) => {
    // Only of topics that it has asked for does kafkajs know who leads them.
    await admin.fetchTopicOffsets(scene.auditTopic)
    await admin.deleteTopicRecords({ topic: scene.auditTopic, partitions })
  })
  await scene.startAuditor()
  // Nobody knows what the last of the frames deleted held, but that it was cut before the next came.
  await scene.calm()
  for (let i = 0; i < 2; i++) await scene.nextWindow()
  const after = await traffic()
  await scene.settle()
  return { before, during, after, scene }
}

async function endsOf(topic: string): Promise<Offsets> {
  const offsets = await withAdmin((admin) => admin.fetchTopicOffsets(topic))
  return new Map(offsets.map(({ partition, high }) => [partition, Number(high)]))
}

async function expectMet({ scene }: Outcome, sent: readonly Sent[], told: string): Promise<void> {
  expect(await scene.said(SENT, sent), told).toEqual(met(sent))
  expect(await scene.said(READ, sent), told).toEqual(met(sent))
}

describe('an audit topic that was deleted in part while the auditor was down', () => {
  it.concurrent('leaves open what stood in the records deleted, and judges the rest', async ({
    onTestFinished,
  }) => {
    const outcome = await run(onTestFinished, (from, to) => Math.ceil((from + to) / 2))
    const { before, during, after, scene } = outcome
    const told = await scene.told()
    await expectMet(outcome, before, told)
    await expectMet(outcome, after, told)
    const { verdicts, found } = await scene.said(SENT, during)
    expect(verdicts, told).toEqual(['indeterminate', 'met'])
    expect(found, told).toHaveProperty('hole')
    await expectNobodyAccused(outcome, told)
  })

  it.concurrent('leaves open all that was sent where its partitions were emptied', async ({
    onTestFinished,
  }) => {
    const outcome = await run(onTestFinished, (_, to) => to)
    const { before, during, after, scene } = outcome
    const told = await scene.told()
    await expectMet(outcome, before, told)
    await expectMet(outcome, after, told)
    const { verdicts, found } = await scene.said(SENT, during)
    expect(verdicts, told).toEqual(['indeterminate'])
    expect(found, told).toHaveProperty('hole')
    await expectNobodyAccused(outcome, told)
  })
})

/** What was deleted was all well, which nobody can know: the group's commits may yet say so. */
async function expectNobodyAccused({ scene, during }: Outcome, told: string): Promise<void> {
  for (const edge of [SENT, READ]) {
    const { verdicts, found } = await scene.said(edge, during)
    expect(verdicts, told).not.toContain('breached')
    expect(Object.keys(found).filter(isAccusation), told).toEqual([])
  }
}

const isAccusation = (code: string): boolean => findingCodes[code as FindingCode] === 'error'
