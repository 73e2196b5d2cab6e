/** The demo's faults, drawn from a seed. Pure: the same seed gives the same plan. */

/** What happens to one message. At most one fault each, so every finding has one cause. */
export const faults = [
  /** enrich: the handler returns without sending. */
  'dropped',
  /** enrich: the handler sends its output twice. */
  'doubled',
  /** enrich: sends, then throws, so it is delivered and sent again. */
  'retried',
  /** enrich: `dropped(received, 'cancelled')`, as the pipeline promises. */
  'cancelled',
  /** enrich: sent on later with `forward()`, before the deadline. */
  'delayed',
  /** warehouse: the write fails and nobody notices. */
  'unwritten',
  /** warehouse: the row is written twice. */
  'rewritten',
] as const
export type Fault = (typeof faults)[number]

export interface Plan {
  readonly seed: number
  readonly messages: number
  readonly partitions: number
  /** Messages of one `send()`. */
  readonly batch: number
  readonly faultOf: ReadonlyMap<number, Fault>
  /** `batch index : partition` whose messages the client acknowledges and never writes. */
  readonly unwrittenBy: ReadonlySet<string>
  /** Messages that the client writes twice. */
  readonly twiceByClient: ReadonlySet<number>
}

/** mulberry32: a small seeded generator, uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const groupKey = (batch: number, partition: number): string => `${batch}:${partition}`

export function drawPlan(seed: number, messages: number): Plan {
  const random = seeded(seed)
  const whole = (below: number): number => Math.floor(random() * below)
  const batch = 12
  const partitions = 3
  const batches = Math.ceil(messages / batch)
  const taken = new Set<number>()

  const unwrittenBy = new Set<string>()
  let lost = 0
  for (let i = 0, n = 1 + whole(3); i < n; i++) {
    const key = groupKey(whole(batches), whole(partitions))
    if (unwrittenBy.has(key)) continue
    unwrittenBy.add(key)
    const [b, p] = key.split(':').map(Number) as [number, number]
    for (let m = b * batch; m < Math.min(messages, (b + 1) * batch); m++) {
      if (m % partitions !== p) continue
      taken.add(m)
      lost++
    }
  }
  const draw = (): number => {
    for (;;) {
      const m = whole(messages)
      if (taken.has(m)) continue
      taken.add(m)
      return m
    }
  }
  // Even seeds double as many as they lose: the count stays right and a count audit sees nothing.
  const balanced = seed % 2 === 0
  const twiceByClient = new Set<number>()
  for (let i = 0, n = balanced ? lost : whole(6); i < n; i++) twiceByClient.add(draw())

  const faultOf = new Map<number, Fault>()
  const give = (fault: Fault, n: number): void => {
    for (let i = 0; i < n; i++) faultOf.set(draw(), fault)
  }
  const dropped = 1 + whole(6)
  const retried = whole(3)
  const doubled = balanced ? Math.max(0, dropped - retried) : whole(6)
  give('dropped', balanced ? doubled + retried : dropped)
  give('doubled', doubled)
  give('retried', retried)
  give('cancelled', 2 + whole(10))
  give('delayed', 2 + whole(5))
  const unwritten = 1 + whole(4)
  give('unwritten', unwritten)
  give('rewritten', balanced ? unwritten : whole(4))
  return { seed, messages, partitions, batch, faultOf, unwrittenBy, twiceByClient }
}
