/** Draws what agents are to see go wrong; by chance of its own, so that the rest of a day stays. */
import {
  type ClientFate,
  type DrawnFault,
  type DrawnHop,
  type DrawnService,
  type Fate,
  type GameDay,
  type GroupHop,
  isGroup,
  isTopic,
  type TopicHop,
} from './day.ts'
import { Dice } from './random.ts'

/** As many hops a day has at most. */
const HOPS_MAX = 8

export function drawMishaps(day: GameDay): GameDay {
  const dice = new Dice(day.seed ^ 0x0ca05e)
  const groups = day.hops.filter(isGroup)
  const senders = groups.filter(({ outputs }) => outputs.length > 0)
  const rates = new Map<string, Partial<Record<Fate, number>>>()
  const clientRates = new Map<string, Partial<Record<ClientFate, number>>>()
  const share = (): number => dice.between(0.02, 0.1)
  const rate = (odds: number, fate: Fate, among: readonly GroupHop[]): boolean => {
    const is = dice.odds(odds)
    const { service } = among.length > 0 ? dice.pick(among) : { service: '' }
    const value = share()
    if (!is || service === '') return false
    rates.set(service, { ...rates.get(service), [fate]: value })
    return true
  }
  // A second member with the same transactions would end those of the first.
  const isAlone = ({ service }: GroupHop): boolean =>
    !day.faults.some((f) => f.kind === 'join' && f.service === service)
  rate(0.12, 'withdrawn', senders.filter(isAlone))
  rate(0.12, 'hopeless', groups)
  const isRefused = dice.odds(0.12)
  const refused = share()
  if (isRefused && senders.length > 0) clientRates.set(dice.pick(senders).service, { refused })
  const hasRoom = day.hops.length < HOPS_MAX
  const isAstray = rate(0.12, 'astray', hasRoom ? senders : [])
  const hops: readonly DrawnHop[] = isAstray ? [...day.hops, limbo(dice)] : day.hops
  const deletions = drawDeletion(day, groups, dice)
  return {
    ...day,
    hops,
    services: day.services.map(
      (service): DrawnService => ({
        ...service,
        rates: { ...service.rates, ...rates.get(service.name) },
        clientRates: { ...service.clientRates, ...clientRates.get(service.name) },
      }),
    ),
    faults: [...day.faults, ...deletions],
  }
}

/** A topic of dead letters to which no edge leads. */
const limbo = (dice: Dice): TopicHop => ({
  ...{ kind: 'topic', name: 'limbo', topic: 'limbo' },
  ...{ partitions: dice.whole(1, 3), isDeadLetter: true },
})

function drawDeletion(
  { windows, faults }: GameDay,
  groups: readonly GroupHop[],
  dice: Dice,
): readonly DrawnFault[] {
  const is = dice.odds(0.12)
  const { service } = dice.pick(groups)
  // What is deleted while nobody watches the log nobody can tell of.
  if (!is || faults.some(({ kind }) => kind === 'kill-auditor')) return []
  return [
    {
      ...{ kind: 'delete', service, at: dice.between(0.5, windows) },
      ...{ downWindows: dice.between(0.5, 2), messages: dice.whole(1, 6) },
      // Time enough for the auditor to see it, or none.
      afterWindows: dice.pick([0, 1]),
    },
  ]
}

/** Where what goes astray goes: a topic of dead letters that no edge names. */
export function astrayTopicOf({ hops, edges }: GameDay): string | null {
  const named = new Set(edges.flatMap(({ to }) => to))
  const lost = hops.filter(isTopic).find((h) => h.isDeadLetter && !named.has(h.name))
  return lost?.topic ?? null
}
