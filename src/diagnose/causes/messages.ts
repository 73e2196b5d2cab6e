/** The messages of a finding: those with a name, each once, and the number of those without. */
import type { Finding, FoundId } from '../../finding/finding.ts'

export interface Message {
  readonly found: FoundId
  /** As the finding counts them: of a sample, scaled. */
  readonly count: number
}

export interface Messages {
  readonly named: readonly Message[]
  readonly nameless: number
}

/** Law: the counts of the named ones and the nameless ones sum to the finding's. */
export function messagesOf(finding: Finding): Messages {
  const unit = unitOf(finding)
  const once = new Map<string, FoundId>()
  for (const found of finding.ids) {
    const known = once.get(found.id)
    const times = found.times + (known?.times ?? 0)
    once.set(found.id, { ...known, ...found, times })
  }
  let nameless = finding.count
  const named: Message[] = []
  for (const found of once.values()) {
    const count = Math.min(nameless, Math.max(0, found.times) * unit)
    if (count === 0) continue
    named.push({ found, count })
    nameless -= count
  }
  return { named, nameless }
}

export const namelessOf = (finding: Finding): number => messagesOf(finding).nameless

/** For how many messages one of the sample stands. */
export function unitOf({ evidence, args }: Finding): number {
  return evidence === 'sampled' && typeof args.oneIn === 'number' ? args.oneIn : 1
}
