import { describe, expect, it } from 'vitest'
import type { ShapePlan } from '../../src/drift/shape.ts'
import {
  consumerHop,
  type HopRef,
  producerHop,
  sinkHop,
  streamHop,
  topicHop,
} from '../../src/hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import { DIGESTS_MAX, PLAIN, RATES_MAX, type TallyPlan, tallyPlans } from '../../src/hop/plan.ts'
import { type PreservePart, preserveName, preserveOf } from '../../src/message/digest.ts'
import { declare } from '../support/declare.ts'

const SHOP = producerHop('default', 'orders', 'shop')
const OTHER = producerHop('default', 'orders', 'other')
const ORDERS = topicHop('default', 'orders')
const BILL = consumerHop('default', 'orders', 'bill')
const BILLS = topicHop('default', 'bills')
const BILLER = producerHop('default', 'bills', 'biller')
const STORE = sinkHop('store')

type Extra = Partial<Pick<HopDeclaration, 'oneIn' | 'membership' | 'shape'>>
interface Line {
  readonly hops?: readonly (readonly [HopRef, Extra])[]
  readonly edges: readonly (readonly [
    from: readonly HopRef[],
    to: readonly HopRef[],
    preserve?: PreservePart[],
  ])[]
  readonly thresholdsMs?: readonly number[]
}

/** Hops that a line does not name say nothing special. */
function pipeline({
  hops = [],
  edges,
  thresholdsMs = [],
}: Line): Pick<Pipeline, 'hops' | 'edges' | 'thresholdsMs'> {
  const extras = new Map(hops)
  const of = (hop: HopRef): HopDeclaration => ({ ...declare(hop.role, hop), ...extras.get(hop) })
  const all = new Set([...extras.keys(), ...edges.flatMap(([from, to]) => [...from, ...to])])
  return {
    hops: [...all].map(of),
    edges: edges.map(
      ([from, to, preserve]): EdgeDeclaration => ({
        name: '',
        from: from.map(of),
        to: to.map(of),
        filter: [],
        preserve: preserve === undefined ? null : preserveOf(preserve),
      }),
    ),
    thresholdsMs,
  }
}

const CHAIN: Line['edges'] = [
  [[SHOP], [ORDERS]],
  [[ORDERS], [BILL]],
  [[BILL], [BILLS]],
  [[BILLS], [STORE]],
]

/** `exact 1/64 id+digest(value) 100` */
function words({ exact, oneIn, preserve, membership }: TallyPlan): string {
  return [
    ...(exact ? ['exact'] : []),
    ...oneIn.map((n) => `1/${n}`),
    ...preserve.map(preserveName),
    ...(membership === null ? [] : [membership]),
  ].join(' ')
}

