/** A producer that died before it could report: what it minted last, nobody told of. */
import { type InstanceState, isDead } from '../../hop/evidence.ts'
import { hopKey } from '../../hop/hop.ts'
import type { Minter } from '../../hop/mishap.ts'
import type { TagSpan } from '../../hop/tag-spans.ts'
import { partsOfWords, wordsOfHex } from '../../message/id.ts'
import { silentFact } from './facts.ts'
import type { Ground } from './ground.ts'
import { type CauseRule, likely, proven, type Told } from './rule.ts'

interface Silent {
  readonly state: InstanceState
  readonly minter: Minter
}

// Rule C12 - whoever minted it is dead and said no goodbye. Proven of a message that came, and that it minted
// after all that it had told of. Of numbers that never came it is not: their sends may have been refused
// before it died, and that was not told either.
export const producerDied: CauseRule = {
  name: 'C12',
  code: 'producer_died',
  ofAll: (ground) => (ground.finding.code === 'minted_not_here' ? ofGaps(ground) : undefined),
  of: ({ id }, ground) => {
    if (ground.finding.code !== 'unconfirmed') return undefined
    const { version, tag, birth } = partsOfWords(wordsOfHex(id))
    const silent = version === 7 ? silentOf(tag, ground) : null
    if (silent === null) return undefined
    const fact = silentFact(silent.state, silent.minter)
    // It told of this one itself, as a send whose outcome it did not know.
    if (ground.finding.args.unheard !== true) return likely(fact)
    return birth >= toldUntil(silent.state, ground) ? proven(fact) : undefined
  },
}

/** Every tag that has gaps which nothing explains must be of a dead one. */
function ofGaps(ground: Ground): Told | undefined {
  const { topics, tallies } = ground
  const keys = new Set(topics.map(hopKey))
  const here = tallies.filter((t) => keys.has(t.key) && t.channel === 'passed')
  if (here.length === 0 || here.some((t) => t.tags === null)) return undefined
  const spans = byTag(here.flatMap((t) => t.tags ?? []))
  const open = spans.filter(
    (span) => span.high - span.low + 1 - span.count > explained(span, ground),
  )
  // Gaps between this window and the one before show in neither of them.
  const suspects = (open.length > 0 ? open : spans).map(({ tag }) => silentOf(tag, ground))
  const dead = suspects.filter((s) => s !== null)
  const isClear = dead.length > 0 && (open.length === 0 || dead.length === suspects.length)
  return isClear ? likely(...dead.map((s) => silentFact(s.state, s.minter))) : undefined
}

/** Sequences of the tag that were refused or taken back: they left gaps by right. */
function explained({ tag }: TagSpan, { tallies, topics }: Ground): number {
  return tallies
    .filter(
      ({ hop, channel }) =>
        hop.role === 'producer' &&
        channel !== 'passed' &&
        topics.some((t) => t.cluster === hop.cluster && t.topic === hop.topic),
    )
    .flatMap((t) => t.tags ?? [])
    .reduce((n, span) => (span.tag === tag ? n + span.count : n), 0)
}

function byTag(spans: readonly TagSpan[]): readonly TagSpan[] {
  const out = new Map<number, TagSpan>()
  for (const { tag, low, high, count } of spans) {
    const known = out.get(tag)
    out.set(tag, {
      tag,
      low: Math.min(low, known?.low ?? low),
      high: Math.max(high, known?.high ?? high),
      count: count + (known?.count ?? 0),
    })
  }
  return [...out.values()]
}

function silentOf(tag: number, { evidence }: Ground): Silent | null {
  const minter = evidence.minters.get(tag)
  const state = evidence.instances.find(({ instance }) => instance === minter?.instance)
  if (minter === undefined || state === undefined || !isDead(state, evidence.now)) return null
  return { state, minter }
}

/** ms: all that it sent into these topics before, it has told of. */
function toldUntil({ seals }: InstanceState, { topics }: Ground): number {
  const own = seals.filter(({ hop }) =>
    topics.some((t) => t.cluster === hop.cluster && t.topic === hop.topic),
  )
  return Math.max(Number.NEGATIVE_INFINITY, ...own.map(({ sealedUntil }) => sealedUntil))
}
