/**
 * The agent: folds what passes into tallies, cuts numbered frames, sends them.
 *
 * It lives in somebody else's process (law 3): it never throws into the caller, never waits for the
 * broker on the caller's time, installs no signal handlers, keeps no timer that holds the process.
 *
 * Memory is bounded by construction: new frames are cut only when all earlier ones have been taken,
 * so while the audit path is down changes pile up in tallies of fixed size, at most `TALLIES_MAX`.
 */
import { randomBytes } from 'node:crypto'
import { messageOf } from '../base/errors.ts'
import { type Intervals, union } from '../base/intervals.ts'
import type { Looker, Lookers } from '../drift/shape.ts'
import { type Clock, Minter, type Random } from '../message/mint.ts'
import { type BirthBounds, DEFAULT_BOUNDS } from '../message/window.ts'
import { DEFAULT_SEED } from '../sketch/sketch.ts'
import type { FrameSender } from '../transport/transport.ts'
import {
  type Channel,
  type Covered,
  type Dropped,
  FRAME_BYTES_MAX,
  type Frame,
  type FrameSpan,
  type HopCounts,
  type Origin,
  RECENT_FRAMES,
  type Seal,
  SHAPES_MAX,
  type ShapeDelta,
  type Strays,
  type TallyDelta,
} from './frame.ts'
import { encodeFrame } from './frame-codec.ts'
import { describeHop, type HopKey, type HopRef, hopKey } from './hop.ts'
import { HopLooks, type LookHost } from './hop-looks.ts'
import { MISHAP_DETAIL_CHARS_MAX, MISHAPS_DROPPED, type Mishap } from './mishap.ts'
import { MishapNotes, type Noted } from './mishap-notes.ts'
import { SHAPE } from './params.ts'
import { PLAIN, type TallyPlan } from './plan.ts'
import { type Recorder, type RecorderHost, WindowRecorder } from './window-recorder.ts'

export type { Noted } from './mishap-notes.ts'
export type { Recorder } from './window-recorder.ts'

/**
 * Open tallies an agent keeps, reached only in trouble: 400 full tables are about 26 MB, and their
 * latencies 17 MB at most, which is what values of all sizes take.
 */
const TALLIES_MAX = 400
/** Bits of a membership filter for each message that it is made for, a little more than it takes. */
const MEMBERSHIP_BITS = 10
/** All open membership filters of an agent; windows beyond do without, which is counted. */
const MEMBERSHIP_BYTES_MAX = 8 << 20
/** Windows named of births outside the bounds; of others only the first and the last are told. */
const STRAY_WINDOWS_MAX = 16
/** Disjoint covered ranges of one partition kept between two frames. */
const COVERED_RANGES_MAX = 1000
/** Ranges claimed in one frame. More are not claimed: a hole, never a wrong number. */
const COVERED_MAX = 10_000
/** Bytes of a covered range: four numbers. */
const COVERED_BYTES = 30
/** Bytes of a tag's span at most. */
const TAG_BYTES = 30
/** Bytes of a delta beside its sketch, roughly, for the size of a frame. */
const DELTA_OVERHEAD = 200
/** Bytes of a shape beside its own. */
const SHAPE_OVERHEAD = 20
/** Bytes of a mishap: its detail, its ids and eight numbers. */
const MISHAP_BYTES: number = 3 * MISHAP_DETAIL_CHARS_MAX + 110
/** Channels whose messages are looked into: those that are in the log. */
const LOOKED: ReadonlySet<Channel> = new Set(['passed', 'unidentified'])

/** Of what it runs and where. */
const NAME_CHARS_MAX = 200

export interface AgentOptions {
  readonly service: string
  /** What it runs; see `Frame.client`. */
  readonly client?: string
  /** Where it runs. */
  readonly host?: string
  readonly sender: FrameSender
  readonly windowMs?: number
  readonly flushMs?: number
  readonly seed?: number
  readonly bounds?: BirthBounds
  readonly clock?: Clock
  readonly random?: Random
  /** What each hop keeps; default, and where it throws: plain tallies. */
  readonly planOf?: (hop: HopRef) => TallyPlan
  /** Looks into messages of hops whose plan has a shape; left out: nobody does. */
  readonly lookers?: Lookers
  /** `false`: no timer, the owner calls `flush()` (simulated time, tests). */
  readonly timer?: boolean
  /** Told of trouble with the audit path; must not throw. */
  readonly onTrouble?: (text: string) => void
  /** Called in the turn of each cut: what is noted then is of the same moment as the frames. */
  readonly onCut?: () => void
}

