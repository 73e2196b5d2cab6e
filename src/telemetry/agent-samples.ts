/** What frames say of agents: when they were last heard, and whose clocks are ahead. Pure. */
import { skewOf } from '../hop/clock-skew.ts'
import type { InstanceState } from '../hop/evidence.ts'
import { hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { Sample } from './snapshot.ts'

/** Names of services come with their frames: so many series at most, the worst ones. */
const SERVICES_MAX = 100

/** Of hops of which an agent that said no goodbye was heard. */
export function ageSamples(
  { name, hops }: Pipeline,
  instances: readonly InstanceState[],
  now: number,
): Sample[] {
  return hops.flatMap(({ name: hop, hop: place }) => {
    const key = hopKey(place)
    const heard = instances
      .filter((i) => i.goodbye === null && i.hops.includes(key))
      .map((i) => i.lastHeardAt)
    if (heard.length === 0) return []
    const newest = heard.reduce((a, b) => Math.max(a, b))
    return {
      metric: 'quipu.agent.heartbeat.age',
      attributes: { 'quipu.pipeline.name': name, 'quipu.hop.name': hop },
      value: Math.max(0, now - newest) / 1_000,
    }
  })
}

/** Of services whose clock is proven to be ahead: that it is behind cannot be told from being slow. */
export function skewSamples(instances: readonly InstanceState[]): Sample[] {
  const ahead = new Map<string, number>()
  for (const instance of instances) {
    const skew = skewOf(instance)
    if (skew.kind !== 'ahead') continue
    ahead.set(instance.service, Math.max(skew.atLeastMs, ahead.get(instance.service) ?? 0))
  }
  return [...ahead]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SERVICES_MAX)
    .map(([service, ms]) => ({
      metric: 'quipu.clock.skew',
      attributes: { 'quipu.service.name': service },
      value: ms / 1_000,
    }))
}
