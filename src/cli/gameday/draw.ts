/** Draws a game day from a seed: what is built, what is sent, what goes wrong. */
import {
  type AuditPath,
  type ClientFate,
  clientFates,
  type DrawnDrift,
  type DrawnFault,
  type DrawnHop,
  type DrawnSend,
  type DrawnService,
  type DriftKind,
  driftKinds,
  type Fate,
  type GameDay,
  isGroup,
  isProducer,
  type SendKind,
} from './day.ts'
import { drawMishaps } from './draw-mishaps.ts'
import { drawShape } from './draw-shape.ts'
import { Dice } from './random.ts'

const LATENESS_WINDOWS = 2
/** Windows of traffic; a window may be quiet. */
const WINDOWS_MIN = 4
const WINDOWS_MAX = 8
/** Beyond, an agent does not believe a birth: windows of a minute, ten minutes. */
const SKEWS: readonly number[] = [-9.5, -5, -1.5, 1.5, 5, 9.5]
/** Born a year ago, or an hour ahead: nobody believes it. */
const FAR: readonly number[] = [-500_000, 60]

export function drawGameDay(seed: number): GameDay {
  const dice = new Dice(seed)
  const { hops, edges } = drawShape(dice)
  const windows = dice.whole(WINDOWS_MIN, WINDOWS_MAX)
  // Some days nothing goes wrong, and nothing may be found.
  const isCalm = dice.odds(0.1)
  const services = drawServices(hops, isCalm, dice)
  const oneIn = dice.odds(0.07) ? dice.pick([2, 4]) : 1
  const sends = drawSends(hops, windows, isCalm, dice)
  const day: GameDay = {
    seed,
    windows,
    latenessWindows: LATENESS_WINDOWS,
    hops,
    edges,
    services,
    oneIn,
    sends,
    faults: isCalm ? [] : [...drawFaults(hops, windows, dice), ...drawShifts(hops, windows, seed)],
    path: isCalm ? WHOLE_PATH : drawPath(dice),
    drift: drawDrift(hops, sends, isCalm, seed),
  }
  return isCalm ? day : drawMishaps(day)
}

function drawServices(hops: readonly DrawnHop[], isCalm: boolean, dice: Dice): DrawnService[] {
  const skewed = !isCalm && dice.odds(0.2) ? dice.whole(0, 7) : -1
  const own = hops.filter((hop) => isProducer(hop) || isGroup(hop))
  return own.map((hop, i) => {
    const rates: Partial<Record<Fate, number>> = {}
    const clientRates: Partial<Record<ClientFate, number>> = {}
    if (!isCalm && isGroup(hop))
      for (const fate of fatesOf(hop)) if (dice.odds(0.35)) rates[fate] = dice.between(0.01, 0.08)
    if (isGroup(hop) && hop.filter !== null) rates.filtered = dice.between(0.02, 0.15)
    if (isGroup(hop) && hop.deadLetter !== null) rates['dead-lettered'] = dice.between(0.02, 0.1)
    if (isGroup(hop) && hop.again !== null) rates.again = dice.between(0.02, 0.15)
    // A handler whose send is refused would be given the message again; a producer goes on.
    const possible = isProducer(hop) ? clientFates : clientFates.slice(0, 3)
    if (!isCalm)
      for (const fate of possible) if (dice.odds(0.25)) clientRates[fate] = dice.between(0.01, 0.06)
    return {
      name: hop.service,
      skewWindows: i === skewed ? dice.pick(SKEWS) : 0,
      rates,
      clientRates,
    }
  })
}

function fatesOf(hop: DrawnHop): readonly Fate[] {
  if (!isGroup(hop)) return []
  if (hop.sink !== null) return ['dropped', 'doubled', 'retried', 'altered', 'discarded']
  if (hop.outputs.length === 0) return ['retried']
  return ['dropped', 'doubled', 'retried', 'altered', 'late', 'postponed', 'discarded']
}

function drawSends(
  hops: readonly DrawnHop[],
  windows: number,
  isCalm: boolean,
  dice: Dice,
): DrawnSend[] {
  const sends: DrawnSend[] = []
  for (const { service } of hops.filter(isProducer)) {
    let first = 0
    const kinds = drawKinds(dice)
    const send = (at: number, count: number, bornWindows: number | null = null): void => {
      const kind = isCalm ? 'plain' : dice.pick(kinds)
      sends.push({ service, at, first, count, kind, isShuffled: dice.odds(0.2), bornWindows })
      first += count
    }
    const isBursty = dice.odds(0.05)
    for (let window = 0; window < windows; window++) {
      if (dice.odds(0.12)) continue
      const size = isBursty && dice.odds(0.5) ? 400 : dice.whole(2, 12)
      for (let n = dice.whole(1, 4); n > 0; n--)
        send(window + dice.draw(), dice.whole(1, Math.max(1, size)))
    }
    if (!isCalm && dice.odds(0.08)) send(dice.between(0, windows), dice.whole(1, 3), dice.pick(FAR))
  }
  return sends.sort((a, b) => a.at - b.at)
}

