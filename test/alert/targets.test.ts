import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capped, type Due, summaryEvent } from '../../src/alert/cap.ts'
import { masked } from '../../src/alert/mask.ts'
import { GIVE_UP_MS, retryAt } from '../../src/alert/retry.ts'
import { targetsFor, targetsOf, withSecrets } from '../../src/alert/targets.ts'
import type { AlertsInput, MatchInput } from '../../src/config/alert-schema.ts'
import { alerting, event } from './build.ts'

const to = (host: string) => [{ webhook: { url: `https://${host}.example` } }]
const route = (host: string, match?: MatchInput, more: { continue?: boolean } = {}) => ({
  ...{ to: to(host), ...more },
  ...(match === undefined ? {} : { match }),
})

describe('routes', () => {
  const hosts = (routes: NonNullable<AlertsInput['routes']>, of = event()): string[] =>
    targetsFor(alerting({ routes }), of).map(
      ({ target }) => new URL(target.url).hostname.split('.')[0] ?? '',
    )

  it('are tried in their order, and the first that fits decides', () => {
    const routes = [
      route('a', { severity: 'ticket' }),
      route('b', { severity: 'page' }),
      route('c'),
    ]
    expect(hosts(routes)).toEqual(['b'])
    expect(hosts(routes, event({ severity: 'ticket' }))).toEqual(['a'])
    expect(hosts([route('a', { pipeline: 'other' })])).toEqual([])
  })

  it('go on where they say so', () => {
    expect(hosts([route('a', {}, { continue: true }), route('b')])).toEqual(['a', 'b'])
  })

  it.each<[MatchInput, boolean]>([
    [{ severity: 'page', pipeline: 'flights', kind: 'objective', objective: 'no-loss' }, true],
    [{ severity: 'page', pipeline: 'flights', kind: 'drift' }, false],
    [{ objective: 'other' }, false],
    [{ edge: 'flights → enrich' }, true],
    [{ edge: 'flights -> enrich' }, true],
    [{ edge: 'flights..enrich' }, true],
    [{ edge: 'flights → other' }, false],
  ])('%j fits: %s', (match, fits) => {
    expect(hosts([route('a', match)], event({ edge: 'flights → enrich' }))).toEqual(
      fits ? ['a'] : [],
    )
  })
})

describe('the name of a target', () => {
  const nameOf = (secret: string): string =>
    targetsOf(alerting({ routes: [{ to: [{ webhook: { url: '${HOOK}', secret } }] }] }))[0]?.name ??
    ''

  it('changes with what the file says, not with what variables hold', () => {
    expect(nameOf('${A}')).toMatch(/^0\.0-webhook-[0-9a-f]{8}$/)
    expect(nameOf('${A}')).not.toBe(nameOf('${B}'))
  })
})

describe('secrets', () => {
  const config = alerting({
    routes: [
      {
        to: [
          { webhook: { url: '${HOOK}', secret: '${SECRET}' } },
          { pagerduty: { routingKey: '${KEY}', url: 'https://pd.example' } },
        ],
      },
    ],
  })
  const env = { HOOK: 'https://a.example/T0/hush-hush?x=hushhush', SECRET: 'hush1', KEY: 'hush2' }
  const targets = targetsOf(config)

  it('are put in from the environment', () => {
    expect(targets.map((t) => withSecrets(t, env))).toMatchObject([
      { url: env.HOOK, secret: 'hush1' },
      { routingKey: 'hush2' },
    ])
  })

  it.each<Record<string, string>>([{}, { HOOK: '' }, { HOOK: 'hush-hush', SECRET: 'hush1' }])(
    'that are missing or none are told by name, never by value: %j',
    (some) => {
      const put = (): unknown => withSecrets(targets[0] as (typeof targets)[0], some)
      expect(put).toThrow(/0\.0-webhook/)
      expect(put).not.toThrow(/hush/)
    },
  )

  it('that a receiver repeats are taken out', () => {
    const said = `no ${env.HOOK} at /T0/hush-hush with hush1, key hush2`
    const [hook, pager] = targets.map((t) => masked(said, t.target, withSecrets(t, env)))
    expect(hook).toBe('no … at /T0/… with …, key hush2')
    expect(pager).toContain('key …')
  })

  it('are taken out also where an answer has a part of them, or writes them in another way', () => {
    const input = { webhook: { url: '${HOOK}' } }
    const [named] = targetsOf(alerting({ routes: [{ to: [input] }] }))
    const url = 'https://u5er:pa%2Fss@relay.example/hook/t0%22ken?key=s3cr3t&is=on'
    const target = named as NonNullable<typeof named>
    const said = (text: string): string =>
      masked(text, target.target, withSecrets(target, { HOOK: url }))
    expect(said('403: no user u5er')).toBe('403: no user …')
    expect(said('403: no password pa/ss')).toBe('403: no password …')
    expect(said('403: key s3cr3t is old')).toBe('403: key … is old')
    expect(said('{"path":"t0\\"ken"}')).toBe('{"path":"…"}')
    // The 200th character stands in the middle of it.
    expect(said('404: nothing at t0%22k')).toBe('404: nothing at …')
    expect(said('404: key s3cr')).toBe('404: key …')
    expect(said('404: nothing here')).toBe('404: nothing here')
  })
})

