/**
 * A game day as plain data: a pipeline, its traffic, its faults. Whoever plays it, in memory or on
 * brokers, in one process or in many, plays the same.
 *
 * Times are in windows from the begin of the day, so that each player may choose how long one is.
 */

interface HopBase {
  /** The name in the pipeline file. */
  readonly name: string
}

export interface ProducerHop extends HopBase {
  readonly kind: 'producer'
  readonly service: string
  readonly topic: string
}

export interface TopicHop extends HopBase {
  readonly kind: 'topic'
  readonly topic: string
  readonly partitions: number
  readonly isDeadLetter: boolean
}

export interface GroupHop extends HopBase {
  readonly kind: 'group'
  readonly service: string
  readonly topic: string
  readonly group: string
  /** `eachBatch` with `forward()`; else `eachMessage`, where the context knows. */
  readonly isBatch: boolean
  /** Topics to which it sends; each message to one of them. */
  readonly outputs: readonly string[]
  /** The topic for what cannot be handled. */
  readonly deadLetter: string | null
  /** The topic of its retry loop. */
  readonly again: string | null
  /** The reason that its edge declares for `dropped()`. */
  readonly filter: string | null
  readonly sink: string | null
}

export interface SinkHop extends HopBase {
  readonly kind: 'sink'
  readonly service: string
  readonly sink: string
}

export type DrawnHop = ProducerHop | TopicHop | GroupHop | SinkHop

export interface DrawnEdge {
  /** `from → to`, as the pipeline file makes it. */
  readonly name: string
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly filter: readonly string[]
  /** What it promises to preserve: the value. */
  readonly preserve: boolean
}

/** What a service or the client below its agent does to one message. */
export const fates = [
  /** Handled, and nothing is sent or stored. */
  'dropped',
  /** Sent, or stored, twice. */
  'doubled',
  /** Sent; then the handler throws, and the message comes once more. */
  'retried',
  /** Sent on with another value. */
  'altered',
  /** Sent on after the deadline of its window. */
  'late',
  /** Sent on later, in time. */
  'postponed',
  /** `dropped()` for the reason that the edge declares. */
  'filtered',
  /** `dropped()` for a reason that it does not declare. */
  'discarded',
  'dead-lettered',
  /** Through the retry loop once. */
  'again',
  /** Sent on in a transaction that is aborted; the code goes on. */
  'withdrawn',
  /** The handler throws at it whenever it comes, until the code seeks past it. */
  'hopeless',
  /** Sent to a topic of dead letters that its edge does not name. */
  'astray',
] as const
export type Fate = (typeof fates)[number]

/** What the client below the agent of a producer does. */
export const clientFates = [
  /** It and what goes to the same partition with it: the send resolves, and nothing was written. */
  'unwritten',
  'written-twice',
  /** Written with another value. */
  'rewritten',
  /** Refused, and not written. */
  'refused',
  /** Refused, and written all the same. */
  'landed',
] as const
export type ClientFate = (typeof clientFates)[number]

export interface DrawnService {
  readonly name: string
  /** Its clock is so far ahead, in windows. */
  readonly skewWindows: number
  /** Shares of all messages. */
  readonly rates: Readonly<Partial<Record<Fate, number>>>
  readonly clientRates: Readonly<Partial<Record<ClientFate, number>>>
}

export const sendKinds = ['plain', 'acks0', 'committed', 'aborted'] as const
export type SendKind = (typeof sendKinds)[number]

/** One `send()` of a producer: messages `first` to `first + count − 1` of its service. */
export interface DrawnSend {
  readonly service: string
  readonly at: number
  readonly first: number
  readonly count: number
  readonly kind: SendKind
  /** Its messages go out in another order. */
  readonly isShuffled: boolean
  /** They bring a stamp of their own, born so many windows from now; null: they are stamped here. */
  readonly bornWindows: number | null
}

export type DrawnFault =
  /** A service dies without a goodbye, in the middle of its `after`th message, and comes again. */
  | {
      readonly kind: 'kill'
      readonly service: string
      readonly at: number
      readonly downWindows: number
      readonly after: number
    }
  /** The auditor dies with its topic agents, at its `after`th call of the store. */
  | {
      readonly kind: 'kill-auditor'
      readonly at: number
      readonly downWindows: number
      readonly after: number
    }
  /** A group stops reading and goes on later. */
  | {
      readonly kind: 'lag'
      readonly service: string
      readonly at: number
      readonly downWindows: number
    }
  /** A group goes back by so many messages in every partition: they are handled again. */
  | {
      readonly kind: 'replay'
      readonly service: string
      readonly at: number
      readonly messages: number
    }
  /** A group goes ahead by so many messages in every partition: they are never handled. */
  | {
      readonly kind: 'skip'
      readonly service: string
      readonly at: number
      readonly messages: number
    }
  /** A second member joins a group for a while: its partitions change hands, twice. */
  | {
      readonly kind: 'join'
      readonly service: string
      readonly at: number
      readonly forWindows: number
    }
  /**
   * Memory only: a group stops reading, so many messages that it has not read are deleted, and so much
   * later it goes on.
   */
  | {
      readonly kind: 'delete'
      readonly service: string
      readonly at: number
      readonly downWindows: number
      readonly messages: number
      readonly afterWindows: number
    }
  /** Brokers only: the leader of some partitions dies and comes again. */
  | { readonly kind: 'kill-broker'; readonly at: number; readonly downWindows: number }

/** What a service does to what its messages say. */
export const driftKinds = [
  /** Its producer writes a new version, with a field more. */
  'added',
  /** A new version that says the same. */
  'version',
  'renamed',
  /** A string for a number. */
  'retyped',
  /** Without its end. */
  'cut',
  /** Without the id of its schema. */
  'unframed',
  /** With the id of a schema of another subject, or of none. */
  'foreign',
  'unregistered',
  /** A group leaves out a field that its edge keeps. */
  'dropped',
] as const
export type DriftKind = (typeof driftKinds)[number]

/** The messages of the day are looked into, and one service writes some of them wrongly. */
export interface DrawnDrift {
  readonly service: string
  /** Null: nobody does. */
  readonly kind: DriftKind | null
  /** Messages of this number and above, of whichever producer. */
  readonly from: number
}

/** What becomes of frames on their way to the auditor: shares of all frames. */
export interface AuditPath {
  readonly lost: number
  readonly doubled: number
  readonly delayed: number
  readonly delayWindowsMax: number
}

export interface GameDay {
  readonly seed: number
  /** Traffic flows for so many windows. */
  readonly windows: number
  readonly latenessWindows: number
  readonly hops: readonly DrawnHop[]
  readonly edges: readonly DrawnEdge[]
  readonly services: readonly DrawnService[]
  /** One message in so many is audited; 1: all. */
  readonly oneIn: number
  readonly sends: readonly DrawnSend[]
  readonly faults: readonly DrawnFault[]
  readonly path: AuditPath
  /** Null: nobody looks into messages. */
  readonly drift: DrawnDrift | null
}

export const isGroup = (hop: DrawnHop): hop is GroupHop => hop.kind === 'group'
export const isProducer = (hop: DrawnHop): hop is ProducerHop => hop.kind === 'producer'
export const isTopic = (hop: DrawnHop): hop is TopicHop => hop.kind === 'topic'
export const isSink = (hop: DrawnHop): hop is SinkHop => hop.kind === 'sink'