/** What a producer's sends are; most producers are of one kind. */
function drawKinds(dice: Dice): readonly SendKind[] {
  if (dice.odds(0.7)) return ['plain']
  return dice.pick([
    ['acks0'],
    ['plain', 'acks0'],
    ['committed'],
    ['committed', 'aborted'],
  ] as const)
}

function drawFaults(hops: readonly DrawnHop[], windows: number, dice: Dice): DrawnFault[] {
  const services = hops.flatMap((hop) => (isProducer(hop) || isGroup(hop) ? [hop.service] : []))
  const groups = hops.filter(isGroup).map((hop) => hop.service)
  const faults: DrawnFault[] = []
  const at = (): number => dice.between(0.5, windows)
  const downWindows = (): number => dice.between(0.2, 3)
  for (let n = dice.pick([0, 0, 1, 1, 2, 3]); n > 0; n--) {
    switch (dice.pick(['kill', 'kill', 'kill-auditor', 'lag', 'replay', 'kill-broker'] as const)) {
      case 'kill': {
        const after = dice.whole(0, 6)
        const service = dice.pick(services)
        faults.push({ kind: 'kill', service, at: at(), downWindows: downWindows(), after })
        break
      }
      case 'kill-auditor':
        faults.push({
          ...{ kind: 'kill-auditor', at: at(), downWindows: downWindows() },
          after: dice.whole(0, 40),
        })
        break
      case 'lag':
        faults.push({
          ...{ kind: 'lag', service: dice.pick(groups), at: at() },
          downWindows: dice.between(0.5, 4),
        })
        break
      case 'replay':
        faults.push({
          ...{ kind: 'replay', service: dice.pick(groups), at: at() },
          messages: dice.whole(1, 5),
        })
        break
      case 'kill-broker':
        faults.push({ kind: 'kill-broker', at: at(), downWindows: downWindows() })
        break
    }
  }
  return faults.sort((a, b) => a.at - b.at)
}

/** What happens to a group's place in the log; by chance of its own, so that the rest of a day stays. */
function drawShifts(hops: readonly DrawnHop[], windows: number, seed: number): DrawnFault[] {
  const dice = new Dice(seed ^ 0x0ff5e7)
  const groups = hops.filter(isGroup).map((hop) => hop.service)
  const faults: DrawnFault[] = []
  const at = (): number => dice.between(0.5, windows)
  if (dice.odds(0.1)) {
    const service = dice.pick(groups)
    faults.push({ kind: 'skip', service, at: at(), messages: dice.whole(1, 4) })
  }
  if (dice.odds(0.12)) {
    const service = dice.pick(groups)
    faults.push({ kind: 'join', service, at: at(), forWindows: dice.between(0.3, 2) })
  }
  return faults
}

/** What messages look like; by chance of its own, so that the rest of a day stays. */
function drawDrift(
  hops: readonly DrawnHop[],
  sends: readonly DrawnSend[],
  isCalm: boolean,
  seed: number,
): DrawnDrift | null {
  const dice = new Dice(seed ^ 0x5ca1ed)
  if (!dice.odds(0.4)) return null
  const groups = hops.filter(isGroup)
  // A loop brings back what has left its group already.
  const droppers = groups.filter(
    ({ topic, outputs }) =>
      outputs.length > 0 && groups.every(({ again }) => again === null || again !== topic),
  )
  const kinds: readonly DriftKind[] =
    droppers.length > 0 ? driftKinds : driftKinds.filter((kind) => kind !== 'dropped')
  const kind = dice.pick(kinds)
  const writers: readonly { readonly service: string }[] =
    kind === 'dropped' ? droppers : hops.filter(isProducer)
  const { service } = dice.pick(writers)
  const share = dice.between(0.1, 0.8)
  // Producers number their messages each for itself.
  const counts = sends.filter((send) => send.service === service || kind === 'dropped')
  const last = Math.max(0, ...counts.map(({ first, count }) => first + count - 1))
  const isNone = isCalm || dice.odds(0.2)
  return { service, kind: isNone ? null : kind, from: Math.floor(share * last) }
}

const WHOLE_PATH: AuditPath = { lost: 0, doubled: 0, delayed: 0, delayWindowsMax: 0 }

function drawPath(dice: Dice): AuditPath {
  if (dice.odds(0.6)) return WHOLE_PATH
  return {
    lost: dice.odds(0.5) ? dice.between(0.01, 0.1) : 0,
    doubled: dice.odds(0.5) ? dice.between(0.05, 0.3) : 0,
    delayed: dice.odds(0.5) ? dice.between(0.05, 0.3) : 0,
    delayWindowsMax: dice.between(0.2, 4),
  }
}
