/**
 * Game days on three real brokers, whose services and auditor are processes that are killed and
 * stopped: what the auditor says is put beside journals and logs, edge by edge and window by window.
 */
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compare } from '../../src/cli/gameday/compare.ts'
import type { GameDay } from '../../src/cli/gameday/day.ts'
import { drawGameDay } from '../../src/cli/gameday/draw.ts'
import { playOnKafka } from '../../src/cli/gameday/kafka-run.ts'
import type { Played } from '../../src/cli/gameday/played.ts'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import { withAdmin } from '../support/kafka.ts'

const MINUTES = 60_000

let cluster: TestKafka
beforeAll(async () => {
  cluster = await startKafka({ brokers: 3 })
}, 5 * MINUTES)
afterAll(() => cluster?.close())

const kindsOf = ({ faults }: GameDay): string[] => faults.map(({ kind }) => kind)

async function played(
  day: GameDay,
  signal: AbortSignal = new AbortController().signal,
  hear: (line: string) => void = () => {},
): Promise<Played> {
  const lines: string[] = []
  try {
    return await playOnKafka(day, {
      ...{ brokers: cluster.brokers, cluster, signal },
      talk: (line) => {
        lines.push(line)
        hear(line)
      },
    })
  } catch (error) {
    throw new Error(`seed ${day.seed}: ${String(error)}\n${lines.join('\n')}`, { cause: error })
  }
}

/** Topics and groups under a run's prefix, and folders of the runs of this process. */
async function leftBehind(): Promise<readonly string[]> {
  const names = await withAdmin(async (admin) => {
    const { groups } = await admin.listGroups()
    return [...(await admin.listTopics()), ...groups.map(({ groupId }) => groupId)]
  }, cluster.brokers)
  const folders = readdirSync(tmpdir()).filter((name) =>
    name.startsWith(`quipu-gameday-${process.pid}-`),
  )
  return [...names.filter((name) => name.includes('gameday.')), ...folders]
}

describe('a game day on brokers', () => {
  it.each([
    [29, ['kill', 'kill-auditor', 'kill-broker']],
    [39, ['kill-auditor', 'kill']],
  ])(
    'seed %i: says what is true, and leaves nothing behind',
    { timeout: 10 * MINUTES },
    async (seed, kinds) => {
      const day = drawGameDay(seed)
      // Another drawing would leave these processes alive.
      expect(kindsOf(day)).toEqual(kinds)
      const outcome = await played(day)
      const { judged, mismatches, unexplained } = compare(day, outcome)
      expect(mismatches).toEqual([])
      expect(unexplained).toBe(0)
      expect(judged).toBeGreaterThan(day.edges.length)
      expect(await leftBehind()).toEqual([])

      // The comparison sees a single message that the truth does not have, where it was not a kill that
      // left open what became of it.
      const { passed } = outcome.truth
      const others = [...passed].flatMap(([hop, list]) => [
        new Map(passed).set(hop, list.slice(1)),
        new Map(passed).set(hop, list.slice(0, -1)),
      ])
      const isSeen = (other: typeof passed): boolean =>
        compare(day, { ...outcome, truth: { ...outcome.truth, passed: other } }).mismatches.length >
        0
      expect(others.filter(isSeen).length).toBeGreaterThanOrEqual(passed.size)
    },
  )

  it('interrupted at its first fault, leaves nothing behind', {
    timeout: 5 * MINUTES,
  }, async () => {
    const stop = new AbortController()
    const playing = played(drawGameDay(39), stop.signal, (line) => {
      if (line.includes('killed')) stop.abort()
    })
    await expect(playing).rejects.toThrow('abort')
    expect(await leftBehind()).toEqual([])
  })
})
