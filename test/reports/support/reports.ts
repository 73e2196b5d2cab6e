/** Reports by hand, one for each state of the page. The same call gives the same report. */
import { seeded } from '../../../src/cli/demo/plan.ts'
import type { Finding, FoundId } from '../../../src/finding/finding.ts'
import type { EdgeVerdict, HopPassage } from '../../../src/finding/verdict.ts'
import type { HopGap, InstanceState } from '../../../src/hop/evidence.ts'
import { consumerHop, describeHop, producerHop, sinkHop } from '../../../src/hop/hop.ts'
import type { Pipeline } from '../../../src/hop/pipeline.ts'
import { isoOf } from '../../../src/objective/iso.ts'
import type { HopLatency } from '../../../src/objective/latency.ts'
import type { Indicator, Objective } from '../../../src/objective/objective.ts'
import type {
  AgreementView,
  BurnPoint,
  Incident,
  ObjectiveAssessment,
  ObjectiveVerdict,
  Report,
  Shapes,
  StripCell,
} from '../../../src/objective/report.ts'
import { standingOf } from '../../../src/objective/standing.ts'
import { summarize } from '../../../src/objective/summary.ts'
import { Latencies } from '../../../src/sketch/latency.ts'
import {
  edge,
  FLIGHTS,
  finding,
  idOf,
  instance,
  latency,
  START,
  sampledVerdict,
  verdict,
} from '../build.ts'
import { drifted, driftFinding, producer, shapesIn, versionSeen } from '../drift.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const CELLS = 300

interface Parts {
  readonly pipelines: readonly Pipeline[]
  readonly verdicts: readonly EdgeVerdict[]
  readonly latencies?: readonly HopLatency[]
  readonly instances?: readonly InstanceState[]
  readonly gaps?: readonly HopGap[]
  readonly now: number
  readonly headline: string
  readonly verdict?: ObjectiveVerdict | null
  readonly objectives?: readonly ObjectiveAssessment[]
  readonly agreements?: readonly AgreementView[]
  readonly reaches?: Readonly<Record<string, readonly string[]>>
  readonly drift?: Shapes
}

function reportFrom(parts: Parts): Report {
  const { pipelines, verdicts, headline, reaches = {} } = parts
  const assessment = summarize(parts)
  const byEdge = new Map<string, EdgeVerdict[]>()
  for (const v of verdicts) {
    const key = JSON.stringify([v.pipeline, v.edge])
    const list = byEdge.get(key)
    if (list === undefined) byEdge.set(key, [v])
    else list.push(v)
  }
  return {
    schema: 'quipu.report/v1',
    version: '0.1.0',
    detail: 'ids',
    ...assessment,
    verdict: parts.verdict ?? null,
    headline,
    hops: pipelines.flatMap((p) =>
      p.hops.map(({ name, hop, deadLetter }) => ({
        ...{ pipeline: p.name, hop: name, role: hop.role, at: describeHop(hop), deadLetter },
      })),
    ),
    objectives: parts.objectives ?? [],
    agreements: parts.agreements ?? [],
    strips: [...byEdge.values()].map((list) => stripOf(list)),
    incidents: [...byEdge.values()].flatMap((list) => incidentsOf(list, reaches)),
    drift: parts.drift ?? { findings: [], versions: [] },
  }
}

function stripOf(verdicts: readonly EdgeVerdict[]): Report['strips'][number] {
  const [{ pipeline, edge: name }] = verdicts as [EdgeVerdict]
  const bin = Math.ceil(verdicts.length / CELLS)
  const cells: StripCell[] = []
  for (let i = 0; i < verdicts.length; i += bin) cells.push(cellOf(verdicts.slice(i, i + bin)))
  return { pipeline, edge: name, cells }
}

