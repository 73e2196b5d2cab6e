/** `quipu trace` on a real broker: each flaw is made, and the message that it befell is followed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audited, flushAll, forward } from '../../agents/kafkajs.ts'
import { gatherTrace } from '../../src/cli/trace-gather.ts'
import { type Looker, lookersOf } from '../../src/cli/trace-logs.ts'
import { scopeOf } from '../../src/cli/trace-scope.ts'
import type { Trace, TraceStep } from '../../src/diagnose/trace.ts'
import { targetOf } from '../../src/diagnose/trace-target.ts'
import { uuidOfHex } from '../../src/message/id.ts'
import { PIPELINES_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { type Books, openBooks, pastMoment, settle, withFile } from '../support/books.ts'
import { writing } from '../support/faulty-clients.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers } from '../support/kafka.ts'
import { quipu } from '../support/quipu.ts'
import type { Stamps } from '../support/stamps.ts'
import { type Line, lineText, makeLine, readLine, sendLine } from '../support/straight-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-trace-'))
const COUNT = 40
const REFUNDS = ['r-1', 'r-2', 'r-3']
const [UNWRITTEN, TWICE, SOUGHT, KEPT_BACK, CHANGED, FINE] = ['5', '6', '11', '20', '21', '30']

let orders: Line
let paid: Line
let refunds: Line
let books: Books
let stamps: Stamps
let store: Store
let lookers: ReadonlyMap<string, Looker>

const idOf = (key: string | undefined): string => uuidOfHex(stamps.get(key ?? '') ?? '')

function serviceOf(service: string, clock: () => number = Date.now): Kafka {
  const byKey = { identity: { by: 'key' } } as const
  return withFile(books, () =>
    audited(kafkaClient(), {
      ...{ service, clock, flushMs: 500, audit: { topic: books.auditTopic } },
      identity: { [refunds.topic]: byKey },
    }),
  )
}

/** Messages whose key is all the id they have, and a group that reads them. */
async function refund(birth: number): Promise<void> {
  const [producer, consumer] = [
    serviceOf('shop').producer(),
    serviceOf('ship').consumer({ groupId: refunds.group, maxWaitTimeInMs: 100 }),
  ]
  let handled = 0
  await producer.connect()
  await consumer.connect()
  const messages = REFUNDS.map((key) => ({ key, value: 'back', timestamp: String(birth) }))
  await producer.send({ topic: refunds.topic, messages })
  await consumer.subscribe({ topic: refunds.topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async () => {
      handled++
    },
  })
  for (let look = 0; handled < REFUNDS.length && look < 1_200; look++) await sleep(50)
  await flushAll()
  await consumer.disconnect()
  await producer.disconnect()
}

/** Passes on what it reads: all but one, one of them changed; and seeks beyond one. */
async function pay(): Promise<void> {
  const service = serviceOf('pay')
  const producer = service.producer()
  const consumer = service.consumer({ groupId: orders.group, maxWaitTimeInMs: 100 })
  let handled = 0
  await producer.connect()
  await consumer.connect()
  await consumer.subscribe({ topic: orders.topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const key = String(message.key)
      const value = key === CHANGED ? 'changed' : message.value
      if (key !== KEPT_BACK)
        await producer.send({
          topic: paid.topic,
          messages: [forward(message, { key, value, headers: traced(key) })],
        })
      handled++
      if (key === '10')
        consumer.seek({ topic, partition, offset: String(Number(message.offset) + 2) })
    },
  })
  for (let look = 0; handled < COUNT - 1 && look < 1_200; look++) await sleep(50)
  await flushAll()
  await consumer.disconnect()
  await producer.disconnect()
}

const SPAN = 'cd'.repeat(8)
const traceIdOf = (key: string | undefined): string => Number(key).toString(16).padStart(32, 'a')
const traced = (key: string): { traceparent: string } => ({
  traceparent: `00-${traceIdOf(key)}-${SPAN}-01`,
})