describe('trying again', () => {
  const failure = {
    attempts: 1,
    madeAt: 0,
    now: 0,
    isLasting: false,
    retryAfterMs: null,
    random: 0,
  }

  it('waits longer each time, by chance a half more, and ten minutes at most', () => {
    expect(retryAt(failure)).toBe(2_500)
    expect(retryAt({ ...failure, random: 0.999 })).toBeCloseTo(4_998, -1)
    expect(retryAt({ ...failure, attempts: 3 })).toBe(10_000)
    expect(retryAt({ ...failure, attempts: 1_000 })).toBe(300_000)
  })

  it('is at a whole ms, whatever chance says', () => {
    expect(retryAt({ ...failure, random: 0.123_456_789 })).toBe(2_809)
  })

  it('does as it is asked, for an hour at most', () => {
    expect(retryAt({ ...failure, retryAfterMs: 60_000 })).toBe(60_000)
    expect(retryAt({ ...failure, retryAfterMs: 1e12 })).toBe(3_600_000)
    expect(retryAt({ ...failure, retryAfterMs: 1 })).toBe(2_500)
  })

  it('ends after a day, and at once where the same would be refused', () => {
    expect(retryAt({ ...failure, now: GIVE_UP_MS - 1 })).toBe(GIVE_UP_MS)
    expect(retryAt({ ...failure, now: GIVE_UP_MS })).toBeNull()
    expect(retryAt({ ...failure, isLasting: true })).toBeNull()
  })
})

describe('what is due at once', () => {
  const due = fc
    .array(fc.record({ status: fc.constantFrom('firing' as const, 'resolved' as const) }), {
      maxLength: 40,
    })
    .map((list) =>
      list.map(
        ({ status }, number): Due => ({ number, event: event({ status, key: `k${number}` }) }),
      ),
    )

  it('is sent, folded or waits; never more than allowed, and no end is folded', () => {
    fc.assert(
      fc.property(due, fc.integer({ min: -3, max: 45 }), (all, allowed) => {
        const { now, folded } = capped(all, allowed)
        expect(now.length + Math.min(folded.length, 1)).toBeLessThanOrEqual(Math.max(0, allowed))
        const numbers = [...now, ...folded].map(({ number }) => number)
        expect(new Set(numbers).size).toBe(numbers.length)
        expect(folded.every((one) => one.event.status === 'firing')).toBe(true)
        expect(folded.length).not.toBe(1)
        if (all.length <= allowed) expect(now).toEqual(all)
      }),
    )
  })

  it('and is too much becomes one summary that names the worst first', () => {
    const events = [
      event({ key: 'a', severity: 'ticket', summary: 'A' }),
      event({ key: 'b', severity: 'page', summary: 'B' }),
    ]
    const at = '2026-11-23T01:00:00.000Z'
    expect(summaryEvent(events, { route: 'r', id: 'i', at, flags: ' --store x' })).toMatchObject({
      ...{ kind: 'summary', severity: 'page', key: 'summary/r', startsAt: at },
      next: 'quipu alert status --store x',
      summary: '2 more alerts at once, first of all: B',
      facts: [
        { label: 'b', value: 'B' },
        { label: 'a', value: 'A' },
      ],
    })
  })
})