function cellOf(verdicts: readonly EdgeVerdict[]): StripCell {
  const sum = (pick: (v: EdgeVerdict) => number): number =>
    verdicts.reduce((total, v) => total + pick(v), 0)
  return {
    start: isoOf((verdicts[0] as EdgeVerdict).window.start),
    end: isoOf((verdicts.at(-1) as EdgeVerdict).window.end),
    standing: standingOf(verdicts),
    windows: verdicts.length,
    expected: sum((v) => v.counts.expected),
    lost: sum((v) => v.counts.lost),
    duplicated: sum((v) => v.counts.duplicated),
    altered: sum((v) => v.counts.altered),
    inFlight: sum((v) => v.counts.in_flight),
    undetermined: sum((v) => v.counts.undetermined),
  }
}

const isBad = (v: EdgeVerdict): boolean =>
  v.state !== 'open' && (v.verdict === 'breached' || v.verdict === 'indeterminate')

function incidentsOf(
  verdicts: readonly EdgeVerdict[],
  reaches: Readonly<Record<string, readonly string[]>>,
): Incident[] {
  const runs: EdgeVerdict[][] = []
  for (const [i, v] of verdicts.entries()) {
    if (!isBad(v)) continue
    const before = verdicts[i - 1]
    if (before !== undefined && isBad(before)) runs.at(-1)?.push(v)
    else runs.push([v])
  }
  const last = verdicts.findLast((v) => v.state !== 'open')
  return runs.map((run) => {
    const [first] = run as [EdgeVerdict]
    const declaration = edge(...(first.edge.split(' → ').map((s) => s.split(' + ')) as [[], []]))
    const one = summarize({
      pipelines: [{ ...FLIGHTS, name: first.pipeline, edges: [declaration] }],
      verdicts: run,
      now: START,
    })
    return {
      id: JSON.stringify([first.pipeline, first.edge, isoOf(first.window.start)]),
      pipeline: first.pipeline,
      edge: first.edge,
      start: isoOf(first.window.start),
      end: isoOf((run.at(-1) as EdgeVerdict).window.end),
      open: run.includes(last as EdgeVerdict),
      windows: run.length,
      standing: run.some((v) => v.verdict === 'breached') ? 'breached' : 'indeterminate',
      findings: one.pipelines[0]?.edges[0]?.findings ?? [],
      reaches: reaches[first.edge] ?? [],
      causes: null,
    }
  })
}

/** An objective with what the caller wants to be different. */
export function assessed(
  id: string,
  indicator: Indicator,
  verdictOf: ObjectiveVerdict,
  parts: Partial<ObjectiveAssessment> & { readonly of?: Partial<Objective> } = {},
): ObjectiveAssessment {
  const { of = {}, ...rest } = parts
  return {
    pipeline: 'flights',
    objective: {
      ...{ id, indicator, scope: { kind: 'end-to-end' }, target: 0.9999 },
      period: { kind: 'rolling', ms: 30 * DAY },
      ...{ thresholdMs: null, volume: null, budget: 'messages', windowTarget: null },
      ...{ severity: 'page', minEvents: 0, refundLate: false, description: null, place: null },
      ...of,
    },
    verdict: verdictOf,
    sentence: `Of the messages of 30 days at least 99.99% arrive.`,
    reasons: [],
    period: { start: isoOf(START - 30 * DAY), end: isoOf(START) },
    events: { good: 1_000, bad: 0, unknown: 0 },
    value: { low: 1, high: 1 },
    budget: null,
    burn: [],
    burnDown: [],
    worst: [],
    ...rest,
  }
}

/** Nothing has been audited. */
export const emptyReport = (): Report =>
  reportFrom({
    ...{ pipelines: [], verdicts: [], instances: [], now: START },
    headline: 'Nothing has been audited yet.',
  })

/** A pipeline is declared, and nobody has reported. */
export const silentReport = (): Report =>
  reportFrom({
    ...{ pipelines: [FLIGHTS], verdicts: [], instances: [], now: START },
    verdict: 'no_data',
    headline: 'flights: no data. None of its messages has been counted yet.',
    objectives: [
      assessed('no-loss', 'completeness', 'no_data', {
        ...{ events: { good: 0, bad: 0, unknown: 0 }, value: null },
        reasons: ['No window of the period has been judged.'],
      }),
    ],
  })

const passed = (hop: string): HopPassage => ({
  ...{ hop, declared: true, count: 0, passage: 'passed', why: [] },
})

