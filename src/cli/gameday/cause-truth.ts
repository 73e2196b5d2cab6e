/**
 * Why a message is truly missing at an edge, or there too often: what was done to it, by those who did it.
 * An empty answer: nothing of it could be seen by any agent, so only `unknown` is true.
 */
import type { CauseCode } from '../../finding/cause.ts'
import {
  type ClientFate,
  type DrawnEdge,
  type DrawnFault,
  type DrawnService,
  type Fate,
  type GameDay,
  type GroupHop,
  isGroup,
  isProducer,
  isTopic,
} from './day.ts'
import { clientFateOf, fateOf, roundOf } from './fate.ts'
import { familyOf, type Passing, type Truth } from './truth.ts'

export type Causes = ReadonlySet<CauseCode>

export interface DayTruth {
  readonly day: GameDay
  readonly truth: Truth
  /** ms: when the day began */
  readonly startsAt: number
  /** Where there are none to kill, that fault does nothing. */
  readonly brokersDie: boolean
  readonly windowMs: number
}

const NONE: Causes = new Set()

/** Faults that make a group do again what it has done. */
const AGAIN: Readonly<Partial<Record<DrawnFault['kind'], CauseCode>>> = {
  replay: 'range_replayed',
  kill: 'redelivered',
  join: 'redelivered',
  'kill-broker': 'redelivered',
  lag: 'redelivered',
}

export class CauseTruth {
  readonly #run: DayTruth
  /** By hop and family. */
  readonly #passed = new Map<string, Passing[]>()

  constructor(run: DayTruth) {
    const { day, brokersDie } = run
    const faults = day.faults.filter(({ kind }) => brokersDie || kind !== 'kill-broker')
    this.#run = { ...run, day: { ...day, faults } }
    for (const [hop, list] of run.truth.passed)
      for (const passing of list) {
        const key = `${hop} ${familyOf(passing.id)}`
        const known = this.#passed.get(key)
        if (known === undefined) this.#passed.set(key, [passing])
        else known.push(passing)
      }
  }