describe('what a hop keeps', () => {
  it('is plain where nothing special is declared, and where nothing is known', () => {
    const planOf = tallyPlans([pipeline({ edges: CHAIN })])
    for (const hop of [SHOP, OTHER, ORDERS, BILL, STORE, streamHop('none')]) {
      expect(planOf(hop)).toEqual(PLAIN)
    }
    expect(tallyPlans([])(SHOP)).toBe(PLAIN)
  })

  it.each<[string, readonly Line[], readonly (readonly [HopRef, string])[]]>([
    [
      'samples, and so do its neighbours beside their exact tallies',
      [{ hops: [[BILL, { oneIn: 64 }]], edges: CHAIN }],
      [
        [SHOP, 'exact'],
        [ORDERS, 'exact 1/64'],
        [BILL, '1/64'],
        [BILLS, 'exact 1/64'],
        // They are added to the balance into `bills` if they are heard.
        [BILLER, 'exact 1/64'],
        [STORE, 'exact'],
      ],
    ],
    [
      'samples at both ends of an edge',
      [
        {
          hops: [
            [ORDERS, { oneIn: 64 }],
            [BILL, { oneIn: 64 }],
          ],
          edges: CHAIN,
        },
      ],
      [
        [SHOP, 'exact 1/64'],
        [OTHER, 'exact 1/64'],
        [ORDERS, '1/64'],
        [BILL, '1/64'],
      ],
    ],
    [
      'stands between edges of unequal rates',
      [
        {
          hops: [
            [SHOP, { oneIn: 8 }],
            [BILL, { oneIn: 64 }],
          ],
          edges: CHAIN,
        },
      ],
      [
        [SHOP, '1/8'],
        [OTHER, 'exact 1/8'],
        [ORDERS, 'exact 1/8 1/64'],
      ],
    ],
    [
      'digests at every hop of the edge, undeclared producers too',
      [{ edges: [[[SHOP], [ORDERS], ['value']], ...CHAIN.slice(1)] }],
      [
        [SHOP, 'exact id+digest(value)'],
        [OTHER, 'exact id+digest(value)'],
        [ORDERS, 'exact id+digest(value)'],
        [BILL, 'exact'],
        [BILLER, 'exact'],
      ],
    ],
    [
      'digests for an edge without declared producers',
      [{ edges: [[[], [ORDERS], ['key']]] }],
      [
        [SHOP, 'exact id+digest(key)'],
        [ORDERS, 'exact id+digest(key)'],
        [producerHop('eu', 'orders', 'shop'), 'exact'],
      ],
    ],
    [
      'digests what another pipeline promises for the topic it sends into',
      [
        { edges: [[[], [ORDERS], ['key']]] },
        { hops: [[SHOP, { oneIn: 2 }]], edges: [[[SHOP], [STORE]]] },
      ],
      [
        [SHOP, '1/2 id+digest(key)'],
        [ORDERS, 'exact id+digest(key)'],
        [STORE, 'exact 1/2'],
      ],
    ],
    [
      'digests what each of its edges promises',
      [
        {
          edges: [
            [[SHOP], [ORDERS], ['value']],
            [[ORDERS], [BILL], ['key']],
            [[ORDERS], [STORE], ['value']],
          ],
        },
      ],
      [
        [SHOP, 'exact id+digest(value)'],
        [ORDERS, 'exact id+digest(key) id+digest(value)'],
        [BILL, 'exact id+digest(key)'],
        [STORE, 'exact id+digest(value)'],
      ],
    ],
    [
      'keeps a filter where that is declared',
      [{ hops: [[BILL, { membership: 100 }]], edges: CHAIN }],
      [
        [BILL, 'exact 100'],
        [ORDERS, 'exact'],
      ],
    ],
    [
      'keeps what all its pipelines need',
      [
        { hops: [[ORDERS, { oneIn: 64, membership: 5 }]], edges: [[[SHOP], [ORDERS]]] },
        { hops: [[ORDERS, { membership: 7 }]], edges: [[[ORDERS], [BILL], ['value']]] },
      ],
      [
        [SHOP, 'exact 1/64'],
        [ORDERS, 'exact 1/64 id+digest(value) 7'],
        [BILL, 'exact id+digest(value)'],
      ],
    ],
    [
      'is sampled in all its pipelines',
      [
        { hops: [[ORDERS, { oneIn: 64 }]], edges: [[[ORDERS], [BILL]]] },
        { hops: [[ORDERS, { oneIn: 8 }]], edges: [[[ORDERS], [STORE]]] },
      ],
      [
        [ORDERS, '1/8 1/64'],
        [BILL, 'exact 1/64'],
        [STORE, 'exact 1/8'],
      ],
    ],
  ])('%s', (_, lines, expected) => {
    const planOf = tallyPlans(lines.map(pipeline))
    expect(expected.map(([hop]) => [hop, words(planOf({ ...hop }))])).toEqual(expected)
  })

  it('counts the thresholds of all pipelines, at every hop', () => {
    const planOf = tallyPlans([
      pipeline({ edges: CHAIN, thresholdsMs: [1_000, 60_000] }),
      pipeline({ edges: [], thresholdsMs: [500, 1_000] }),
    ])
    for (const hop of [SHOP, STORE, streamHop('none')]) {
      expect(planOf(hop).thresholdsMs).toEqual([500, 1_000, 60_000])
    }
  })

  it('is the same wherever it is asked for: the order of the file does not matter', () => {
    const lines: Line[] = [
      { hops: [[ORDERS, { oneIn: 64 }]], edges: [[[SHOP], [ORDERS], ['value']]] },
      {
        edges: [
          [[ORDERS], [BILL], ['key']],
          [[BILL], [BILLS]],
        ],
      },
    ]
    const [one, other] = [lines, [...lines].reverse()].map((l) => tallyPlans(l.map(pipeline)))
    for (const hop of [SHOP, OTHER, ORDERS, BILL, BILLS, BILLER]) {
      expect(one?.(hop)).toEqual(other?.(hop))
    }
  })

  it('has a limit', () => {
    const many = Array.from({ length: 20 }, (_, i) => sinkHop(`s${i}`))
    const planOf = tallyPlans([
      pipeline({
        hops: many.map((sink, i) => [sink, { oneIn: i + 2 }] as const),
        edges: many.map((sink, i) => [[ORDERS], [sink], [{ headers: [`h${i}`] }]] as const),
      }),
    ])
    expect(planOf(ORDERS).oneIn).toHaveLength(RATES_MAX)
    expect(planOf(ORDERS).preserve).toHaveLength(DIGESTS_MAX)
  })
})

describe('what messages of a topic are held against', () => {
  const OBSERVED: ShapePlan = {
    ...{ oneIn: 64, framing: null, format: null, file: null, message: null, subject: null },
    ...{ versions: null, registry: null, values: false },
  }
  const READ = consumerHop('default', 'orders', 'unknown')

  it('is the same at each hop where they are seen', () => {
    const planOf = tallyPlans([pipeline({ hops: [[ORDERS, { shape: OBSERVED }]], edges: CHAIN })])
    for (const hop of [SHOP, OTHER, ORDERS, BILL]) expect(planOf(hop).shape).toBe(OBSERVED)
    for (const hop of [BILLER, BILLS, STORE, READ]) expect(planOf(hop).shape).toBeNull()
  })

  it('is so without any edge, and on its own cluster only', () => {
    const thresholdsMs = [1_000]
    const planOf = tallyPlans([
      pipeline({ hops: [[ORDERS, { shape: OBSERVED }]], edges: [], thresholdsMs }),
    ])
    expect(planOf(OTHER)).toEqual({ ...PLAIN, thresholdsMs, shape: OBSERVED })
    expect(planOf(producerHop('eu', 'orders', 'shop')).shape).toBeNull()
    expect(planOf(topicHop('eu', 'orders')).shape).toBeNull()
  })

  it('is what the first of several pipelines says', () => {
    const other = { ...OBSERVED, oneIn: 8 }
    const planOf = tallyPlans([
      pipeline({ edges: CHAIN }),
      pipeline({ hops: [[ORDERS, { shape: other }]], edges: [] }),
      pipeline({ hops: [[ORDERS, { shape: OBSERVED }]], edges: CHAIN }),
    ])
    for (const hop of [SHOP, OTHER, ORDERS, BILL]) expect(planOf(hop).shape).toBe(other)
  })
})