const EDGES = {
  send: 'checkin → flights',
  read: 'flights → enrich',
  enrich: 'enrich → enriched + dlq',
  store: 'enriched → store',
} as const

const preserving: Pipeline = {
  ...FLIGHTS,
  thresholdsMs: [60_000],
  edges: FLIGHTS.edges.map((e) => (e.name === EDGES.send ? { ...e, preserve: ['value'] } : e)),
} as Pipeline

function flightsLatencies(): HopLatency[] {
  const random = seeded(7)
  const around = (middleMs: number, n = 2_000): number[] =>
    Array.from({ length: n }, () =>
      Math.round(middleMs * Math.exp(1.6 * (random() + random() - 1))),
    )
  const of = (
    hop: Parameters<typeof latency>[0],
    hopMs: number,
    birthMs: number,
    origin: HopLatency['origin'] = null,
  ): HopLatency =>
    latency(hop, {
      ...{ thresholdsMs: [60_000], origin },
      fromHop: around(hopMs),
      fromBirth: around(birthMs),
    })
  return [
    of(producerHop('default', 'flights', 'checkin'), 6, 6),
    of(consumerHop('default', 'flights', 'enrich'), 38, 46),
    of(producerHop('default', 'flights.enriched', 'enrich'), 120, 190, {
      topic: 'flights',
      group: 'enrich',
    } as HopLatency['origin']),
    of(sinkHop('warehouse'), 1_450, 1_800),
  ]
}

/** Four hours of minutes, all well. */
export const healthyReport = (): Report => {
  const verdicts = FLIGHTS.edges.flatMap(({ name }) => traffic(name, 240))
  return reportFrom({
    ...{ pipelines: [preserving], verdicts, latencies: flightsLatencies() },
    now: START + 242 * MINUTE,
    instances: agents(),
    verdict: 'met',
    headline: `All ${grouped(totalOf(verdicts))} messages of flights arrived, once and unaltered.`,
    objectives: [
      assessed('no-loss', 'completeness', 'met', {
        events: { good: totalOf(verdicts), bad: 0, unknown: 0 },
        budget: {
          ...{ allowed: totalOf(verdicts) / 10_000, spent: { low: 0, high: 0 } },
          ...{ left: { low: 1, high: 1 }, exhaustsInMs: null },
        },
        burnDown: burnDown((share) => ({ low: 1, high: 1, share })),
      }),
    ],
  })
}

/** Losses and copies in the transformation, a hole at the warehouse, and what is under way. */
export function flightsReport(): Report {
  const verdicts = FLIGHTS.edges.flatMap(({ name }) =>
    traffic(name, 240).map((v, w) => faulty(name, v, w)),
  )
  const total = totalOf(verdicts)
  return reportFrom({
    ...{ pipelines: [preserving], verdicts, latencies: flightsLatencies() },
    now: START + 241 * MINUTE,
    instances: agents(),
    verdict: 'breached',
    headline: `412 of ${grouped(total)} messages were lost on ${EDGES.enrich}, and 58 were doubled.`,
    reaches: { [EDGES.enrich]: ['store', 'finance-bi'], [EDGES.store]: ['finance-bi'] },
    objectives: flightsObjectives(total),
    agreements: [
      {
        pipeline: 'flights',
        verdict: 'breached',
        objectives: ['no-loss', 'on-time'],
        agreement: {
          consumers: [
            { name: 'finance-bi', contact: '#bi' },
            { name: 'crew-planning', contact: null },
          ],
          promises: ['no-loss', 'on-time'],
          driver: 'regulatory',
          review: '2027-01-01',
          consequence: 'the day is closed by hand from the booking system',
        },
      },
    ],
  })
}

