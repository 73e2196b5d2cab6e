/** How the hops of an edge stand to the window: which passage applies to which role, at which end. */
import type { InstanceState } from '../hop/evidence.ts'
import { describeHop, type HopRef, hopKey, hopOfKey } from '../hop/hop.ts'
import type { HopDeclaration } from '../hop/pipeline.ts'
import type { Balance, Side } from './balance.ts'
import { coveragePassage } from './coverage-passage.ts'
import { hopsOf, mayHaveHandled, speaksFor } from './deaths.ts'
import type { EdgeContext } from './edge-context.ts'
import { producersInto, topicKeyOf, type WindowEvidence } from './evidence.ts'
import {
  acknowledged,
  arrivalPassage,
  knownHoles,
  openSends,
  PASSED,
  type Passage,
  producerPassage,
  reaches,
  worst,
} from './passage.ts'
import { rateOf } from './view.ts'

export function fromPassage(side: Side, context: EdgeContext, deadline: number): Passage {
  const { evidence, pipeline } = context
  if (side.hop.role === 'producer') return producerPassage(side.hop, evidence, pipeline.windowMs)
  const known = context.passages.get(hopKey(side.hop))
  if (known !== undefined) {
    const finer = finerPassage(side.hop, context)
    return worst([known, ...finer, ...finer.flatMap(untoldIn)])
  }
  // Nothing declared feeds it: it stands at the head of the pipeline and is judged by itself.
  const head = headPassage(side.hop, context, deadline)
  return worst([knownHoles(side.hop, evidence), head, ...untoldIn(head)])
}

/** What only a commit shows has no name here: that comes from the edge into the hop, judged alike. */
const untoldIn = ({ committed }: Passage): Passage[] => (committed === undefined ? [] : [UNTOLD])

/** Messages passed that no agent told of, and nobody can name. */
export const UNTOLD: Passage = {
  state: 'hole',
  why: ['handled as the group has committed, but no agent told which messages'],
}

/**
 * The edge into a hop may have been judged on a sample: how far that one reaches says nothing of the
 * messages between and after. Where nobody upstream keeps more than it, the end of the log tells.
 */
function finerPassage(hop: HopRef, { pipeline, edge, evidence }: EdgeContext): Passage[] {
  const rate = rateOf(edge)
  const coarser = pipeline.hops.filter((d) => d.oneIn > rate)
  if (coarser.length === 0 || (hop.role !== 'topic' && hop.role !== 'consumer')) return []
  const toLogEnd = coarser.some(
    ({ hop: { role, cluster, topic } }) =>
      (role === 'producer' || role === 'topic') && cluster === hop.cluster && topic === hop.topic,
  )
  return [coveragePassage(hop, evidence, toLogEnd)]
}

function headPassage(hop: HopRef, { evidence, pipeline }: EdgeContext, deadline: number): Passage {
  if (hop.role === 'consumer') return coveragePassage(hop, evidence)
  if (hop.role !== 'topic') return arrivalPassage(hop, evidence, deadline)
  // Those who write to it may write more of the window; else only the end of its log says it is over.
  const sealed = producersInto(hop, evidence).every(
    (p) => producerPassage(p, evidence, pipeline.windowMs).state === 'passed',
  )
  return worst([openSends(hop, evidence), coveragePassage(hop, evidence, !sealed)])
}

export function toPassage(
  { hop }: HopDeclaration,
  context: EdgeContext,
  deadline: number,
): Passage {
  const { edge, evidence } = context
  const groups = edge.from.map((d) => d.hop).filter((h) => h.role === 'consumer')
  switch (hop.role) {
    case 'topic': {
      const known = acknowledged(hop, groups, evidence)
      return worst([openSends(hop, evidence), coveragePassage(hop, evidence, !known)])
    }
    case 'consumer':
      return coveragePassage(hop, evidence)
    case 'producer':
      return PASSED
    default:
      return worst([
        ...feederPassages(hop, context),
        arrivalPassage(hop, evidence, deadline, (i) => maySinkHaveSeen(i, hop, context)),
      ])
  }
}

export const isPlaceless = ({ role }: HopRef): boolean => role === 'sink' || role === 'stream'

/** What comes to a sink or stream from a topic comes through a group: how that one stands. */
function feederPassages(hop: HopRef, { edge, evidence, passages }: EdgeContext): Passage[] {
  // That a group has committed says nothing of what became of it here.
  const standing = (group: HopRef): Passage => {
    const known = passages.get(hopKey(group))
    const read = known ?? coveragePassage(group, evidence)
    const { state, why } = worst(known === undefined ? [read, ...untoldIn(read)] : [read])
    return { state, why }
  }
  const key = hopKey(hop)
  const heard = evidence.instances.filter((i) => i.hops.includes(key)).flatMap((i) => i.hops)
  const readers = [...new Set(heard)].map(hopOfKey).filter((h) => h.role === 'consumer')
  return edge.from.flatMap(({ hop: from }) => {
    if (from.role === 'consumer') return [standing(from)]
    if (from.role !== 'topic') return []
    const groups = readers.filter((h) => topicKeyOf(h) === topicKeyOf(from))
    if (groups.length > 0) return groups.map(standing)
    const why = `no group is heard that reads ${describeHop(from)} for ${describeHop(hop)}`
    return [{ state: 'behind' as const, why: [why] }]
  })
}

/**
 * What a member of a group hands to a sink it tells in one frame with what it handled: of a window whose
 * handling it has told of, the sink is told of too. Elsewhere nobody knows.
 */
function maySinkHaveSeen(
  instance: InstanceState,
  sink: HopRef,
  { edge, evidence, pipeline }: EdgeContext,
): boolean {
  if (!speaksFor(instance, hopKey(sink), evidence)) return false
  const topics = edge.from.map(({ hop }) => topicKeyOf(hop))
  const groups = hopsOf(instance, evidence)
    .map(hopOfKey)
    .filter((hop) => hop.role === 'consumer' && topics.includes(topicKeyOf(hop)))
  if (groups.length === 0) return true
  return groups.some((group) => mayHaveHandled(instance, group, evidence, pipeline.windowMs))
}

/** How a `to` hop stands for the edges after it. */
export function onward(hop: HopRef, from: Passage, to: Passage, evidence: WindowEvidence): Passage {
  // 1. Nothing more comes from upstream: it has passed what it covers.
  if (from.state === 'passed') return to
  // 2. Upstream is still at work, and may bring more of this window.
  if (from.state === 'behind') return worst([from, to])
  // 3. Upstream cannot say what there is: who reads a log has seen all of it once it has read to a
  // polled end, and what it counted is what it covers. A hole touches its own edge, not those after it.
  const reads = hop.role === 'topic' || hop.role === 'consumer'
  return reads ? worst([to, coveragePassage(hop, evidence, true)]) : to
}

/** A topic's own count is complete only as far as it has read what its readers report. */
export function reported({ from, to }: Balance, evidence: WindowEvidence): Passage[] {
  const ranges = to
    .filter((s) => s.hop.role === 'consumer')
    .flatMap((s) => s.tallies.flatMap((t) => t.ranges))
  return from.filter((s) => s.hop.role === 'topic').map((s) => reaches(s.hop, ranges, evidence))
}