export interface RecorderOptions {
  readonly identity?: string
  readonly origin?: Origin | null
  readonly reason?: string
}

/** Asked at each cut, in the same turn in which the tallies are taken. */
export type SealSource = () => Omit<Seal, 'hop'>

export class Agent {
  readonly instance: string
  readonly service: string
  readonly #client: string
  readonly #hostName: string
  readonly windowMs: number
  readonly minter: Minter
  readonly #sender: FrameSender
  readonly #flushMs: number
  readonly #seed: number
  readonly #bounds: BirthBounds
  readonly #clock: Clock
  readonly #onTrouble: (text: string) => void
  readonly #onCut: () => void
  readonly #planOf: (hop: HopRef) => TallyPlan
  readonly #lookers: Lookers | undefined
  readonly #host: RecorderHost
  readonly #lookHost: LookHost
  readonly #timer: ReturnType<typeof setInterval> | undefined

  readonly #keys = new WeakMap<HopRef, HopKey>()
  readonly #recorders = new Map<string, WindowRecorder>()
  readonly #looks = new Map<HopKey, HopLooks>()
  readonly #sealSources = new Map<HopKey, { hop: HopRef; source: SealSource }>()
  #covered = new Map<HopKey, { hop: HopRef; partitions: Map<number, Intervals> }>()
  #dropped = new Map<string, Mutable<Dropped>>()
  #strays = new Map<HopKey, { hop: HopRef; count: number; windows: Set<number> }>()
  #counts = new Map<string, Mutable<HopCounts>>()
  readonly #mishaps: MishapNotes
  #tallies = 0
  #membershipBytes = 0
  #shapes = 0

  #next = 0
  readonly #recent: FrameSpan[] = []
  #pending: PendingFrame[] = []
  #pumping: Promise<void> | null = null
  #closed = false

  constructor({
    service,
    client = '',
    host = '',
    sender,
    windowMs = 60_000,
    flushMs = 5_000,
    seed = DEFAULT_SEED,
    bounds = DEFAULT_BOUNDS,
    clock = Date.now,
    random = randomBytes,
    planOf = () => PLAIN,
    lookers,
    timer = true,
    onTrouble = () => {},
    onCut = () => {},
  }: AgentOptions) {
    this.instance = Buffer.from(random(16)).toString('hex')
    this.service = service
    this.#client = textOf(client)
    this.#hostName = textOf(host)
    this.windowMs = windowMs
    this.minter = new Minter(clock, random)
    this.#sender = sender
    this.#flushMs = flushMs
    this.#seed = seed
    this.#bounds = bounds
    this.#clock = clock
    this.#onTrouble = onTrouble
    this.#onCut = onCut
    this.#planOf = planOf
    this.#lookers = lookers
    this.#mishaps = new MishapNotes((hop, name, count) => this.count(hop, name, count))
    this.#host = this.#makeHost()
    this.#lookHost = this.#makeLookHost()
    if (timer) {
      this.#timer = setInterval(() => void this.flush(), flushMs)
      this.#timer.unref()
      // Its hello goes at once: one that nobody knows of could be killed, and nobody would know.
      setTimeout(() => void this.flush(), 0).unref()
    }
  }

  /** ms, by its clock, which may run backwards; births come from the minter, which does not. */
  now(): number {
    return this.#clock()
  }

  recorder(hop: HopRef, channel: Channel, options: RecorderOptions = {}): Recorder {
    const { identity = 'stamp', origin = null, reason = '' } = options
    const key = JSON.stringify([
      hopKey(hop),
      channel,
      identity,
      origin?.topic,
      origin?.group,
      reason,
    ])
    let recorder = this.#recorders.get(key)
    if (recorder === undefined) {
      const series = { hop, channel, identity, origin, reason }
      const plan = this.#planFor(hop)
      const looks = LOOKED.has(channel) ? this.#looksOf(hop, plan) : null
      recorder = new WindowRecorder(series, plan, this.#host, looks)
      this.#recorders.set(key, recorder)
    }
    return recorder
  }

  #planFor(hop: HopRef): TallyPlan {
    try {
      return this.#planOf(hop)
    } catch (error) {
      this.#onTrouble(`no plan for ${describeHop(hop)}, only its ids are kept: ${messageOf(error)}`)
      return PLAIN
    }
  }