  missing(edge: DrawnEdge, id: string): Causes {
    const { day, truth } = this.#run
    const out = new Set<CauseCode>()
    for (const hop of day.hops.filter(({ name }) => edge.from.includes(name))) {
      const passings = this.#passings(hop.name, id)
      if (passings.length === 0) continue
      if (isProducer(hop)) {
        if (passings.some((passing) => this.#isUnacknowledged(edge, passing, hop.service)))
          out.add('client_unacknowledged')
        if (this.#hasBrokerFault()) out.add('truncated').add('client_unacknowledged')
      } else if (isTopic(hop)) {
        if (passings.some((passing) => this.#isDeleted(hop.name, passing)))
          // What took it, and how the group came past it: both are true. Who lets the group go on before
          // anybody has looked twice has seen no more than that it was sent on.
          out.add('deleted_unread').add('offset_reset')
        else if (this.#skippers(edge).length > 0) {
          out.add('consumer_skipped')
          // It may have failed once before it was passed over.
          if (passings.some((p) => this.#isFated('retried', edge, p))) out.add('handler_threw')
        }
        if (passings.some((p) => this.#isFated('hopeless', edge, p))) out.add('handler_threw')
      } else if (isGroup(hop)) {
        for (const passing of passings) addAll(out, this.#sentOn(hop, edge, passing))
        if ((truth.dropped.get(hop.name) ?? []).some((d) => familyOf(d.id) === familyOf(id)))
          out.add('filtered_undeclared')
      }
    }
    return out
  }

  extra(edge: DrawnEdge, id: string): Causes {
    const { day } = this.#run
    const out = new Set<CauseCode>()
    for (const hop of day.hops.filter(({ name }) => edge.from.includes(name))) {
      if (isProducer(hop)) {
        for (const { value } of this.#passings(hop.name, id))
          if (this.#clientFates(hop.service, edge, value).has('written-twice'))
            out.add('client_retried')
      } else if (isTopic(hop)) {
        for (const to of edge.to) addAll(out, this.#handledAgain(to, id))
      } else if (isGroup(hop)) {
        for (const passing of this.#passings(hop.name, id))
          addAll(out, this.#sentTwice(hop, edge, passing))
        // Work that a killed member, or one that lost its partitions, had done is done again.
        if (this.#faultsOf(hop.service).some(({ kind }) => kind === 'kill' || kind === 'join'))
          out.add('redelivered')
      }
    }
    if (this.#hasBrokerFault()) out.add('client_retried').add('redelivered')
    return out
  }

  #passings(hop: string, id: string): readonly Passing[] {
    return this.#passed.get(`${hop} ${familyOf(id)}`) ?? []
  }

  /** The answer of the broker left it out; with `acks: 0` there is no answer. */
  #isUnacknowledged(edge: DrawnEdge, { id, value }: Passing, service: string): boolean {
    const { day, truth } = this.#run
    const isUnplaced = edge.to.some((hop) => truth.unplaced.get(hop)?.has(id) ?? false)
    const index = Number((keyIn(value) ?? '').split('/')[1])
    const send = day.sends.find(
      ({ first, count, ...s }) => s.service === service && first <= index && index < first + count,
    )
    return isUnplaced && send?.kind !== 'acks0'
  }

  /** Deleted while the group that was to read it lagged. */
  #isDeleted(topic: string, { partition = -1, offset = -1 }: Passing): boolean {
    return offset >= 0 && offset < (this.#run.truth.deleted.get(topic)?.get(partition) ?? 0)
  }

  /** By the group that the edge leads to. */
  #isFated(fate: Fate, edge: DrawnEdge, { value }: Passing): boolean {
    const { day } = this.#run
    const key = keyIn(value)
    return day.hops.filter(isGroup).some((hop) => {
      const service = edge.to.includes(hop.name) ? this.#service(hop) : undefined
      if (service === undefined || key === null) return false
      return fateOf(day.seed, service, key, roundOf(value)) === fate
    })
  }

  /** What the handler, or the client below it, did instead of sending it on. */
  #sentOn(hop: GroupHop, edge: DrawnEdge, { value }: Passing): Causes {
    const { day } = this.#run
    const service = this.#service(hop)
    const key = keyIn(value)
    if (service === undefined || key === null) return NONE
    const fate = fateOf(day.seed, service, key, roundOf(value))
    if (fate === 'dropped') return NONE
    if (fate === 'astray') return new Set(['dead_lettered'])
    const out = new Set<CauseCode>()
    if (fate === 'withdrawn') out.add('transaction_aborted')
    const fates = this.#clientFates(hop.service, edge, value)
    if (fates.has('unwritten')) out.add('client_unacknowledged')
    if (fates.has('refused')) out.add('send_rejected')
    if (this.#hasBrokerFault()) out.add('truncated').add('client_unacknowledged')
    return out
  }

  #sentTwice(hop: GroupHop, edge: DrawnEdge, { value }: Passing): Causes {
    const { day } = this.#run
    const service = this.#service(hop)
    const key = keyIn(value)
    if (service === undefined || key === null) return NONE
    const out = new Set<CauseCode>()
    const fate = fateOf(day.seed, service, key, roundOf(value))
    if (fate === 'doubled') out.add('sent_again')
    if (fate === 'retried') out.add('redelivered')
    const fates = this.#clientFates(hop.service, edge, value)
    if (fates.has('written-twice')) out.add('client_retried')
    // Refused, and written: the handler failed, and did it again.
    if (fates.has('landed')) out.add('redelivered').add('client_retried')
    return out
  }

  /** What the client below the agent does to a message, sent on as it came or once more round a loop. */
  #clientFates(name: string, edge: DrawnEdge, value: string): ReadonlySet<ClientFate> {
    const { day } = this.#run
    const service = day.services.find((s) => s.name === name)
    const key = keyIn(value)
    const out = new Set<ClientFate>()
    if (service === undefined || key === null) return out
    for (const topic of this.#topics(edge))
      for (const round of [roundOf(value), roundOf(value) + 1]) {
        const fate = clientFateOf(day.seed, service, topic, key, round)
        if (fate !== null) out.add(fate)
      }
    return out
  }

  /** What happened between one handling of a record and the next. */
  #handledAgain(group: string, id: string): Causes {
    const { day, startsAt, windowMs } = this.#run
    const hop = day.hops.find(({ name }) => name === group)
    if (hop === undefined || !isGroup(hop)) return NONE
    const times = this.#passings(group, id).map(({ at }) => at)
    const [first, last] = [Math.min(...times), Math.max(...times)]
    const out = new Set<CauseCode>()
    for (const fault of this.#faultsOf(hop.service)) {
      const code = AGAIN[fault.kind]
      const at = startsAt + fault.at * windowMs
      const over = at + lastingOf(fault) * windowMs
      // Clocks of processes, and the time that a fault takes until it is felt.
      if (code !== undefined && at <= last && over >= first - windowMs) out.add(code)
    }
    // Where an attempt fails, what its batch had handled and not yet resolved comes again as well.
    const { retried = 0, hopeless = 0 } = this.#service(hop)?.rates ?? {}
    if (retried + hopeless > 0) out.add('redelivered')
    return out
  }

  #faultsOf(service: string): readonly DrawnFault[] {
    return this.#run.day.faults.filter((f) => !('service' in f) || f.service === service)
  }

  #skippers(edge: DrawnEdge): readonly DrawnFault[] {
    const services = this.#run.day.hops
      .filter(isGroup)
      .filter(({ name }) => edge.to.includes(name))
      .map(({ service }) => service)
    return this.#run.day.faults.filter((f) => f.kind === 'skip' && services.includes(f.service))
  }

  #hasBrokerFault(): boolean {
    return this.#run.day.faults.some(({ kind }) => kind === 'kill-broker')
  }

  #service({ service }: GroupHop): DrawnService | undefined {
    return this.#run.day.services.find(({ name }) => name === service)
  }

  #topics(edge: DrawnEdge): readonly string[] {
    return this.#run.day.hops
      .filter(isTopic)
      .filter(({ name }) => edge.to.includes(name))
      .map(({ topic }) => topic)
  }
}

/** Windows until it is over. */
const lastingOf = (fault: DrawnFault): number =>
  'downWindows' in fault ? fault.downWindows : 'forWindows' in fault ? fault.forWindows : 0

/** The name that a message says, wherever it went. */
function keyIn(value: string): string | null {
  return /([^\s"#{}:,]+\/\d+)#\d+/.exec(value)?.[1] ?? null
}

function addAll(to: Set<CauseCode>, codes: Causes): void {
  for (const code of codes) to.add(code)
}
