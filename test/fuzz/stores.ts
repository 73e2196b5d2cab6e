/** The fold: what decodes is taken whole, or counted and not taken at all; its order is nothing. */
import type { Frame } from '../../src/hop/frame.ts'
import { decodeFrame, encodeFrame } from '../../src/hop/frame-codec.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { FoldOutcome, Store } from '../../src/store/store.ts'
import { frameOf, isFormatError, oddFrame, packedFrame, reseal } from './frames.ts'
import { metered } from './meter.ts'
import { joined } from './mutate.ts'
import type { Random } from './random.ts'
import { must, type Target } from './target.ts'

const NOW = 2_000_000_000_000
/** For one frame, whatever it is made to say: far below what a process has. */
const FRAME_BYTES_MAX: number = 96 * 2 ** 20
const LENGTH_BYTES = 4

/** Records one after the other, each after its length: what a batch is made of. */
export const stores: Target<Batch> = {
  name: 'store',
  weight: 2,
  valid: (random) => recordsOf(random, () => encodeFrame(frameOf(random))),
  odd: (random) =>
    recordsOf(random, () => {
      if (random.oneIn(40)) return encodeFrame(packedFrame(random))
      return encodeFrame(random.oneIn(2) ? oddFrame(random) : frameOf(random))
    }),
  decode: batchOf,
  refuses: () => false,
  bytesMax: (length) => 2 ** 20 + 64 * length,
  examine: async (batch) => {
    const { frames, foreign } = batch
    const one = await openSqliteStore(':memory:')
    const other = await openSqliteStore(':memory:')
    try {
      const whole = await folded(one, frames, foreign)
      must(
        whole.taken + whole.repeated + whole.malformed === frames.length,
        `of ${frames.length} frames ${JSON.stringify(whole)}`,
      )
      must(
        (await one.foreignRecords()) === foreign + whole.malformed,
        'not every record that is no frame is counted',
      )
      // The other way round, one by one: so each frame is alone when it is refused.
      let malformed = 0
      for (const frame of backwards(frames)) {
        const before = await evidenceOf(other)
        const outcome = await folded(other, [frame], 0)
        malformed += outcome.malformed
        if (outcome.malformed > 0) {
          must((await evidenceOf(other)) === before, 'half of a malformed frame was taken')
        }
      }
      must(malformed <= whole.malformed, 'a frame is malformed in one order only')
      const evidence = await evidenceOf(one)
      if (evidence.includes('tally-overflow')) return
      must((await evidenceOf(other)) === evidence, 'the order of frames matters')
    } finally {
      await one.close()
      await other.close()
    }
  },
}

interface Batch {
  readonly frames: readonly Frame[]
  readonly foreign: number
}

function recordsOf(random: Random, record: () => Uint8Array): Uint8Array {
  return joined(
    random.list(random.from(1, 4), record).flatMap((bytes) => {
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

function batchOf(bytes: Uint8Array): Batch {
  const frames: Frame[] = []
  let foreign = 0
  const view = Buffer.from(bytes)
  for (let at = 0; at + LENGTH_BYTES <= view.length; ) {
    const end = at + LENGTH_BYTES + view.readUInt32BE(at)
    const record = view.subarray(at + LENGTH_BYTES, end)
    at = end
    // Changed bytes are given a right checksum, or few would come further than that.
    try {
      frames.push(decodeFrame(reseal(record)))
    } catch (error) {
      if (!isFormatError(error)) throw error
      foreign++
    }
  }
  return { frames, foreign }
}

/** Backwards, but for frames of one number: of those the first that can be read is taken. */
function backwards(frames: readonly Frame[]): Frame[] {
  const groups = new Map<string, Frame[]>()
  for (const frame of frames) {
    const key = `${frame.instance}/${frame.number}`
    groups.set(key, [...(groups.get(key) ?? []), frame])
  }
  return [...groups.values()].reverse().flat()
}

async function folded(
  store: Store,
  frames: readonly Frame[],
  foreign: number,
): Promise<FoldOutcome> {
  // The fold is done when the call returns; only its answer comes later.
  const limit = FRAME_BYTES_MAX * Math.max(1, frames.length)
  const { value, error, bytes } = metered(limit, () =>
    store.fold(frames, { 0: frames.length }, NOW, foreign),
  )
  if (value === undefined) throw error
  // Awaited first: a rejection that nobody hears ends the process.
  const outcome = await value
  must(bytes <= limit, `folding asks for ${bytes} bytes`)
  return outcome
}

/** All that a store says, as text; without what two frames say differently of a third one. */
async function evidenceOf(store: Store): Promise<string> {
  const windows = await store.windows()
  const tallies = await Promise.all(windows.map((window) => store.tallies(window)))
  const tags = await Promise.all(windows.map((window) => store.tags(window)))
  const memberships = await Promise.all(windows.map((window) => store.memberships(window)))
  const latencies = await store.latencies()
  const instances = await store.instances()
  return JSON.stringify([
    tallies.flat().map((tally) => ({ ...tally, sketch: hexOf(tally.sketch) })),
    tags,
    memberships.flat().map((one) => ({ ...one, filter: hexOf(one.filter) })),
    latencies.map((one) => ({
      ...one,
      fromBirth: hexOf(one.fromBirth),
      fromHop: hexOf(one.fromHop),
    })),
    instances.map((instance) => ({ ...instance, missing: [] })),
    (await store.coverage()).map(({ key, partitions }) => [key, [...partitions]]),
    await store.gaps(),
    await store.counts(),
    await store.shapes(0, 2 ** 53),
  ])
}

const hexOf = (value: { toBytes(): Uint8Array }): string =>
  Buffer.from(value.toBytes()).toString('hex')