  /** One for all channels and origins of a hop: what its messages look like is one thing. */
  #looksOf(hop: HopRef, { shape }: TallyPlan): HopLooks | null {
    if (shape === null || this.#lookers === undefined) return null
    const known = this.#looks.get(hopKey(hop))
    if (known !== undefined) return known
    let looker: Looker
    try {
      looker = this.#lookers(shape)
    } catch (error) {
      this.#onTrouble(`nobody looks into ${describeHop(hop)}: ${messageOf(error)}`)
      return null
    }
    const looks = new HopLooks(hop, looker, this.#lookHost)
    this.#looks.set(hopKey(hop), looks)
    return looks
  }

  /** Says that offsets `[from, to)` were watched; call it in the same turn as the `add`s they hold. */
  cover(hop: HopRef, partition: number, from: number, to: number): void {
    const key = this.#keyOf(hop)
    let entry = this.#covered.get(key)
    if (entry === undefined) {
      entry = { hop, partitions: new Map() }
      this.#covered.set(key, entry)
    }
    const set = union(entry.partitions.get(partition) ?? [], from, to)
    // Beyond the limit the newest range is not claimed: a hole, never a wrong number.
    if (set.length <= COVERED_RANGES_MAX) entry.partitions.set(partition, set)
  }

  /** `cover` runs once for each message of an `eachMessage`; making the key costs 0.4 µs. */
  #keyOf(hop: HopRef): HopKey {
    let key = this.#keys.get(hop)
    if (key === undefined) {
      key = hopKey(hop)
      this.#keys.set(hop, key)
    }
    return key
  }

  sealBy(hop: HopRef, source: SealSource): void {
    this.#sealSources.set(hopKey(hop), { hop, source })
  }

  count(hop: HopRef, name: string, count = 1): void {
    const key = `${hopKey(hop)} ${name}`
    const entry = this.#counts.get(key)
    if (entry === undefined) this.#counts.set(key, { hop, name, count })
    else entry.count += count
  }

  /** Notes that something went wrong: why, never what. Left out: the time is now, and there is no more. */
  mishap(noted: Noted): void {
    try {
      this.#mishaps.add(noted, this.#clock())
    } catch (error) {
      this.#onTrouble(`a mishap is not noted: ${messageOf(error)}`)
    }
  }

  /** So many went wrong of which nothing else is said. */
  mishapsDropped(hop: HopRef, count: number): void {
    this.count(hop, MISHAPS_DROPPED, count)
  }

  /** Evidence given up for the windows that start in `[fromWindow, toWindow]`. */
  drop(hop: HopRef, reason: string, count: number, fromWindow: number, toWindow: number): void {
    const key = `${hopKey(hop)} ${reason}`
    const entry = this.#dropped.get(key)
    if (entry === undefined) {
      this.#dropped.set(key, { hop, reason, count, fromWindow, toWindow })
      return
    }
    entry.count += count
    entry.fromWindow = Math.min(entry.fromWindow, fromWindow)
    entry.toWindow = Math.max(entry.toWindow, toWindow)
  }

  /** Sends what has changed, or a heartbeat. Resolves when all frames cut so far were tried once. */
  flush(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return this.#pump(false)
  }

