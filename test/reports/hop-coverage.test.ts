import { expect, it } from 'vitest'
import { renderHopCoverage } from '../../reports/hop-coverage.ts'
import { columnsOf } from '../../reports/lines.ts'
import type { InstanceState } from '../../src/hop/evidence.ts'
import { hopKey } from '../../src/hop/hop.ts'
import type { HopDeclaration } from '../../src/hop/pipeline.ts'
import { type HopCoverageInput, summarizeHops } from '../../src/objective/hop-coverage.ts'
import { badRun, FLIGHTS, goodRun, instance, NOW, START } from './build.ts'

const hopNamed = (name: string) => (FLIGHTS.hops.find((h) => h.name === name) as HopDeclaration).hop

const speakersOf = (names: readonly string[], parts: Partial<InstanceState> = {}) =>
  names.map((name) => instance(name, { hops: [hopKey(hopNamed(name))], ...parts }))

const ALL = FLIGHTS.hops.map(({ name }) => name)

const ASKED = { since: START }

const input = (parts: Partial<HopCoverageInput>): HopCoverageInput => ({
  ...{ pipelines: [FLIGHTS], verdicts: goodRun(), coverage: [], gaps: [], now: NOW, since: START },
  instances: speakersOf(ALL),
  ...parts,
})

it('every hop with its windows, offsets and agents, and what is missing', () => {
  const enrich = hopNamed('enrich')
  const text = renderHopCoverage(
    summarizeHops(
      input({
        verdicts: badRun(),
        coverage: [
          {
            key: hopKey(enrich),
            hop: enrich,
            partitions: new Map(),
            spans: new Map([
              [
                0,
                [
                  { from: 5, to: 900, firstAt: START, lastAt: START + 9_000 },
                  { from: 901, to: 1_200, firstAt: START + 11_000, lastAt: NOW },
                ],
              ],
              [
                1,
                [
                  { from: 0, to: 7, firstAt: 0, lastAt: 0 },
                  { from: 9, to: 12, firstAt: 0, lastAt: 0 },
                  { from: 20, to: 21, firstAt: START - 5, lastAt: START - 5 },
                ],
              ],
            ]),
          },
        ],
        instances: [
          ...speakersOf(['checkin'], {
            seals: [{ hop: hopNamed('checkin'), sealedUntil: START, open: [], number: 3 }],
          }),
          ...speakersOf(['enrich'], {
            seen: [
              [0, 3],
              [4, 9],
            ],
          }),
          ...speakersOf(['enriched'], { lastHeardAt: START }),
          ...speakersOf(['flights', 'store'], { goodbye: 11 }),
        ],
        gaps: [
          {
            ...{ key: hopKey(enrich), reason: 'tallies-full', count: 1_200 },
            ...{ fromWindow: START, toWindow: START },
          },
        ],
      }),
    ),
    ASKED,
  )
  expect(text).toMatchInlineSnapshot(`
    "flights
      ✓ checkin (service checkin into flights): seen whole
          windows: 3 passed; passed until 2026-11-23 01:03:00Z
          agent checkin (00000000): live, last heard 2026-11-23 01:09:58Z, 12 frames, sealed until
            2026-11-23 01:00:00Z
      ✓ flights (topic flights): seen whole
          windows: 3 passed; passed until 2026-11-23 01:03:00Z
          agent flights (00000000): said goodbye, last heard 2026-11-23 01:09:58Z, 12 frames
      ! enrich (group enrich on flights): evidence is missing since 2026-11-23 01:00:09Z
          windows: 3 passed; passed until 2026-11-23 01:03:00Z
          partition 0: offsets 5–1199 watched, 1,194 of them, until 2026-11-23 01:10:00Z
          partition 1: offsets 0–20 watched, 11 of them, until 2026-11-23 00:59:59.995Z
          partition 0: offset 900 not watched from 2026-11-23 01:00:09Z until 2026-11-23 01:00:11Z
          partition 1: offsets 7–8 not watched; nobody knows when
          1 hole at other times
          evidence given up: tallies-full (1,200)
          agent enrich (00000000): live, last heard 2026-11-23 01:09:58Z, 8 frames, 1 missing
      ! enriched (topic flights.enriched): its agent is silent since 2026-11-23 01:00:00Z
          windows: 3 passed; passed until 2026-11-23 01:03:00Z
          agent enriched (00000000): silent, last heard 2026-11-23 01:00:00Z, 12 frames
      ? dlq (topic flights.dlq): no agent has reported
          windows: 3 passed; passed until 2026-11-23 01:03:00Z
      ! store (sink warehouse): behind since 2026-11-23 01:02:00Z
          windows: 2 passed, 1 behind; passed until 2026-11-23 01:02:00Z
          partition 2 at 1,204 of 1,300
          1 window behind: 2026-11-23 01:02:00Z – 01:03:00Z
          agent store (00000000): said goodbye, last heard 2026-11-23 01:09:58Z, 12 frames
    Windows and holes since 2026-11-23 01:00:00Z; --since shows others.
    Not seen whole: 4 of 6 hops.
    "
  `)
})

it('says so where all is seen, and where there is nothing to see', () => {
  expect(renderHopCoverage(summarizeHops(input({})), ASKED)).toMatch(/\nAll seen whole\.\n$/)
  expect(renderHopCoverage([], ASKED)).toBe('Nothing has been audited into this store.\n')
})

it('shows the first five of many, and fits the terminal', () => {
  const many = Array.from({ length: 300 }, (_, n) =>
    speakersOf(['checkin'], {
      instance: n.toString(16).padStart(32, '0'),
      service: 'a-service-of-a-name-that-nobody-can-read-aloud-in-one-breath-or-in-two'.repeat(2),
      lastHeardAt: START + n,
    }),
  ).flat()
  const text = renderHopCoverage(summarizeHops(input({ instances: many })), ASKED)
  expect(text.match(/^ +agent\b/gm)).toHaveLength(5)
  expect(text).toContain('… and 295 more')
  expect(Math.max(...text.split('\n').map(columnsOf))).toBeLessThanOrEqual(100)
})

it('a name cannot steer the terminal', () => {
  const instances = speakersOf(['checkin'], { service: 'x\u001b[2J' })
  expect(renderHopCoverage(summarizeHops(input({ instances })), ASKED)).not.toContain('\u001b')
})

it('windows of another time are not denied', () => {
  const since = START + 86_400_000
  const text = renderHopCoverage(summarizeHops(input({ verdicts: [], since })), { since })
  expect(text).toContain('no window of this time has been judged')
  expect(text).toContain('no window in this time')
  expect(text).toContain('; --since shows others.')
})
