/** Causes of what is missing that are known by name: somebody saw them happen to this very message. */

import type { Channel } from '../../hop/frame.ts'
import { type HopRef, hopKey } from '../../hop/hop.ts'
import type { StoredMishap } from '../../hop/mishap.ts'
import { droppedFact, mishapFact, outcomeFact } from './facts.ts'
import type { Ground } from './ground.ts'
import { type Outcomes, summed } from './outcomes.ts'
import { type Among, type CauseRule, likely, proven, type Told } from './rule.ts'
import { touching } from './spans.ts'

// Rule C1 - the code itself said that it dropped the message, and why. Above all others: nobody knows it
// better. Of what is lost and has no name, as many may be such.
export const filtered: CauseRule = {
  name: 'C1',
  code: 'filtered_undeclared',
  ofAll: ({ finding, evidence }) => {
    if (finding.code !== 'filtered_undeclared') return undefined
    const { reasons } = finding.args
    const texts = Array.isArray(reasons) ? reasons.filter((r) => typeof r === 'string') : []
    return proven(droppedFact(evidence.edge.name, texts))
  },
  among: ({ evidence, groups, tallies }) => {
    const { edge, verdict } = evidence
    const keys = new Set(groups.map(hopKey))
    const dropped = tallies.filter(
      (t) => t.channel === 'filtered' && keys.has(t.key) && !edge.filter.includes(t.reason),
    )
    const found = verdict.findings.filter((f) => f.code === 'filtered_undeclared')
    const most = summed(dropped).count - found.reduce((n, f) => n + f.count, 0)
    const reasons = [...new Set(dropped.map((t) => t.reason))]
    return offer(most, droppedFact(edge.name, reasons))
  },
}

// Rule C3 - its producer saw that the answer left out the message's partition. Above C10: that it had an
// offset, and lost it again, nobody saw.
export const unacknowledged: CauseRule = {
  name: 'C3',
  code: 'client_unacknowledged',
  ofAll: ({ finding, sends }) => {
    if (finding.code !== 'unacknowledged') return undefined
    const { hops, count } = sends('unacknowledged')
    return proven(...hops.map((hop) => outcomeFact(hop, 'unacknowledged', count)))
  },
  of: ({ id }, ground) => {
    if (!ground.writes) return undefined
    const { ids, hops, count } = ground.sends('unacknowledged')
    const seen = ground.naming('unacknowledged', id).filter((m) => writesInto(m.hop, ground))
    if (!ids.has(id) && seen.length === 0) return undefined
    const proof = hops.map((hop) => outcomeFact(hop, 'unacknowledged', count))
    return proven(...proof, ...seen.map(mishapFact))
  },
  among: ({ sends }) => unlisted('unacknowledged', sends),
}

// Rule C4 - what was made of it went out in a transaction that was aborted. Before C6: the handler that
// threw is why it was aborted.
export const aborted: CauseRule = {
  name: 'C4',
  code: 'transaction_aborted',
  of: ({ id }, ground) => failed(id, 'withdrawn', 'rejected', ground),
  among: ({ outputs }) => unlisted('withdrawn', outputs),
}

// Rule C5 - what was made of it was refused. Before C6 for the same reason.
export const rejected: CauseRule = {
  name: 'C5',
  code: 'send_rejected',
  of: ({ id }, ground) => failed(id, 'rejected', 'withdrawn', ground),
  among: ({ outputs }) => unlisted('rejected', outputs),
}

// Rule C6 - its handler threw, and it never passed. Above C7 and C9: that the group went past it is what
// came of that. Where it did pass in the end, why nothing came of it the mishap only suggests; so does one
// that speaks of a batch, in which any message may have done it.
export const threw: CauseRule = {
  name: 'C6',
  code: 'handler_threw',
  of: ({ id }, ground) => {
    const { readers, topics, search } = ground
    const places = topics.flatMap((topic) => search.placesIn(topic, id) ?? [])
    const seen = ground
      .once(throwsOf)
      .filter(
        (m) =>
          m.id === id ||
          (m.id === '' &&
            readers.isEnd &&
            places.some((p) => p.partition === m.partition && p.offset === m.from)),
      )
    const [first] = seen
    if (first === undefined) return undefined
    const isItsOwn = seen.some((m) => m.id === id || m.to === m.from + 1)
    const proof = [mishapFact(first)]
    return readers.isEnd && isItsOwn ? proven(...proof) : likely(...proof)
  },
}

function throwsOf({ groups, readers, evidence }: Ground): readonly StoredMishap[] {
  const keys = new Set([...groups, ...readers.hops].map(hopKey))
  return evidence.mishaps.filter((m) => m.kind === 'handler_threw' && keys.has(hopKey(m.hop)))
}

const isCutOff = ({ gone, where }: Ground): boolean => touching(gone, where).length > 0

/** @param other the outcome of another attempt: which was the last one nobody told */
function failed(id: string, how: Channel, other: Channel, ground: Ground): Told | undefined {
  if (!ground.writes || ground.groups.length === 0) return undefined
  const { ids, hops, count } = ground.outputs(how)
  const kind = how === 'withdrawn' ? 'aborted' : 'rejected'
  const seen = ground.naming(kind, id).filter((m) => writesInto(m.hop, ground))
  if (!ids.has(id) && seen.length === 0) return undefined
  const passed = ground.outputs('passed')
  // Each handling of it has an output that was acknowledged: what is lost was lost after that.
  if ((passed.ids.get(id) ?? 0) >= Math.max(1, ground.handled.ids.get(id) ?? 0)) return undefined
  const proof = [...hops.map((hop) => outcomeFact(hop, how, count)), ...seen.map(mishapFact)]
  const isOnly =
    !ground.outputs(other).ids.has(id) &&
    (passed.isListed || (passed.count > 0 && !ground.once(isCutOff)))
  return isOnly ? proven(...proof) : likely(...proof)
}

/** More ended so than can be named: those without a name may be among them. */
function unlisted(how: Channel, outcomes: Outcomes): Among | undefined {
  const { count, isListed, hops } = outcomes(how)
  return isListed ? undefined : offer(count, ...hops.map((hop) => outcomeFact(hop, how, count)))
}

function offer(most: number, ...proof: Among['proof']): Among | undefined {
  return most > 0 ? { most, least: 0, proof } : undefined
}

function writesInto(hop: HopRef, { topics }: Ground): boolean {
  return topics.some((t) => t.cluster === hop.cluster && t.topic === hop.topic)
}
