/**
 * Looks into messages where they pass: inside the processes of others, and in the topic agent.
 *
 * Laws: nothing throws, waits or grows. What is not known yet is waited for in bounded memory, and given
 * up when the looker ends; only the registries that plans name are asked, in the background.
 */
import type { Environment } from '../base/environment.ts'
import { FieldBudget } from './field-budget.ts'
import { type Shared, TopicLooker } from './looker.ts'
import { WaitingRoom } from './looker-waiting.ts'
import { SchemaBooks } from './schemas/books.ts'
import type { Lookers } from './shape.ts'

export interface LookersOptions {
  /** For the secrets of registries. */
  readonly env: Environment
  readonly onTrouble: (text: string) => void
  /** ms */
  readonly clock: () => number
}

/** One for each process: its bounds are those of all lookers that it makes. */
export function lookers({ env, onTrouble, clock }: LookersOptions): Lookers {
  const shared: Shared = {
    books: new SchemaBooks({ env, clock, onTrouble }),
    budget: new FieldBudget(),
    room: new WaitingRoom(),
    onTrouble,
  }
  return (plan) => new TopicLooker(plan, shared)
}
