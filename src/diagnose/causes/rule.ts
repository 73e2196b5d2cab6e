/** What a rule of causes is, and what it may answer. */
import type { CauseCode, CauseFact } from '../../finding/cause.ts'
import type { FoundId } from '../../finding/finding.ts'
import type { Ground } from './ground.ts'

/** An answer of a rule: how sure it is, and why. */
export interface Told {
  readonly certainty: 'proven' | 'likely'
  readonly proof: readonly CauseFact[]
}

/** What a rule may explain of messages that are known by their number only. */
export interface Among {
  /** Messages, at most and at least. */
  readonly most: number
  readonly least: number
  readonly proof: readonly CauseFact[]
}

export interface CauseRule {
  /** For the docs: `C7`. */
  readonly name: string
  readonly code: Exclude<CauseCode, 'unknown'>
  /** Of every message of the finding, named or not. */
  readonly ofAll?: (ground: Ground) => Told | undefined
  /** Of this very message: by its name, or by its place in the log. */
  readonly of?: (id: FoundId, ground: Ground) => Told | undefined
  /** Of so many messages whose name or place nobody knows; never more than `likely`. */
  readonly among?: (ground: Ground) => Among | undefined
  /** What `among` tells cannot be of this one. */
  readonly excludes?: (id: FoundId, ground: Ground) => boolean
  /** Where `among` is the only cause that fits, it is proven of this one. */
  readonly proves?: (id: FoundId, ground: Ground) => boolean
}

export const proven = (...proof: readonly CauseFact[]): Told => ({ certainty: 'proven', proof })
export const likely = (...proof: readonly CauseFact[]): Told => ({ certainty: 'likely', proof })
