/** The faults of a day that happen to processes and brokers, each when its time has come. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestKafka } from '../../testbed/kafka.ts'
import type { DrawnFault, GameDay } from './day.ts'
import type { Worker } from './kafka-crew.ts'
import { killsOf } from './kafka-plan.ts'
import { chance } from './random.ts'

export interface FaultsOptions {
  readonly workers: ReadonlyMap<string, Worker>
  readonly auditor: Worker
  readonly cluster: TestKafka | null
  readonly startsAt: number
  readonly windowMs: number
  readonly signal: AbortSignal
  readonly talk: (line: string) => void
}

/** Starts the workers; resolves when all faults are over and everybody is up again. */
export async function playFaults(day: GameDay, options: FaultsOptions): Promise<void> {
  const { workers } = options
  const living = [...workers].map(([name, worker]) => live(day, name, worker, options))
  // Two faults of one process would meet: its pause must not hold up its death, nor a broker itself.
  const others = (['kill-auditor', 'lag', 'kill-broker'] as const).map(async (kind) => {
    for (const fault of day.faults) if (fault.kind === kind) await strike(day, fault, options)
  })
  await Promise.all([...living, ...others])
}

/** A service from its start through its deaths, which it brings about by itself. */
async function live(
  { faults }: GameDay,
  name: string,
  worker: Worker,
  { windowMs, signal, talk }: FaultsOptions,
): Promise<void> {
  const kills = killsOf(faults, name)
  for (const { downWindows } of kills) {
    await worker.start(signal, true)
    await worker.gone()
    talk(`${name} was killed; down for ${downWindows.toFixed(1)} windows`)
    await sleep(downWindows * windowMs, undefined, { signal })
  }
  await worker.startPatiently(signal)
}

async function strike(
  { seed }: GameDay,
  fault: DrawnFault,
  { workers, auditor, cluster, startsAt, windowMs, signal, talk }: FaultsOptions,
): Promise<void> {
  const wait = (ms: number): Promise<void> => sleep(Math.max(0, ms), undefined, { signal })
  await wait(startsAt + fault.at * windowMs - Date.now())
  const words = 'downWindows' in fault ? ` for ${fault.downWindows.toFixed(1)} windows` : ''
  switch (fault.kind) {
    case 'kill-auditor':
      talk(`the auditor is killed${words}`)
      await auditor.kill()
      await wait(fault.downWindows * windowMs)
      await auditor.startPatiently(signal)
      break
    case 'lag': {
      talk(`${fault.service} is stopped${words}`)
      await workers.get(fault.service)?.pause()
      await wait(fault.downWindows * windowMs)
      await workers.get(fault.service)?.resume()
      break
    }
    case 'kill-broker': {
      if (cluster === null) break
      const index = Math.floor(chance(seed, 'broker', fault.at) * cluster.brokers.length)
      talk(`broker ${index} is killed${words}`)
      await cluster.kill(index)
      try {
        await wait(fault.downWindows * windowMs)
      } finally {
        // The next day needs it, however this one ends.
        await cluster.restart(index)
      }
      break
    }
  }
}