  /** Says goodbye and gives the transport at most `timeoutMs`; what is not taken by then is given up. */
  async close(timeoutMs = 2_000): Promise<void> {
    if (this.#closed) return
    clearInterval(this.#timer)
    const deadline = new Promise<void>((resolve) => {
      setTimeout(resolve, timeoutMs).unref()
    })
    const goodbye = async (): Promise<void> => {
      // A pump under way may have cut its frames already: say goodbye in a frame after those.
      await this.#pumping
      await this.#pump(true)
      await this.#sender.close()
    }
    await Promise.race([goodbye().catch((e) => this.#onTrouble(messageOf(e))), deadline])
    this.#closed = true
    this.#leaveLooks()
  }

  /** Ends at once: sends nothing more, not even a goodbye, since another has taken its place. */
  stop(): void {
    clearInterval(this.#timer)
    this.#closed = true
    this.#leaveLooks()
  }

  /** Lookers may outlive their agent, with all that they hold for it. */
  #leaveLooks(): void {
    for (const looks of this.#looks.values()) {
      looks.end()
      looks.take([])
    }
  }

  #pump(goodbye: boolean): Promise<void> {
    if (this.#pumping !== null) return this.#pumping
    this.#pumping = this.#sendAll(goodbye)
      .catch((e) => this.#onTrouble(messageOf(e)))
      .finally(() => {
        this.#pumping = null
      })
    return this.#pumping
  }

  async #sendAll(goodbye: boolean): Promise<void> {
    await this.#sendPending()
    if (this.#pending.length > 0) return
    this.#cut(goodbye)
    await this.#sendPending()
  }

  async #sendPending(): Promise<void> {
    if (this.#sender.sendAll !== undefined) return this.#sendTogether()
    while (this.#pending.length > 0) {
      const frame = this.#pending[0] as PendingFrame
      try {
        await this.#sender.send(this.instance, frame.bytes)
      } catch (error) {
        this.#onTrouble(`audit frame ${frame.number} not sent: ${messageOf(error)}`)
        if (!isPermanent(error)) return
        this.#giveUp(frame)
      }
      this.#pending.shift()
    }
  }

  /** All frames of a cut or none: no tally ever stands without the coverage that was cut with it. */
  async #sendTogether(): Promise<void> {
    const frames = this.#pending
    if (frames.length === 0) return
    try {
      const bytes = frames.map((frame) => frame.bytes)
      await this.#sender.sendAll?.(this.instance, bytes)
    } catch (error) {
      const name = `${frames[0]?.number} to ${frames.at(-1)?.number}`
      this.#onTrouble(`audit frames ${name} not sent: ${messageOf(error)}`)
      if (!isPermanent(error)) return
      for (const frame of frames) this.#giveUp(frame)
    }
    this.#pending = []
  }

  /** A frame that will never be taken: what it held, and what it said was missing, is said again. */
  #giveUp({ deltas, dropped, strays, shapes, mishaps }: PendingFrame): void {
    // What was looked at is no evidence that anybody waits for: it is counted, and no window suffers.
    for (const { hop } of shapes) this.count(hop, 'shapes-refused')
    for (const { hop, count } of mishaps) this.count(hop, MISHAPS_DROPPED, count)
    for (const d of deltas) this.drop(d.hop, 'frame-refused', d.count, d.window, d.window)
    for (const d of dropped) this.drop(d.hop, d.reason, d.count, d.fromWindow, d.toWindow)
    for (const { hop, windows, count } of strays)
      if (windows.length > 0)
        this.drop(hop, 'frame-refused', count, Math.min(...windows), Math.max(...windows))
  }

  /** Takes all changes in one turn, so tallies, coverage and seals are of one moment. */
  #cut(goodbye: boolean): void {
    this.#onCut()
    if (goodbye) for (const looks of this.#looks.values()) looks.end()
    const deltas: TallyDelta[] = []
    for (const recorder of this.#recorders.values()) recorder.take(deltas)
    this.#tallies = 0
    this.#membershipBytes = 0
    const shapes: ShapeDelta[] = []
    for (const looks of this.#looks.values()) looks.take(shapes)
    this.#shapes = 0
    const seals = [...this.#sealSources.values()].map(({ hop, source }) => ({ hop, ...source() }))

    // All but the last frame carry tallies and shapes only. Coverage and seals come last: they speak
    // for all.
    let batch = emptyBatch()
    let bytes = 0
    const makeRoom = (size: number): void => {
      if (bytes > 0 && bytes + size > FRAME_BYTES_MAX) {
        this.#enqueue(batch)
        batch = emptyBatch()
        bytes = 0
      }
      bytes += size
    }
    for (const delta of deltas) {
      makeRoom(bytesOf(delta))
      batch.deltas.push(delta)
    }
    for (const shape of shapes) {
      makeRoom(SHAPE_OVERHEAD + shape.shape.length)
      batch.shapes.push(shape)
    }
    const covered = coveredList(this.#covered).slice(0, COVERED_MAX)
    makeRoom(covered.length * COVERED_BYTES)
    const mishaps = this.#mishaps.take()
    makeRoom(mishaps.length * MISHAP_BYTES)
    this.#enqueue({
      ...batch,
      goodbye,
      seals,
      covered,
      mishaps,
      dropped: [...this.#dropped.values()],
      strays: [...this.#strays.values()].map((s) => ({ ...s, windows: [...s.windows] })),
      counts: [...this.#counts.values()],
    })
    this.#covered = new Map()
    this.#dropped = new Map()
    this.#strays = new Map()
    this.#counts = new Map()
  }

  #enqueue(parts: Partial<Frame> & { readonly deltas: readonly TallyDelta[] }): void {
    const number = this.#next++
    const frame: Frame = {
      instance: this.instance,
      number,
      service: this.service,
      client: this.#client,
      host: this.#hostName,
      sentAt: this.#clock(),
      flushMs: this.#flushMs,
      windowMs: this.windowMs,
      shape: SHAPE,
      seed: this.#seed,
      hello: number === 0,
      goodbye: false,
      covered: [],
      seals: [],
      dropped: [],
      strays: [],
      counts: [],
      shapes: [],
      mishaps: [],
      recent: [...this.#recent],
      ...parts,
    }
    const { deltas, dropped, strays, shapes, mishaps } = frame
    const held = { deltas, dropped, strays, shapes, mishaps }
    this.#pending.push({ number, bytes: encodeFrame(frame), ...held })
    const windows = parts.deltas.map((d) => d.window)
    this.#recent.push({
      number,
      from: windows.length === 0 ? 1 : Math.min(...windows),
      to: windows.length === 0 ? 0 : Math.max(...windows),
    })
    if (this.#recent.length > RECENT_FRAMES) this.#recent.shift()
  }

  #makeLookHost(): LookHost {
    return {
      windowMs: this.windowMs,
      seed: this.#seed,
      mayOpen: (birth, hop) => {
        if (!this.#believes(birth)) return false
        if (this.#shapes >= SHAPES_MAX) {
          this.count(hop, 'shapes-full')
          return false
        }
        this.#shapes++
        return true
      },
      count: (hop, name) => this.count(hop, name),
      onTrouble: this.#onTrouble,
    }
  }

  #believes(birth: number): boolean {
    const now = this.#clock()
    return birth >= now - this.#bounds.retentionMs && birth <= now + this.#bounds.skewMs
  }

  #makeHost(): RecorderHost {
    return {
      windowMs: this.windowMs,
      seed: this.#seed,
      mayOpen: (window, hop, tallies) => {
        if (this.#tallies + tallies > TALLIES_MAX) {
          this.drop(hop, 'tallies-full', 1, window, window)
          return false
        }
        this.#tallies += tallies
        return true
      },
      hasRoom: (hop, capacity) => {
        const bytes = (capacity * MEMBERSHIP_BITS) / 8
        if (this.#membershipBytes + bytes > MEMBERSHIP_BYTES_MAX) {
          this.count(hop, 'membership-full')
          return false
        }
        this.#membershipBytes += bytes
        return true
      },
      believed: (birth) => this.#believes(birth),
      stray: (hop, window) => {
        const key = hopKey(hop)
        let entry = this.#strays.get(key)
        if (entry === undefined) {
          entry = { hop, count: 0, windows: new Set() }
          this.#strays.set(key, entry)
        }
        if (entry.windows.has(window) || entry.windows.size < STRAY_WINDOWS_MAX) {
          entry.count++
          entry.windows.add(window)
          return
        }
        // One span over both would hold the windows that are believed.
        const reason = window < this.#clock() ? 'stray-births-past' : 'stray-births-future'
        this.drop(hop, reason, 1, window, window)
      },
    }
  }
}

interface PendingFrame {
  readonly number: number
  readonly bytes: Uint8Array
  readonly deltas: readonly TallyDelta[]
  readonly dropped: readonly Dropped[]
  readonly strays: readonly Strays[]
  readonly shapes: readonly ShapeDelta[]
  readonly mishaps: readonly Mishap[]
}

interface Batch {
  readonly deltas: TallyDelta[]
  readonly shapes: ShapeDelta[]
}

const emptyBatch = (): Batch => ({ deltas: [], shapes: [] })

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function coveredList(
  map: Map<HopKey, { hop: HopRef; partitions: Map<number, Intervals> }>,
): Covered[] {
  const out: Covered[] = []
  for (const { hop, partitions } of map.values())
    for (const [partition, set] of partitions)
      for (const [from, to] of set) out.push({ hop, partition, from, to })
  return out
}

/** A frame with a longer name would be refused whole, for ever. */
function textOf(name: unknown): string {
  return typeof name === 'string' ? name.slice(0, NAME_CHARS_MAX) : ''
}

/** Roughly what a delta takes in a frame. */
function bytesOf({ sketch, birthLatency, hopLatency, membership, tags }: TallyDelta): number {
  return (
    DELTA_OVERHEAD +
    sketch.length +
    birthLatency.length +
    hopLatency.length +
    (membership?.bits.length ?? 0) +
    (tags?.length ?? 0) * TAG_BYTES
  )
}

/** The transport says that these bytes will never be taken (too large). */
function isPermanent(error: unknown): boolean {
  return (error as { permanent?: unknown } | null)?.permanent === true
}
