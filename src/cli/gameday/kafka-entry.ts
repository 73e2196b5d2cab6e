/** What the journal of a service may say. */
import type { Dropping, Passing } from './truth.ts'

export type Entry =
  /** A process of this service begins; its clock is so far ahead. */
  | { readonly kind: 'born'; readonly at: number; readonly skewMs: number }
  /** It is about to kill itself. */
  | { readonly kind: 'dying'; readonly at: number }
  /** A producer begins its send of messages from `first` on. */
  | { readonly kind: 'begun'; readonly first: number }
  /** What the client below the agent was given to send. */
  | { readonly kind: 'tried'; readonly at: number; readonly id: string }
  /** The send resolved, and the answer does not tell where the message lies. */
  | { readonly kind: 'unplaced'; readonly topic: string; readonly id: string }
  | { readonly kind: 'passed'; readonly hop: string; readonly passing: Passing }
  | { readonly kind: 'dropped'; readonly hop: string; readonly dropping: Dropping }
  | { readonly kind: 'refused' | 'aborted'; readonly id: string }
  /** A frame has reached the audit topic, cut at `at`. */
  | { readonly kind: 'told'; readonly at: number; readonly number: number }
  /** A frame was lost that told of these births and offsets. */
  | {
      readonly kind: 'lost'
      readonly born: readonly (readonly [from: number, to: number])[]
      readonly covered: readonly {
        readonly topic: string
        readonly partition: number
        readonly from: number
        readonly to: number
      }[]
      /** ms: its goodbye was in it, so that it fell silent then; left out: it was not. */
      readonly silentAt?: number
    }