function flightsObjectives(total: number): ObjectiveAssessment[] {
  const allowed = total / 1_000
  return [
    assessed('no-loss', 'completeness', 'breached', {
      of: {
        target: 0.999,
        description: 'The ledger is made of these messages.',
        place: { line: 18, column: 7 },
      },
      sentence: 'Of the messages of 30 days at least 99.9% arrive end to end.',
      reasons: [
        `412 messages are proven lost; the budget allows ${Math.floor(allowed)}.`,
        '100 messages are not known: 100 in a hole of the evidence.',
      ],
      events: { good: total - 512, bad: 412, unknown: 100 },
      value: { low: 1 - 512 / total, high: 1 - 412 / total },
      budget: {
        allowed,
        spent: { low: 412, high: 512 },
        left: { low: 1 - 512 / allowed, high: 1 - 412 / allowed },
        exhaustsInMs: null,
      },
      burn: [
        {
          ...{ severity: 'page', speed: 'quick', longMs: 3_600_000, shortMs: 300_000 },
          ...{ factor: 14.4, long: 21.37, short: 0, firing: false },
        },
        {
          ...{ severity: 'page', speed: 'slow', longMs: 21_600_000, shortMs: 1_800_000 },
          ...{ factor: 6, long: 8.52, short: 7.1, firing: true },
        },
      ],
      burnDown: burnDown((share) => {
        const spent = share < 0.6 ? 0 : Math.min(1, (share - 0.6) / 0.04) * 412
        const unknown = share < 0.26 ? 0 : 100
        return { low: 1 - (spent + unknown) / allowed, high: 1 - spent / allowed, share }
      }),
      worst: [143, 146, 144].map((w, i) => ({
        edge: EDGES.enrich,
        start: isoOf(START + w * MINUTE),
        end: isoOf(START + (w + 1) * MINUTE),
        bad: 61 - 7 * i,
      })),
    }),
    assessed('on-time', 'timeliness', 'at_risk', {
      of: { target: 0.995, thresholdMs: 60_000, severity: 'ticket' },
      sentence: 'Of the messages of 30 days at least 99.5% arrive within 60 s.',
      reasons: ['At the present rate the budget is used up before the period ends.'],
      events: { good: total - 900, bad: 900, unknown: 0 },
      value: { low: 1 - 900 / total, high: 1 - 900 / total },
      budget: {
        ...{ allowed: total * 0.005, spent: { low: 900, high: 900 } },
        left: { low: 1 - 900 / (total * 0.005), high: 1 - 900 / (total * 0.005) },
        exhaustsInMs: 3.2 * DAY,
      },
      burnDown: burnDown((share) => {
        const left = 1 - (900 / (total * 0.005)) * share ** 1.6
        return { low: left, high: left, share }
      }),
    }),
    assessed('unaltered', 'integrity', 'met', {
      of: { target: 1, scope: { kind: 'edge', edge: EDGES.send } },
      sentence: 'Every message of 30 days arrives unaltered on checkin → flights.',
      events: { good: total, bad: 0, unknown: 0 },
      budget: { allowed: 0, spent: { low: 0, high: 0 }, left: null, exhaustsInMs: null },
    }),
    assessed('shape', 'validity', 'no_data', {
      of: { target: 0.999 },
      sentence: 'Of the messages of 30 days at least 99.9% have an accepted shape.',
      reasons: ['Nothing measures shapes yet.'],
      ...{ events: { good: 0, bad: 0, unknown: 0 }, value: null },
    }),
  ]
}

/** 100 points of four hours. */
function burnDown(
  leftAt: (share: number) => { low: number; high: number; share: number },
): BurnPoint[] {
  return Array.from({ length: 100 }, (_, i) => {
    const { low, high, share } = leftAt(i / 99)
    return { at: isoOf(START + Math.round(share * 240) * MINUTE), left: { low, high } }
  })
}

const grouped = (n: number): string => n.toLocaleString('en-US')

const totalOf = (verdicts: readonly EdgeVerdict[]): number =>
  verdicts.reduce((sum, v) => sum + (v.edge === EDGES.send ? v.counts.expected : 0), 0)

/** Windows that are met, with as many messages as a day brings. */
function traffic(name: string, windows: number, parts: Partial<EdgeVerdict> = {}): EdgeVerdict[] {
  return Array.from({ length: windows }, (_, w) => {
    const expected = 1_180 + Math.round(420 * Math.sin(w / 38)) + ((w * 7_919) % 61)
    return verdict(name, { w, ...parts, counts: { expected, delivered: expected } })
  })
}

