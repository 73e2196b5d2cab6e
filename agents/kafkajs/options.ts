/** What a user of `audited(kafka, options)` can say. */
import type { Kafka } from 'kafkajs'
import type { Lookers } from '../../src/drift/shape.ts'
import type { AgentOptions } from '../../src/hop/agent.ts'
import type { IdentitySpec, TimeSpec } from '../../src/message/identity.ts'
import type { Clock, Random } from '../../src/message/mint.ts'
import type { FrameSender } from '../../src/transport/transport.ts'
import type { StampedListener } from './stamped.ts'

export interface TopicIdentity {
  readonly identity: IdentitySpec
  readonly time?: TimeSpec
}

export interface AuditedOptions {
  /** Name of the service, as in the pipeline file. */
  readonly service: string
  /** Its version, for people who look for a producer that writes something new. */
  readonly version?: string
  /** Name of the cluster in the pipeline file. */
  readonly cluster?: string
  readonly windowMs?: number
  readonly latenessMs?: number
  readonly flushMs?: number
  readonly seed?: number
  /** What each hop keeps; default: what the pipeline file that `QUIPU_CONFIG` names asks for. */
  readonly planOf?: AgentOptions['planOf']
  /** What looks into messages, of topics whose plan says so. */
  readonly lookers?: Lookers
  /** Topics whose messages carry an id of their own; all others are stamped. */
  readonly identity?: Readonly<Record<string, TopicIdentity>>
  readonly audit?: {
    /** The cluster that holds the audit topic; default: the audited one. */
    readonly kafka?: Kafka
    readonly topic?: string
    /** Another way for the frames. Who makes a sender closes it. */
    readonly sender?: FrameSender
  }
  /** Whether messages sent while `eachMessage` runs take the id of the message being handled. */
  readonly forwarding?: boolean
  /** What to do with messages whose partition is missing from the response. Sending may double. */
  readonly unacknowledged?: 'report' | 'resend'
  /** One partition per request: costs requests, prevents resolved sends that were never written. */
  readonly splitSends?: boolean
  /**
   * Told before each send which ids its messages got, for whoever may have to send them again. Called at
   * once and not waited for; not for what goes out unaudited, nor of topics whose messages have their own.
   * What it sends by an audited client it is told of too, without end: let it send by a plain one. Where the
   * stamp is refused a send goes out again without, and the ids that were told are nobody's.
   */
  readonly onStamped?: StampedListener
  /** Told of trouble with the audit. */
  readonly onTrouble?: (text: string) => void
  readonly clock?: Clock
  readonly random?: Random
  /** `false`: no timer; frames go out at `disconnect` and `shutdown` only. */
  readonly timer?: boolean
}