beforeAll(async () => {
  const [first, other] = [await makeLine({ partitions: 1 }), await makeLine()]
  const next = await createTopic({ prefix: 'paid', partitions: 2 })
  ;[orders, refunds, paid] = [first, other, { topic: next, group: groupName('send') }]
  const pipelines = `  paying:
    owner: { team: payments }
    hops:
      shop: { producer: ${orders.topic}, service: shop }
      orders: { topic: ${orders.topic} }
      pay: { consumer: ${orders.topic}, group: ${orders.group} }
      paid: { topic: ${paid.topic} }
      ship: { consumer: ${paid.topic}, group: ${paid.group} }
    edges:
      - { from: shop, to: orders }
      - { from: orders, to: pay }
      - { from: pay, to: paid, preserve: [value] }
      - { from: paid, to: ship }
${lineText('refunds', refunds, ', identity: key, membership: true')}`
  books = await openBooks({ folder, name: 'way', pipelines })
  const birth = pastMoment()
  const clock = (): number => birth
  const faulty = writing(kafkaClient(), (key) => (key === UNWRITTEN ? 0 : key === TWICE ? 2 : 1))
  stamps = await sendLine(books, orders, { count: COUNT, clock, kafka: faulty })
  await Promise.all([pay(), refund(birth)])
  await readLine(books, paid, { count: COUNT - 2 })
  await settle(books)
  store = await openSqliteStore(books.store, { readOnly: true })
  lookers = await lookersOf(scopeOf({ config: books.file }, []).clusters)
})

