/** Agents that send to nowhere, for the benches: what a whole `Recorder.add` and its frames cost. */
import { Agent } from '../src/hop/agent.ts'
import { consumerHop, type HopRef, topicHop } from '../src/hop/hop.ts'
import { PLAIN, type TallyPlan } from '../src/hop/plan.ts'
import { NEVER } from '../src/hop/tally.ts'
import type { IdWords } from '../src/message/id.ts'
import { CAPACITY_MAX } from '../src/sketch/membership.ts'
import { LIST_LIMIT } from '../src/sketch/sketch.ts'
import { FIRST_BIRTH, stampOf } from './sketch-samples.ts'

/** Births of a bench are believed, wherever in their window they are. */
const NOW = FIRST_BIRTH + 30_000
const PARTITIONS = 3
const consumer: HopRef = consumerHop('default', 'flights', 'enrich')
/** Of stamps a topic agent keeps the witness; a consumer does not. */
const topic: HopRef = topicHop('default', 'flights')

export interface AgentPlan {
  readonly what: string
  readonly hop: HopRef
  readonly plan: TallyPlan
  readonly hasTimes: boolean
}

export function plans(messages: number): readonly AgentPlan[] {
  const value = { value: true, key: false, headers: [] }
  const plain = { hop: consumer, plan: PLAIN, hasTimes: false }
  const planned = (plan: Partial<TallyPlan>): TallyPlan => ({ ...PLAIN, ...plan })
  return [
    { ...plain, what: 'ids only' },
    { ...plain, what: 'and preserve, digests given', plan: planned({ preserve: [value] }) },
    { ...plain, what: 'and a sample of 1/64', plan: planned({ oneIn: [64] }) },
    { ...plain, what: 'a sample of 1/64 only', plan: planned({ oneIn: [64], exact: false }) },
    {
      ...plain,
      what: 'and membership',
      plan: planned({ membership: Math.min(messages, CAPACITY_MAX) }),
    },
    { ...plain, what: 'and latencies, 2 thresholds', plan: timed, hasTimes: true },
    { ...plain, what: 'and latencies, witness', hop: topic, plan: timed, hasTimes: true },
  ]
}

const timed: TallyPlan = { ...PLAIN, thresholdsMs: [1_000, 60_000] }

/** Past the lists already; what is returned adds the ids. */
export function agentFold(
  { hop, plan, hasTimes }: AgentPlan,
  ids: readonly IdWords[],
  passedAt: readonly number[],
): () => void {
  const agent = new Agent({
    service: 'bench',
    sender: { send: async () => {}, close: async () => {} },
    clock: () => NOW,
    planOf: () => plan,
    timer: false,
  })
  const recorder = agent.recorder(hop, 'passed')
  const digests = [0]
  const hasDigests = plan.preserve.length > 0
  const add = (words: IdWords, i: number): void => {
    digests[0] = i
    const at = hasTimes ? (passedAt[i] ?? NEVER) : NEVER
    recorder.add(words, i % PARTITIONS, i, at, NEVER, hasDigests ? digests : null)
  }
  for (let i = 0; i <= LIST_LIMIT; i++) add(stampOf(ids.length + i), i)
  return () => {
    for (let i = 0; i < ids.length; i++) add(ids[i]!, i)
  }
}