const agents = (): InstanceState[] =>
  ['checkin', 'enrich', 'warehouse', 'quipu-topic-agent'].map((service, i) =>
    instance(service, {
      instance: String(i).repeat(32),
      seen: [[0, 2_880 - 17 * i]],
      lastHeardAt: START + 241 * MINUTE - 1_500 * (i + 1),
    }),
  )

/** 412 in 9 windows. */
const LOST = [61, 54, 47, 61, 40, 38, 45, 35, 31] as const
const COPIES = 58
/** In each of them. */
const FILTERED = 3
const DEAD_LETTERED = 2

function faulty(name: string, healthy: EdgeVerdict, w: number): EdgeVerdict {
  const { expected } = healthy.counts
  if (name === EDGES.enrich && w >= 143 && w < 152)
    return lossy(healthy, w, LOST[w - 143] as number)
  if (name === EDGES.store && w >= 143 && w < 152) return onlyArrived(healthy, w)
  if (name === EDGES.store && (w === 62 || w === 63)) return holed(healthy, w)
  if (name === EDGES.store && w >= 238) {
    const waiting = w === 239 ? 311 : 24
    return verdict(name, {
      ...{ w, state: 'open', verdict: 'indeterminate' },
      counts: { expected, delivered: expected - waiting, in_flight: waiting },
    })
  }
  return healthy
}

/** What the edge before let through, and its copies. */
function onlyArrived(healthy: EdgeVerdict, w: number): EdgeVerdict {
  const gone = (LOST[w - 143] as number) + FILTERED + DEAD_LETTERED
  const expected = healthy.counts.expected - gone + (w === 143 ? COPIES : 0)
  return verdict(EDGES.store, { w, counts: { expected, delivered: expected } })
}

function lossy(healthy: EdgeVerdict, w: number, lost: number): EdgeVerdict {
  const { expected } = healthy.counts
  const ids = Array.from({ length: lost }, (_, n): FoundId => ({ id: idOf(n * 3, w), times: 1 }))
  const copies = w === 143 ? COPIES : 0
  const findings: Finding[] = [
    finding('lost', {
      ...{ w, ids },
      args: { unacknowledged: 0, offsets: [{ partition: 3, low: w * 1_200, high: w * 1_210 }] },
    }),
    ...(copies === 0
      ? []
      : [
          finding('duplicated', {
            w,
            ids: Array.from({ length: copies }, (_, n): FoundId => {
              return { id: idOf(500 + n, w, 1), times: 1, copyOf: idOf(500 + n, w) }
            }),
          }),
        ]),
  ]
  return verdict(EDGES.enrich, {
    ...{ w, verdict: 'breached', findings },
    counts: {
      expected,
      delivered: expected - lost - FILTERED - DEAD_LETTERED,
      ...{ lost, filtered: FILTERED, dead_lettered: DEAD_LETTERED, duplicated: copies },
    },
  })
}

function holed(healthy: EdgeVerdict, w: number): EdgeVerdict {
  const { expected } = healthy.counts
  const why = ['partition 2: offsets 74,400–74,499 not watched: its agent was killed']
  const at: HopPassage = { ...passed('store'), passage: 'hole', why }
  return verdict(EDGES.store, {
    ...{ w, verdict: 'indeterminate', to: [at] },
    counts: { expected, delivered: expected - 50, undetermined: 50 },
    findings: [
      finding('undetermined', {
        ...{ w, edge: EDGES.store, count: 50 },
        args: { hop: 'store', why },
      }),
    ],
  })
}

