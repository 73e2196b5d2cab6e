/**
 * Auditors that are broken, each in one way: what they are told by their store is not what the agents
 * said. The comparison of a game day is worth something only if it finds every one of them.
 */
import type { Intervals } from '../../src/base/intervals.ts'
import type { CoverSpan } from '../../src/hop/evidence.ts'
import type { Frame } from '../../src/hop/frame.ts'
import { MISHAPS_DROPPED } from '../../src/hop/mishap.ts'
import { ID_ELEMENT } from '../../src/hop/params.ts'
import { wordsOfHex } from '../../src/message/id.ts'
import { Sketch } from '../../src/sketch/sketch.ts'
import type { HopCoverage, InstanceState, Store, StoredTally } from '../../src/store/store.ts'

export type Flaw = (store: Store, windowMs: number) => Store

export interface Flaws {
  readonly offByOneWindow: Flaw
  readonly droppedFrameAccepted: Flaw
  readonly lagTakenAsLoss: Flaw
  readonly copyMiscounted: Flaw
  readonly holeIgnored: Flaw
  readonly deathTakenForGoodbye: Flaw
  readonly repeatedFrameTaken: Flaw
  readonly shapesForgotten: Flaw
  readonly shapesTooEarly: Flaw
  readonly mishapsForgotten: Flaw
}

/** What a group saw in every other window is counted in the one after it. */
const offByOneWindow: Flaw = (store, windowMs) => {
  const shifted = (frame: Frame): Frame => ({
    ...frame,
    deltas: frame.deltas.map((delta) =>
      delta.hop.role === 'consumer' && (delta.window / windowMs) % 2 === 0
        ? { ...delta, window: delta.window + windowMs }
        : delta,
    ),
  })
  return over(store, {
    fold: (frames, ...rest) => store.fold(frames.map(shifted), ...rest),
  })
}

/** One frame in five is thrown away and taken for received: what it covers counts, what it tells not. */
const droppedFrameAccepted: Flaw = (store) => {
  const emptied = (frame: Frame): Frame =>
    frame.number % 5 === 2 ? { ...frame, deltas: [] } : frame
  return over(store, {
    fold: (frames, ...rest) => store.fold(frames.map(emptied), ...rest),
  })
}

/** Whoever is behind is taken to have seen it all. */
const lagTakenAsLoss: Flaw = (store) =>
  over(store, {
    coverage: async () => (await store.coverage()).map((c) => covering(c, 1_000_000)),
  })

/** A message that came twice is counted once. */
const copyMiscounted: Flaw = (store) =>
  over(store, {
    tallies: async (window) => (await store.tallies(window)).map(once),
  })

/** Frames that never came, evidence that was given up, and offsets that nobody watched are forgotten. */
const holeIgnored: Flaw = (store) =>
  over(store, {
    instances: async () => (await store.instances()).map(whole),
    gaps: async () => [],
    coverage: async () => (await store.coverage()).map((c) => covering(c, 0)),
  })

/** An agent that fell silent is taken to have said goodbye. */
const deathTakenForGoodbye: Flaw = (store) =>
  over(store, {
    instances: async () =>
      (await store.instances()).map((i) => ({ ...i, goodbye: (i.seen.at(-1)?.[1] ?? 1) - 1 })),
  })

/** A frame that comes twice counts twice. */
const repeatedFrameTaken: Flaw = (store) => {
  const met = new Map<string, number>()
  const renamed = (frame: Frame): Frame => {
    const name = `${frame.instance} ${frame.number}`
    const times = met.get(name) ?? 0
    met.set(name, times + 1)
    return times === 0 ? frame : { ...frame, instance: `${times}${frame.instance.slice(1)}` }
  }
  return over(store, {
    fold: (frames, ...rest) => store.fold(frames.map(renamed), ...rest),
  })
}

/** What messages looked like is forgotten of every other window. */
const shapesForgotten: Flaw = (store, windowMs) => {
  const without = (frame: Frame): Frame => ({
    ...frame,
    shapes: frame.shapes.filter(({ window }) => (window / windowMs) % 2 === 0),
  })
  return over(store, { fold: (frames, ...rest) => store.fold(frames.map(without), ...rest) })
}

/** What messages looked like is told of the window before. */
const shapesTooEarly: Flaw = (store, windowMs) => {
  const shifted = (frame: Frame): Frame => ({
    ...frame,
    shapes: frame.shapes.map((shape) => ({ ...shape, window: shape.window - windowMs })),
  })
  return over(store, { fold: (frames, ...rest) => store.fold(frames.map(shifted), ...rest) })
}

/** What agents noted of mishaps is gone, and that is known. */
const mishapsForgotten: Flaw = (store) =>
  over(store, {
    mishaps: async () => [],
    counts: async () => {
      const hops = (await store.coverage()).map(({ hop }) => hop)
      const gone = hops.map((hop) => ({ hop, name: MISHAPS_DROPPED, count: 1 }))
      return [...(await store.counts()), ...gone]
    },
  })

export const flaws: Flaws = {
  mishapsForgotten,
  shapesForgotten,
  shapesTooEarly,
  offByOneWindow,
  droppedFrameAccepted,
  lagTakenAsLoss,
  copyMiscounted,
  holeIgnored,
  deathTakenForGoodbye,
  repeatedFrameTaken,
}

function over(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** As if it had watched all from the first offset to `beyond` the last. */
function covering(coverage: HopCoverage, beyond: number): HopCoverage {
  const partitions = new Map<number, Intervals>()
  const spans = new Map<number, readonly CoverSpan[]>()
  for (const [partition, intervals] of coverage.partitions) {
    const from = intervals[0]?.[0] ?? 0
    const to = (intervals.at(-1)?.[1] ?? 0) + beyond
    const known = coverage.spans.get(partition) ?? []
    partitions.set(partition, [[from, to]])
    spans.set(partition, [
      { from, to, firstAt: known[0]?.firstAt ?? 0, lastAt: known.at(-1)?.lastAt ?? 0 },
    ])
  }
  return { ...coverage, partitions, spans }
}

function once(tally: StoredTally): StoredTally {
  const { complete, ids } = tally.sketch.names()
  const { element, seed } = tally.params
  if (!complete || element !== ID_ELEMENT || tally.channel !== 'passed') return tally
  const sketch = new Sketch(seed)
  for (const { hex } of ids) sketch.add(...wordsOfHex(hex))
  return { ...tally, sketch, count: ids.length }
}

function whole(instance: InstanceState): InstanceState {
  const end = instance.seen.at(-1)?.[1] ?? 0
  return { ...instance, missing: [], seen: [[0, end]] }
}
