/** Between the store and its receivers, both real: at least once, in order, and no more than is wanted. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Courier, type CourierOptions } from '../../src/alert/courier.ts'
import type { AlertEvent } from '../../src/alert/event.ts'
import { send } from '../../src/alert/send.ts'
import { targetsOf } from '../../src/alert/targets.ts'
import type { AlertsInput } from '../../src/config/alert-schema.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { alerting, event } from './build.ts'
import { type Receiver, receiver, status } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-courier-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
let store: Store
let hook: Receiver
let now = 1_000_000
const told: string[] = []

beforeEach(async () => {
  store = await openSqliteStore(join(folder, `${files++}.db`))
  hook = await receiver()
  now = 1_000_000
  told.length = 0
})
afterEach(async () => {
  await hook.close()
  await store.close()
})

const routesTo = (...urls: readonly string[]): AlertsInput => ({
  routes: [{ to: urls.map((url) => ({ webhook: { url } })) }],
})
const courierOf = (input: AlertsInput, more: Partial<CourierOptions> = {}): Courier =>
  new Courier({
    ...{
      alerting: alerting(input),
      outbox: store,
      env: {},
      send,
      clock: () => now,
      random: () => 0,
    },
    onTrouble: (text) => told.push(text),
    ...more,
  })
const nameOf = (input: AlertsInput, place = 0): string =>
  targetsOf(alerting(input))[place]?.name ?? ''
const put = (route: string, ...events: readonly AlertEvent[]): Promise<void> =>
  store.changeAlerts(
    { added: events.map((e) => ({ route, key: e.key, event: JSON.stringify(e) })) },
    now,
  )
const keysAt = ({ received }: Receiver): string[] =>
  received.map(({ body }) => {
    const { key, status: is } = JSON.parse(body) as AlertEvent
    return `${key} ${is}`
  })
const waiting = async (): Promise<number> =>
  (await store.outbox(Number.MAX_SAFE_INTEGER, 1_000)).length
const emptied = async (courier: Courier): Promise<void> => {
  while ((await courier.round()) > 0);
}

describe('what is in the outbox', () => {
  it('is sent in its order, and is gone then', async () => {
    const input = routesTo(hook.url)
    const end = event({ key: 'a', status: 'resolved' })
    await put(nameOf(input), event({ key: 'a' }), event({ key: 'b' }), end)
    await emptied(courierOf(input))
    expect(keysAt(hook)).toEqual(['a firing', 'b firing', 'a resolved'])
    expect(await waiting()).toBe(0)
    expect(await store.deliveries()).toMatchObject([
      { isDone: true, result: '200', sent: 3, failed: 0 },
    ])
  })

  it('is tried again later, and nothing overtakes it', async () => {
    const input = routesTo(hook.url)
    hook.answer(status(503))
    await put(nameOf(input), event({ key: 'a' }), event({ key: 'a', status: 'resolved' }))
    const courier = courierOf(input)
    await emptied(courier)
    expect(keysAt(hook)).toEqual(['a firing'])
    now += 2_499
    await emptied(courier)
    expect(hook.received).toHaveLength(1)
    hook.answer(status(200))
    now += 1
    await emptied(courier)
    expect(keysAt(hook)).toEqual(['a firing', 'a firing', 'a resolved'])
    const ids = hook.received.map(({ headers }) => headers['x-quipu-delivery'])
    expect(ids[0]).toBe(ids[1])
  })

  it('is not tried one by one at a receiver that has just failed', async () => {
    const input = routesTo(hook.url)
    hook.answer(status(503))
    await put(nameOf(input), event({ key: 'a' }), event({ key: 'b' }))
    const courier = courierOf(input)
    await emptied(courier)
    await emptied(courier)
    expect(keysAt(hook)).toEqual(['a firing'])
  })

  it('waits as long as its receiver asks', async () => {
    const input = routesTo(hook.url)
    hook.answer(status(429, { 'retry-after': '90' }))
    await put(nameOf(input), event())
    const courier = courierOf(input)
    await emptied(courier)
    now += 89_999
    await emptied(courier)
    expect(hook.received).toHaveLength(1)
    now += 1
    await emptied(courier)
    expect(hook.received).toHaveLength(2)
  })

  it('is given up after a day, and that is told', async () => {
    const input = routesTo(hook.url)
    hook.answer(status(500))
    await put(nameOf(input), event())
    const courier = courierOf(input)
    for (let hour = 0; hour <= 24; hour++) {
      await emptied(courier)
      now += 3_600_000
    }
    expect(await waiting()).toBe(0)
    expect(told.at(-1)).toMatch(/given up: 500/)
    expect(await store.deliveries()).toMatchObject([{ isDone: false, dropped: 1 }])
  })

  it('is given up at once where its receiver refuses it as it is, and holds up nothing', async () => {
    const input = routesTo(hook.url)
    hook.answer((response, { body }) =>
      status(body.includes('"bad"') ? 400 : 200)(response, { body } as never),
    )
    await put(nameOf(input), event({ key: 'bad' }), event({ key: 'good' }))
    await emptied(courierOf(input))
    expect(keysAt(hook)).toEqual(['bad firing', 'good firing'])
    expect(await waiting()).toBe(0)
  })

  it('of one receiver that fails holds up no other', async () => {
    const dead = await receiver()
    await dead.close()
    const input = routesTo(dead.url, hook.url)
    await put(nameOf(input, 0), event({ key: 'a' }), event({ key: 'b' }))
    await put(nameOf(input, 1), event({ key: 'a' }), event({ key: 'b' }))
    await emptied(courierOf(input))
    expect(keysAt(hook)).toEqual(['a firing', 'b firing'])
    expect(await waiting()).toBe(2)
  })

  it('of one receiver that fails holds up no other, however much it is', async () => {
    const dead = await receiver()
    await dead.close()
    const input = routesTo(dead.url, hook.url)
    const many = Array.from({ length: 600 }, (_, i) => event({ key: `k${i}`, status: 'resolved' }))
    await put(nameOf(input, 0), ...many)
    await put(nameOf(input, 1), event({ key: 'a' }))
    await emptied(courierOf(input))
    expect(keysAt(hook)).toEqual(['a firing'])
  })

  it('is sent though the clock was ahead when it failed, and was set back since', async () => {
    const input = { ...routesTo(hook.url), perMinute: 2 }
    const alertmanager: AlertsInput = {
      routes: [{ to: [{ alertmanager: { url: `http://127.0.0.1:${hook.port}` } }] }],
    }
    const [courier, other] = [courierOf(input), courierOf(alertmanager)]
    now += 1e10
    await put(nameOf(input), event({ key: 'a' }), event({ key: 'b' }))
    await emptied(courier)
    hook.answer(status(503))
    now += 60_000
    await put(nameOf(input), event({ key: 'c' }), event({ key: 'd' }))
    await emptied(courier)
    await other.remind(() => [event()])
    now -= 1e10
    hook.answer(status(200))
    const before = hook.received.length
    await emptied(courier)
    expect(keysAt(hook).slice(before)).toEqual(['c firing', 'd firing'])
    await other.remind(() => [event()])
    expect(hook.received).toHaveLength(before + 3)
  })

  it('goes to who is named now, where the file was changed', async () => {
    const [old, other] = [routesTo('https://gone.example'), routesTo(hook.url)]
    await put(nameOf(old), event({ key: 'a' }))
    await emptied(courierOf(other))
    expect(keysAt(hook)).toEqual(['a firing'])
    await put(nameOf(old), event({ key: 'b' }))
    await emptied(courierOf({ routes: [] }))
    expect(await waiting()).toBe(0)
    expect(told.at(-1)).toMatch(/alert b: its target .* is no longer in the file/)
  })

  it('waits where a variable is not set, and says which', async () => {
    const input: AlertsInput = { routes: [{ to: [{ webhook: { url: '${HOOK}' } }] }] }
    await put(nameOf(input), event())
    await emptied(courierOf(input))
    expect(told).toEqual([expect.stringMatching(/`HOOK` is not set/)])
    now += 10_000
    await emptied(courierOf(input, { env: { HOOK: hook.url } }))
    expect(hook.received).toHaveLength(1)
  })

  it('keeps the secrets of its target out of the store and of what is said', async () => {
    hook.answer((response, { path, body }) =>
      status(500, {}, `no ${path} ${body}`)(response, {} as never),
    )
    const input: AlertsInput = {
      routes: [{ to: [{ pagerduty: { routingKey: '${KEY}', url: '${HOOK}' } }] }],
    }
    await put(nameOf(input), event())
    const env = { KEY: 'hush-hush', HOOK: hook.url.replace('hook', 'hushhush') }
    await emptied(courierOf(input, { env }))
    expect(hook.received[0]?.body).toContain('hush-hush')
    const kept = JSON.stringify([await store.outbox(1e15, 9), await store.deliveries(), told])
    expect(kept).toMatch(/500: no …/)
    expect(kept).not.toMatch(/hush/)
  })
})

describe('a storm', () => {
  it('becomes a few and one summary; its ends are sent when there is room', async () => {
    const input = { ...routesTo(hook.url), perMinute: 5 }
    const name = nameOf(input)
    await put(name, ...Array.from({ length: 30 }, (_, i) => event({ key: `k${i}` })))
    const courier = courierOf(input)
    await emptied(courier)
    expect(keysAt(hook)).toEqual([
      ...['k0 firing', 'k1 firing', 'k2 firing', 'k3 firing', `summary/${name} firing`],
    ])
    expect(JSON.parse(hook.received[4]?.body ?? '').summary).toMatch(/^26 more alerts at once/)
    await put(
      name,
      ...Array.from({ length: 6 }, (_, i) => event({ key: `k${i}`, status: 'resolved' })),
    )
    await emptied(courier)
    expect(hook.received).toHaveLength(5)
    now += 60_000
    await emptied(courier)
    expect(hook.received).toHaveLength(10)
    now += 60_000
    await emptied(courier)
    expect(hook.received).toHaveLength(11)
    expect(await waiting()).toBe(0)
  })
})

describe('an Alertmanager', () => {
  it('hears again and again of what fires, in one request, and is sent any number', async () => {
    const input: AlertsInput = {
      ...{ perMinute: 1 },
      routes: [{ to: [{ alertmanager: { url: `http://127.0.0.1:${hook.port}` } }] }],
    }
    const courier = courierOf(input)
    const firing = (): AlertEvent[] => [event({ key: 'a' }), event({ key: 'b' })]
    await courier.remind(firing)
    await courier.remind(firing)
    expect(hook.received.map(({ path }) => path)).toEqual(['/api/v2/alerts'])
    expect(JSON.parse(hook.received[0]?.body ?? '')).toHaveLength(2)
    now += 60_000
    await courier.remind(firing)
    expect(hook.received).toHaveLength(2)
    await put(nameOf(input), event({ key: 'a' }), event({ key: 'b' }), event({ key: 'c' }))
    await emptied(courier)
    expect(hook.received).toHaveLength(5)
  })
})