afterAll(async () => {
  await Promise.all([...lookers.values()].map((looker) => looker.close()))
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

interface How {
  readonly foreign?: boolean
  readonly store?: Store | null
  readonly lookers?: ReadonlyMap<string, Looker>
  /** ms: births, where no filter tells them. */
  readonly since?: number
}

async function trace(asked: string, how: How = {}): Promise<Trace> {
  const audited = (await store.fact(PIPELINES_FACT)) as Parameters<typeof scopeOf>[1]
  const now = Date.now()
  return gatherTrace({
    ...{ asked, target: targetOf(asked, how.foreign), noStore: 'no store', noLog: 'no log' },
    ...{
      pipelines: audited,
      now,
      since: how.since ?? now - 3_600_000,
      until: now,
      timeoutMs: 20_000,
    },
    store: how.store === undefined ? store : how.store,
    lookers: how.lookers ?? lookers,
  })
}

/** What each edge says, with the findings that name it; and in how many places it lies. */
function said({ ways }: Trace): Record<string, string> {
  const steps = ways.flatMap((way) => way.steps)
  return Object.fromEntries([
    ...steps.flatMap(({ edges }) =>
      edges.map(({ edge, says, findings }) => [
        edge,
        [says, ...findings.map(({ code }) => code)].join(' '),
      ]),
    ),
    ...steps.flatMap(({ hop, role, places }) =>
      role === 'topic' ? [[hop, `${places.length} places`]] : [],
    ),
  ])
}

const stepOf = ({ ways }: Trace, hop: string): TraceStep => {
  const found = ways.flatMap(({ steps }) => steps).find((step) => step.hop === hop)
  if (found === undefined) throw new Error(`no step ${hop}`)
  return found
}

describe('a message that', () => {
  it('came through is fine, with its places, times, commits, trace and who made it', async () => {
    const found = await trace(idOf(FINE))
    expect(found.state).toBe('fine')
    expect(said(found)).toEqual({
      ...{ 'shop → orders': 'passed', 'orders → pay': 'passed' },
      ...{ 'pay → paid': 'passed', 'paid → ship': 'passed' },
      ...{ orders: '1 places', paid: '1 places' },
    })
    expect(found.minted).toMatchObject({
      service: 'shop',
      client: expect.stringMatching(/kafkajs/),
    })
    const [place] = stepOf(found, 'orders').places
    expect(place).toMatchObject({ partition: 0, offset: 29, id: idOf(FINE), traceId: '' })
    const there = stepOf(found, 'paid')
    expect(there.places[0]).toMatchObject({ traceId: traceIdOf(FINE), spanId: SPAN })
    expect(there.content).toEqual({ comparedWith: 'orders', same: ['key', 'value'], differs: [] })
    expect(stepOf(found, 'pay').commits).toEqual([{ partition: 0, offset: 29, committed: 40 }])
    expect(stepOf(found, 'ship').commits[0]?.committed).toBeGreaterThan(0)
    expect(stepOf(found, 'ship').typical?.count).toBeGreaterThan(0)
    expect(found.ways[0]?.owner).toEqual({ team: 'payments' })
    expect([found.mishaps, found.unknown]).toEqual([[], []])
  })

  it('the client never wrote is lost before the log, which holds it nowhere', async () => {
    const found = await trace(idOf(UNWRITTEN))
    expect(found.state).toBe('wrong')
    expect(said(found)).toEqual({
      ...{ 'shop → orders': 'wrong lost', 'orders → pay': 'not_reached' },
      ...{ 'pay → paid': 'not_reached', 'paid → ship': 'not_reached' },
      ...{ orders: '0 places', paid: '0 places' },
    })
    expect(stepOf(found, 'orders').searched).toMatchObject({ isComplete: true, why: [] })
  })

  it('was sought beyond lies in the topic, and is lost at the group', async () => {
    const found = await trace(idOf(SOUGHT))
    expect(found.state).toBe('wrong')
    expect(said(found)).toEqual({
      ...{ 'shop → orders': 'passed', 'orders → pay': 'wrong lost' },
      ...{ 'pay → paid': 'not_reached', 'paid → ship': 'not_reached' },
      ...{ orders: '1 places', paid: '0 places' },
    })
    expect(found.mishaps.map(({ kind, detail }) => `${kind} ${detail}`)).toEqual(['sought forward'])
  })

  it('the service kept to itself is lost between two topics', async () => {
    const found = await trace(idOf(KEPT_BACK))
    expect(said(found)).toEqual({
      ...{ 'shop → orders': 'passed', 'orders → pay': 'passed' },
      ...{ 'pay → paid': 'wrong lost', 'paid → ship': 'not_reached' },
      ...{ orders: '1 places', paid: '0 places' },
    })
  })

  it('was written twice lies at both places', async () => {
    const found = await trace(idOf(TWICE))
    expect(found.state).toBe('wrong')
    expect(said(found)).toMatchObject({ 'shop → orders': 'wrong duplicated', orders: '2 places' })
    expect(stepOf(found, 'orders').places.map(({ offset }) => offset)).toEqual([5, 39])
  })

  it('was changed on the way is named altered, and the log shows in what', async () => {
    const found = await trace(idOf(CHANGED))
    expect(said(found)).toMatchObject({ 'pay → paid': 'wrong altered', paid: '1 places' })
    const { content } = stepOf(found, 'paid')
    expect(content).toEqual({ comparedWith: 'orders', same: ['key'], differs: ['value'] })
  })

  it('we gave no id is found by its own, whose birth only the filters know', async () => {
    const found = await trace('r-2', { since: Date.now() })
    expect([found.id?.[14], found.state, found.unknown]).toEqual(['8', 'fine', []])
    expect(said(found)).toEqual({
      ...{ 'shop → orders': 'passed', 'orders → ship': 'passed', orders: '1 places' },
    })
    const none = await trace('no such order', { foreign: true })
    expect([none.id, none.state]).toEqual([null, 'unknown'])
    expect(none.unknown).toEqual([expect.stringContaining('no message that carries it was found')])
  })

  it('is known by its place is followed by its id', async () => {
    const found = await trace(`${orders.topic}:0:29`)
    expect([found.id, found.state]).toEqual([idOf(FINE), 'fine'])
    const beyond = await trace(`${orders.topic}:0:4000`)
    expect([beyond.id, beyond.state, beyond.unknown]).toEqual([
      ...[null, 'unknown'],
      [expect.stringContaining(`is not written yet, or not committed: the log holds 0 to`)],
    ])
    const other = await trace(`${orders.topic}:7:0`)
    expect([other.id, other.unknown]).toEqual([
      null,
      [expect.stringContaining('has no partition 7: it has 1 partition, numbered from 0')],
    ])
  })

  it('nobody knows is neither accused nor cleared', async () => {
    const other = idOf(FINE).replace(/.{12}$/, 'fffffffffc00')
    const found = await trace(other)
    expect(found.state).toBe('unknown')
    expect(new Set(Object.values(said(found)))).toEqual(new Set(['unknown', '0 places']))
    expect(found.unknown).toContain('nothing is known of it')
  })
})

describe('without', () => {
  it('brokers it is told what was judged, and that no log was searched', async () => {
    const found = await trace(idOf(KEPT_BACK), { lookers: new Map() })
    expect([found.state, found.unknown]).toEqual(['wrong', ['no log']])
    expect(said(found)).toMatchObject({ 'pay → paid': 'wrong lost', 'orders → pay': 'passed' })
    expect(stepOf(found, 'orders').searched).toBeNull()
  })

  it('a store it is told where it lies, and which groups have committed past it', async () => {
    const found = await trace(idOf(FINE), { store: null })
    expect(found.state).toBe('fine')
    expect(said(found)).toMatchObject({
      ...{ 'shop → orders': 'passed', 'orders → pay': 'committed' },
      ...{ 'pay → paid': 'passed', 'paid → ship': 'committed' },
    })
    const missing = await trace(idOf(KEPT_BACK), { store: null })
    expect([missing.state, said(missing)['pay → paid']]).toEqual(['unknown', 'unjudged'])
    expect(missing.unknown).toEqual(['no store'])
  })
})

describe('the command', () => {
  const run = (...args: string[]): ReturnType<typeof quipu> => quipu(['trace', ...args], folder)
  const flags = (): string[] => ['--config', books.file, '--store', books.store]

  it('draws the way on 80 columns, with links, and never the contents', async () => {
    const url = 'https://jaeger.example/trace/{traceId}'
    const { code, stdout, stderr } = await run(idOf(CHANGED), ...flags(), '--trace-url', url)
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout).toContain(`trace https://jaeger.example/trace/${traceIdOf(CHANGED)}`)
    expect(stdout).toContain('✗ pay → paid  altered')
    expect(stdout).toContain('beside orders: value not the same; key the same')
    expect(stdout).not.toContain('changed')
    // A command stays on one line, to be copied.
    const words = stdout.split('\n').filter((line) => !line.startsWith('Next: '))
    expect(words.filter((line) => line.length > 80)).toEqual([])
    expect(stdout).toMatch(/^Next: quipu explain 'pay -> paid@\S+' --store \S+$/m)
  })

  it('prints JSON of its schema', async () => {
    const { code, stdout } = await run(idOf(FINE), ...flags(), '--json')
    const printed = JSON.parse(stdout)
    expect([code, printed.state, errorsOf('trace', printed)]).toEqual([0, 'fine', []])
    expect(errorsOf('trace', { ...printed, more: 1 })).not.toEqual([])
  })

  it('says of an offset that is not there what the log holds, which is an answer', async () => {
    const { topic } = orders
    const [beyond, other, json] = await Promise.all([
      run(`${topic}:0:999999`, ...flags()),
      run(`${topic}:99:0`, ...flags()),
      run(`${topic}:0:999999`, ...flags(), '--json'),
    ])
    expect([beyond.code, beyond.stderr]).toEqual([3, ''])
    const words = beyond.stdout.replace(/\s+/g, ' ')
    expect(words).toContain(`offset 999999 of partition 0 of ${topic} is not written yet`)
    expect(words).toMatch(/the log holds 0 to \d+/)
    expect([other.code, other.stderr]).toEqual([3, ''])
    expect(other.stdout.replace(/\s+/g, ' ')).toContain(`${topic} has no partition 99: it has`)
    const printed = JSON.parse(json.stdout)
    expect([json.code, printed.state, printed.id]).toEqual([3, 'unknown', null])
    expect(errorsOf('trace', printed)).toEqual([])
  })

  it('says that a topic is not there, and what to do where nothing is named', async () => {
    const missing = await run('no.such.topic:0:1', '--brokers', sharedBrokers().join(','))
    expect([missing.code, missing.stderr]).toEqual([
      4,
      expect.stringContaining('the topic no.such.topic does not exist'),
    ])
    const bare = await run(idOf(FINE))
    expect([bare.code, bare.stdout]).toEqual([3, expect.stringContaining('no pipeline is known')])
    const wrong = await run('x', '--trace-url', 'file:///{traceId}')
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('expected http://')])
  })
})
