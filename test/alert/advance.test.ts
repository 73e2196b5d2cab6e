import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition } from '../../src/alert/condition.ts'
import type { AlertEvent } from '../../src/alert/event.ts'
import { type Told, tell } from '../../src/alert/tell.ts'
import type { AlertingConfig } from '../../src/config/alerting.ts'
import type { AlertRow } from '../../src/store/alerts.ts'
import { alerting, condition } from './build.ts'

const MINUTE = 60_000
const REPEAT_MS = 30 * MINUTE
const RESOLVE_MS = 5 * MINUTE
const ONE = { to: [{ webhook: { url: 'https://a.example' } }] }
const config = alerting({ repeat: '30m', resolveAfter: '5m', routes: [ONE] })

/** The store in small: rows and outbox are changed together, as JSON, so a look is all or nothing. */
class Books {
  rows: AlertRow[] = []
  readonly sent: { readonly at: number; readonly route: string; readonly event: AlertEvent }[] = []
  readonly #alerting: AlertingConfig
  #id = 0

  constructor(of: AlertingConfig = config) {
    this.#alerting = of
  }

  /** What would be stored. */
  look(now: number, conditions: readonly Condition[], isKnown?: (c: Condition) => boolean): Told {
    return tell(this.rows, conditions, {
      ...{ alerting: this.#alerting, now, newId: () => String(this.#id++) },
      ...(isKnown === undefined ? {} : { isKnown }),
    })
  }

  store(now: number, { change }: Told): void {
    const rows = new Map(this.rows.map((row) => [row.key, row]))
    for (const row of change.states ?? []) rows.set(row.key, row)
    for (const key of change.forgotten ?? []) rows.delete(key)
    this.rows = [...rows.values()]
    for (const { route, event } of change.added ?? [])
      this.sent.push({ at: now, route, event: JSON.parse(event) as AlertEvent })
  }

  at(minute: number, ...conditions: readonly Condition[]): string[] {
    const from = this.sent.length
    this.store(minute * MINUTE, this.look(minute * MINUTE, conditions))
    return this.sent.slice(from).map(({ event }) => `${event.status} ${event.severity}`)
  }
}

describe('what goes on', () => {
  it('is told once, again after a while, and resolved once', () => {
    const books = new Books()
    const bad = condition()
    expect(books.at(0, bad)).toEqual(['firing page'])
    expect(books.at(1, bad)).toEqual([])
    expect(books.at(29, bad)).toEqual([])
    expect(books.at(30, bad)).toEqual(['firing page'])
    expect(books.at(31)).toEqual([])
    expect(books.at(35)).toEqual([])
    expect(books.at(36)).toEqual(['resolved page'])
    expect(books.at(90)).toEqual([])
    expect(books.rows).toEqual([])
  })

  it('is told again, and resolved, though the clock was ahead for a while', () => {
    const books = new Books()
    const bad = condition()
    expect(books.at(1_000_000, bad)).toEqual(['firing page'])
    expect(books.at(10, bad)).toEqual([])
    expect(books.at(40, bad)).toEqual(['firing page'])
    expect(books.at(1_000_000)).toEqual([])
    expect(books.at(50)).toEqual([])
    expect(books.at(55)).toEqual(['resolved page'])
  })

  it('is not resolved by a flicker', () => {
    const books = new Books()
    const bad = condition()
    books.at(0, bad)
    expect(books.at(2)).toEqual([])
    expect(books.at(6, bad)).toEqual([])
    expect(books.at(7)).toEqual([])
    expect(books.at(11)).toEqual([])
    expect(books.at(12)).toEqual(['resolved page'])
  })

  it('is told at once when it gets worse, and never again for getting better', () => {
    const books = new Books()
    const [page, ticket] = [condition(), condition({ severity: 'ticket' })]
    expect(books.at(0, ticket)).toEqual(['firing ticket'])
    expect(books.at(1, page)).toEqual(['firing page'])
    expect(books.at(2, ticket)).toEqual([])
    expect(books.at(3, page)).toEqual([])
  })

  it('waits where it may be nothing', () => {
    const books = new Books()
    const bad = condition({ forMs: 3 * MINUTE })
    expect(books.at(0, bad)).toEqual([])
    expect(books.at(2, bad)).toEqual([])
    expect(books.at(3, bad)).toEqual(['firing page'])
    const other = new Books()
    other.at(0, bad)
    other.at(2)
    expect(other.at(3, bad)).toEqual([])
    expect(other.at(6, bad)).toEqual(['firing page'])
  })

  it('stays as it was while nothing is known of it', () => {
    const books = new Books()
    books.at(0, condition())
    const told = books.look(60 * MINUTE, [], () => false)
    expect(told.change).toEqual({ states: [], forgotten: [], added: [] })
  })
})

describe('what happened', () => {
  const lost = (bad: number, until: number): Condition =>
    condition({ isGoingOn: false, tally: { bad, until } })

  it('is told once, and again only when there is more of it', () => {
    const books = new Books()
    expect(books.at(0, lost(2, 10))).toEqual(['firing page'])
    expect(books.at(1, lost(2, 10))).toEqual([])
    expect(books.at(6, lost(2, 10))).toEqual(['resolved page'])
    expect(books.at(60, lost(2, 10))).toEqual([])
    expect(books.at(61, lost(3, 10))).toEqual(['firing page'])
    expect(books.at(62, lost(3, 10))).toEqual([])
  })

  it('is told again for a later window, though older ones were forgotten', () => {
    const books = new Books()
    books.at(0, lost(5, 10))
    books.at(1, lost(5, 10))
    expect(books.at(6, lost(5, 10))).toEqual(['resolved page'])
    expect(books.at(70, lost(2, 10))).toEqual([])
    expect(books.at(71, lost(2, 11))).toEqual(['firing page'])
  })

  it('is one alert while more of it comes', () => {
    const books = new Books()
    expect(books.at(0, lost(1, 1))).toEqual(['firing page'])
    expect(books.at(4, lost(2, 2))).toEqual([])
    expect(books.at(8, lost(3, 3))).toEqual([])
    expect(books.at(9, lost(3, 3))).toEqual([])
    expect(books.at(14, lost(3, 3))).toEqual(['resolved page'])
  })

  it('that counts nothing is nothing', () => {
    expect(new Books().at(0, lost(0, 0))).toEqual([])
  })
})

describe('who was told', () => {
  const [pager, desk] = [
    { match: { severity: 'page' as const }, to: [{ webhook: { url: 'https://pager.example' } }] },
    { to: [{ webhook: { url: 'https://desk.example' } }] },
  ]

  it('hears that it is over, with the severity that was told there', () => {
    const books = new Books(alerting({ routes: [pager, desk], resolveAfter: '5m' }))
    books.at(0, condition({ severity: 'ticket' }))
    books.at(1, condition({ severity: 'page' }))
    books.at(2)
    books.at(7)
    const by = (status: string): string[] =>
      books.sent
        .filter(({ event }) => event.status === status)
        .map(({ route, event }) => `${route.slice(0, 1)} ${event.severity}`)
        .sort()
    expect(by('firing')).toEqual(['0 page', '1 ticket'])
    expect(by('resolved')).toEqual(['0 page', '1 ticket'])
  })

  it('is nobody where no route fits, and then nobody hears that it is over', () => {
    const books = new Books(alerting({ routes: [pager] }))
    expect(books.at(0, condition({ severity: 'ticket' }))).toEqual([])
    expect(books.at(1)).toEqual([])
    expect(books.at(7)).toEqual([])
  })
})

it('begins anew with a state that it cannot read', () => {
  const books = new Books()
  books.rows = [
    { key: 'flights/no-loss', state: '{' },
    { key: 'other', state: '{"phase":"later"}' },
  ]
  expect(books.at(0, condition())).toEqual(['firing page'])
  expect(books.rows.map(({ key }) => key)).toEqual(['flights/no-loss'])
})

/** What is wrong at each look, minutes apart; some looks end before anything is stored. */
const histories = fc.array(
  fc.record({
    minutes: fc.integer({ min: 1, max: 12 }),
    dies: fc.boolean(),
    unknown: fc.boolean(),
    wrong: fc.uniqueArray(
      fc.record({
        key: fc.constantFrom('a', 'b'),
        severity: fc.constantFrom('page' as const, 'ticket' as const),
        isGoingOn: fc.boolean(),
        tally: fc.option(fc.record({ bad: fc.nat(3), until: fc.nat(3) })),
        forMs: fc.constantFrom(0, 4 * MINUTE),
      }),
      { selector: ({ key }) => key },
    ),
  }),
  { maxLength: 40 },
)

describe('over any history, with looks that end before they are stored', () => {
  it('keeps its laws', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const books = new Books()
        let now = 0
        const wellSince = new Map<string, number>()
        const broken: string[] = []
        const open = new Map<string, { at: number; severity: string }>()
        for (const { minutes, dies, unknown, wrong } of history) {
          now += minutes * MINUTE
          const told = books.look(now, unknown ? [] : wrong.map(condition), () => !unknown)
          if (dies) continue
          const from = books.sent.length
          books.store(now, told)
          for (const { event } of books.sent.slice(from)) {
            const before = open.get(event.key)
            if (event.status === 'resolved') {
              if (before === undefined) broken.push('resolved what did not fire')
              if (now - (wellSince.get(event.key) ?? now) < RESOLVE_MS)
                broken.push('resolved too soon')
              open.delete(event.key)
              continue
            }
            const isWorse = before?.severity === 'ticket' && event.severity === 'page'
            if (before !== undefined && !isWorse && now - before.at < REPEAT_MS)
              broken.push('told again too soon')
            if (before?.severity === 'page' && event.severity === 'ticket')
              broken.push('told that it is better')
            open.set(event.key, { at: now, severity: event.severity })
          }
          if (unknown) continue
          for (const key of ['a', 'b']) {
            const is = wrong.find((w) => w.key === key)
            if (is?.isGoingOn) wellSince.delete(key)
            else if (!wellSince.has(key)) wellSince.set(key, now)
            if (is?.isGoingOn && is.forMs === 0 && !open.has(key)) broken.push('never told')
          }
          const firing = books.rows.filter(({ state }) => JSON.parse(state).phase === 'firing')
          if (firing.length !== open.size) broken.push('states and events differ')
        }
        expect(broken).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })
})