/** 20 edges and 1,440 windows, with incidents all over the day, and one edge that flaps. */
export function hugeReport(): Report {
  const names = Array.from({ length: 21 }, (_, i) => `stage-${String(i).padStart(2, '0')}`)
  const edges = names
    .slice(1)
    .map((name, i) => edge([names[(i >> 1) + (i >> 2)] as string], [name]))
  const pipeline: Pipeline = {
    ...FLIGHTS,
    name: 'logistics',
    edges,
    hops: [...new Map(edges.flatMap((e) => [...e.from, ...e.to]).map((h) => [h.name, h])).values()],
  }
  const random = seeded(11)
  const verdicts = edges.flatMap(({ name }, e) => {
    const bad = new Set<number>()
    for (let i = 0; i < 6; i++) {
      const start = Math.floor(random() * 1_430)
      for (let w = start; w < start + 1 + random() * 9; w++) bad.add(w)
    }
    return traffic(name, 1_440).map((v, w) => {
      const flaps = e === 13 && w % 10 === 0
      const lost = bad.has(w) || flaps ? 1 + Math.floor(random() * 40) : 0
      return { ...(lost === 0 ? v : relabelled(name, lossy(v, w, lost))), pipeline: 'logistics' }
    })
  })
  return reportFrom({
    ...{ pipelines: [pipeline], verdicts },
    now: START + 1_442 * MINUTE,
    instances: Array.from({ length: 24 }, (_, i) =>
      instance(`service-${i}`, { instance: String(i).padStart(32, '0') }),
    ),
    latencies: edges.flatMap(({ to }) =>
      to.map((hop) => ({
        ...{ hop: hop.hop, key: '' as HopLatency['key'], origin: null, oneIn: 1 },
        ...{ fromBirth: new Latencies(), fromHop: new Latencies() },
      })),
    ),
    verdict: 'breached',
    headline: 'Messages were lost on 20 of 20 edges of logistics.',
    objectives: edges.map(({ name }, i) => ({
      ...(flightsObjectives(1_700_000)[0] as ObjectiveAssessment),
      pipeline: 'logistics',
      objective: {
        ...(flightsObjectives(1_700_000)[0] as ObjectiveAssessment).objective,
        id: `no-loss-${i}`,
        scope: { kind: 'edge', edge: name },
      },
    })),
  })
}

const relabelled = (name: string, v: EdgeVerdict): EdgeVerdict => {
  const [from = '', to = ''] = name.split(' → ')
  return {
    ...v,
    edge: name,
    from: [passed(from)],
    to: [passed(to)],
    findings: v.findings.map((f) => ({ ...f, edge: name })),
  }
}

/** Three pipelines: the flights, one that is well, and one of which every 64th message is looked at. */
export function severalReport(): Report {
  const flights = flightsReport()
  const named = (name: string): Pipeline => ({ ...FLIGHTS, name, edges: FLIGHTS.edges.slice(0, 2) })
  const names = named('').edges.map((e) => e.name)
  const lost = Array.from({ length: 3 }, (_, n): FoundId => ({ id: idOf(n, 30), times: 1 }))
  const verdicts = [
    ...names.flatMap((name) => traffic(name, 240, { pipeline: 'billing' })),
    ...names.flatMap((name, e) =>
      Array.from({ length: 240 }, (_, w) => ({
        ...sampledVerdict(name, {
          w,
          oneIn: 64,
          expected: 40,
          lost: e === 1 && w === 30 ? lost : [],
        }),
        pipeline: 'clicks',
      })),
    ),
  ]
  const others = reportFrom({
    ...{ pipelines: [named('billing'), named('clicks')], verdicts, now: START + 241 * MINUTE },
    headline: '',
  })
  return {
    ...flights,
    headline: '2 of 3 pipelines lost messages: 412 of flights, about 192 of clicks.',
    pipelines: [...flights.pipelines, ...others.pipelines],
    hops: [...flights.hops, ...others.hops],
    strips: [...flights.strips, ...others.strips],
    incidents: [...flights.incidents, ...others.incidents],
  }
}

/** Names as nobody gives them. */
interface Hostile {
  readonly script: string
  readonly image: string
  readonly bidi: string
  readonly nul: string
  readonly comment: string
  readonly long: string
  readonly markup: string
  readonly formula: string
}

export const HOSTILE: Hostile = {
  script: '</script><script>document.title="broken"</script>',
  image: '<img src=x onerror="document.title=1">',
  bidi: 'pay\u202egro.elif\u202c',
  nul: 'a\u0000b\u0007\u001b[31m',
  comment: '--><!--<script',
  long: 'x'.repeat(10_240),
  markup: '`|*[a](javascript:alert(1))|`@everyone',
  formula: '=HYPERLINK("http://example.invalid","x")',
}

