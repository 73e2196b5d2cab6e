/** What a child process is told to do, and what it answers. */
import type { Variant } from './variants.ts'

export interface Job {
  readonly role: 'producer' | 'eachBatch' | 'eachMessage'
  readonly variant: Variant
  readonly brokers: string[]
  readonly topic: string
  /** Messages of one round. */
  readonly messages: number
}

/** The child is ready (`null`), or has done a round: µs of processor time of its process. */
export interface Answer {
  readonly cpu: number | null
}

/** Messages in one send. */
export const PER_SEND = 500
export const VALUE_BYTES = 200