function hostileShapes(): Shapes {
  const at = { pipeline: HOSTILE.image, topic: HOSTILE.script, schema: HOSTILE.markup }
  const writer = producer({ service: HOSTILE.bidi, client: HOSTILE.long, host: HOSTILE.nul })
  const finding = driftFinding('missing_field', {
    ...{ ...at, path: HOSTILE.comment, hop: HOSTILE.long, hops: [HOSTILE.long, HOSTILE.bidi] },
    producers: [writer],
  })
  const version = versionSeen(3, {
    ...{ ...at, services: [HOSTILE.formula], groups: [HOSTILE.long] },
    changes: [
      { path: HOSTILE.script, change: 'changed', before: HOSTILE.image, after: HOSTILE.comment },
    ],
  })
  return shapesIn(drifted({ pipeline: HOSTILE.image, findings: [finding], versions: [version] }))
}

/** The flights with names, reasons and contacts that want to be more than text. */
export function hostileReport(): Report {
  const [a, b, c] = [HOSTILE.script, HOSTILE.bidi, HOSTILE.long]
  const [d, e] = [HOSTILE.image, HOSTILE.nul]
  const edges = [edge([a], [b]), edge([b], [c, d]), edge([d], [e])]
  const pipeline: Pipeline = {
    ...{ ...FLIGHTS, name: HOSTILE.image, edges },
    owner: { team: HOSTILE.script, contact: HOSTILE.formula },
    hops: [...new Map(edges.flatMap((x) => [...x.from, ...x.to]).map((h) => [h.name, h])).values()],
  }
  const verdicts = edges.flatMap(({ name }) =>
    traffic(name, 12).map((v, w) => {
      const bad = w === 4 || w === 5 ? relabelled(name, lossy(v, w, 3)) : v
      const findings = bad.findings.map((f) => ({
        ...{ ...f, pipeline: HOSTILE.image },
        args: { ...f.args, why: [HOSTILE.comment, HOSTILE.markup] },
      }))
      return { ...bad, findings, pipeline: HOSTILE.image }
    }),
  )
  const base = flightsObjectives(10_000)[0] as ObjectiveAssessment
  return reportFrom({
    ...{ pipelines: [pipeline], verdicts, now: START + 20 * MINUTE, drift: hostileShapes() },
    instances: [instance(HOSTILE.script), instance(HOSTILE.long, { instance: '1'.repeat(32) })],
    gaps: [],
    verdict: 'breached',
    headline: `3 messages were lost on ${HOSTILE.script} ${HOSTILE.long}.`,
    reaches: Object.fromEntries(edges.map(({ name }) => [name, [HOSTILE.image, HOSTILE.bidi]])),
    objectives: [
      {
        ...base,
        pipeline: HOSTILE.image,
        sentence: `Of ${HOSTILE.comment} ${HOSTILE.markup}`,
        reasons: [HOSTILE.script],
        objective: { ...base.objective, id: HOSTILE.script, description: HOSTILE.nul },
      },
    ],
    agreements: [
      {
        ...{ pipeline: HOSTILE.image, verdict: 'breached', objectives: [HOSTILE.script] },
        agreement: {
          consumers: [{ name: HOSTILE.image, contact: HOSTILE.bidi }],
          promises: [HOSTILE.script],
          ...{ driver: null, review: null, consequence: HOSTILE.script },
        },
      },
    ],
  })
}

/** Every message arrived, and not all of them are what was promised. */
const driftedReport = (): Report => ({
  ...healthyReport(),
  ...{ verdict: null, objectives: [], agreements: [], drift: shapesIn() },
})

/** The states of the page, by name. */
export const states: Readonly<Record<string, () => Report>> = {
  empty: emptyReport,
  silent: silentReport,
  healthy: healthyReport,
  flights: flightsReport,
  several: severalReport,
  huge: hugeReport,
  hostile: hostileReport,
  drifted: driftedReport,
}
