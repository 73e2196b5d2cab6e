/** What goes wrong around `quipu audit`: the message, the exit code, and what is left behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import { ensureAuditTopic, kafkaReader } from '../../src/transport/kafka.ts'
import { untilJudged } from '../support/judged.ts'
import { kafkaClient, sharedBrokers, topicName, withAdmin } from '../support/kafka.ts'
import { quipu, startAuditor } from '../support/quipu.ts'
import { auditFlags, makePlace, type Place, runService } from '../support/small-service.ts'
import { readToEnd } from '../transport/suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-bad-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let stores = 0
/** For tests that run side by side. */
const TIMEOUT_MS = 240_000
const newStore = (): string => join(folder, `${stores++}.db`)

const topicsThere = (brokers?: string[]): Promise<string[]> =>
  withAdmin((admin) => admin.listTopics(), brokers)

describe('what is refused before anything is written', () => {
  it('a topic that does not exist', async () => {
    const place = await makePlace()
    const store = newStore()
    const wrong = { ...place, first: place.first.replace('orders', 'ordres') }
    const { code, stdout, stderr } = await quipu(['audit', ...auditFlags(wrong), '--store', store])
    expect([code, stdout]).toEqual([4, ''])
    expect(stderr).toContain(`the topic ${wrong.first} does not exist at ${place.brokers.join()}`)
    expect(stderr).toContain(`did you mean \`${place.first}\`?`)
    expect(stderr).toMatch(/^hint: /m)
    expect(existsSync(store)).toBe(false)
    const there = await topicsThere()
    expect(there).not.toContain(wrong.first)
    expect(there).not.toContain(place.auditTopic)
  })

  describe.concurrent('brokers that do not answer', { timeout: TIMEOUT_MS }, () => {
    const servers: Server[] = []
    afterAll(() => {
      for (const server of servers) server.close()
    })
    const listening = async (answer: string): Promise<string> => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        if (answer !== '') socket.on('data', () => socket.end(answer))
      })
      servers.push(server.listen(0, '127.0.0.1'))
      await once(server, 'listening')
      return `127.0.0.1:${(server.address() as AddressInfo).port}`
    }

    it.each([
      ['nobody listens', () => '127.0.0.1:1'],
      ['a host that is none', () => 'no-such-host.invalid:9092'],
      ['something that is silent', () => listening('')],
      ['something else that answers', () => listening('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ])('%s', async (_, at) => {
      const broker = await at()
      const store = newStore()
      const args = ['audit', '--brokers', broker, '--topics', 'a', '--store', store]
      const { code, stdout, stderr } = await quipu(args)
      expect([code, stdout], stderr).toEqual([4, ''])
      expect(stderr).toContain(`no Kafka broker answers at ${broker}`)
      expect(stderr).toMatch(/^hint: Check that the brokers run/m)
      expect(existsSync(store)).toBe(false)
    })
  })

  it('a pipeline file with a typo', async () => {
    const file = join(folder, 'quipu.yaml')
    writeFileSync(
      file,
      `version: 1
kafka: { brokers: ["${sharedBrokers()[0]}"] }
pipelines:
  orders:
    hops:
      orders: { topic: orders }
      pay: { consumer: orders, gruop: pay }
    edges:
      - { from: orders, to: pya }
`,
    )
    const store = newStore()
    const { code, stdout, stderr } = await quipu(['audit', '--config', file, '--store', store])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/quipu\.yaml:7:\d+ .*`gruop`.*did you mean `group`\?/)
    expect(existsSync(store)).toBe(false)
  })

  it('a store of a newer version, another database, no database, no folder', async () => {
    const place = await makePlace()
    const newer = newStore()
    await (await openSqliteStore(newer)).close()
    let db = new Database(newer)
    db.pragma('user_version = 99')
    db.pragma('journal_mode = DELETE')
    db.close()
    const other = newStore()
    db = new Database(other)
    db.exec('CREATE TABLE t (x)')
    db.close()
    const text = newStore()
    writeFileSync(text, 'this is no database, but it is long enough to look like one\n'.repeat(9))
    for (const [path, says] of [
      [newer, 'was made by a newer version (tables 99'],
      [other, 'is the database of another program'],
      [text, 'is a file of another kind'],
    ] as const) {
      const before = readFileSync(path)
      const args = ['audit', ...auditFlags(place), '--store', path]
      const { code, stdout, stderr } = await quipu(args)
      expect([code, stdout], stderr).toEqual([4, ''])
      expect(stderr).toContain(says)
      expect(stderr).toMatch(/^hint: /m)
      expect(readFileSync(path).equals(before)).toBe(true)
      const name = path.slice(folder.length + 1)
      expect(readdirSync(folder).filter((f) => f.startsWith(name))).toEqual([name])
    }
    const nowhere = join(folder, 'none', 'quipu.db')
    const args = ['audit', ...auditFlags(place), '--store', nowhere]
    const { code, stderr } = await quipu(args)
    expect(code).toBe(4)
    expect(stderr).toContain(`mkdir -p ${join(folder, 'none')}`)
    expect(await topicsThere()).not.toContain(place.auditTopic)
  })
})

describe.concurrent('records on the audit topic that are no frames', {
  timeout: TIMEOUT_MS,
}, () => {
  it('are counted and skipped, and change no verdict', async () => {
    const place = await makePlace()
    await ensureAuditTopic({ brokers: place.brokers, topic: place.auditTopic })
    const truth = await runService(place, { count: 100, lost: [17] })
    const clean = newStore()
    const audit = (store: string) =>
      quipu(['audit', ...auditFlags(place), '--store', store, '--once'])
    expect((await audit(clean)).code).toBe(0)

    // The same frames, damaged, in another topic before the good ones.
    const frames = await records(place)
    const other = { ...place, auditTopic: topicName('quipu.tallies') }
    await ensureAuditTopic({ brokers: place.brokers, topic: other.auditTopic })
    const flipped = frames.map((bytes, i) => {
      const copy = Buffer.from(bytes)
      // Behind the header, elsewhere in each.
      const at = 10 + ((i * 37) % (copy.length - 10))
      copy[at] = (copy[at] as number) ^ (1 << (i % 8))
      return copy
    })
    const unknown = frames.slice(0, 3).map((bytes) => {
      const copy = Buffer.from(bytes)
      copy[4] = (copy[4] as number) ^ 0xff
      return copy
    })
    const cut = frames.map((bytes, i) => bytes.subarray(0, (i * 7) % bytes.length))
    const strange = [
      ...flipped,
      ...unknown,
      ...cut,
      null,
      Buffer.alloc(0),
      Buffer.from('hello'),
      Buffer.from('{"json":true}'),
      Buffer.alloc(100_000, 0xc3),
    ]
    const producer = kafkaClient().producer()
    await producer.connect()
    for (const values of [strange, frames])
      await producer.send({
        topic: other.auditTopic,
        messages: values.map((value) => ({ value })),
      })
    await producer.disconnect()

    const store = newStore()
    const once = await quipu(['audit', ...auditFlags(other), '--store', store, '--once'])
    expect(once.code, once.stderr).toBe(0)
    expect(once.stderr).toContain('is no frame and was skipped')
    const report = JSON.parse((await quipu(['report', '--store', store, '--json'])).stdout)
    const expected = JSON.parse((await quipu(['report', '--store', clean, '--json'])).stdout)
    expect(report.coverage).toMatchObject({ foreign: strange.length })
    const edges = (r: { pipelines: { edges: { edge: string; counts: object }[] }[] }): unknown =>
      r.pipelines[0]?.edges.map(({ edge, counts }) => [edge, counts])
    expect(edges(report)).toEqual(edges(expected))
    expect((await quipu(['report', '--store', store])).stdout).toContain(String(strange.length))
    expect(await lostIn(store)).toEqual(truth.lost)
  })
})

describe.concurrent('a full disk', { timeout: TIMEOUT_MS }, () => {
  it('is said, and a run with room goes on where that one stopped', async () => {
    const place = await makePlace()
    await ensureAuditTopic({ brokers: place.brokers, topic: place.auditTopic })
    const truth = await runService(place, { count: 4_000, lost: [5, 2_000], ms: 4_000 })
    const store = newStore()
    const args = ['audit', ...auditFlags(place), '--store', store, '--once']
    // Blocks of 1 KiB: room for the tables, not for what they shall hold.
    const full = await limited(200, args)
    expect(full.code, full.stderr).toBe(4)
    expect(full.stderr).toMatch(/quipu: store .* (is full|cannot be read or written)/)
    expect(full.stderr).toMatch(/^hint: .*(F|f)ree|disk/m)
    const check = await quipu(['check', '--store', store])
    expect([0, 1, 3]).toContain(check.code)

    const again = await quipu(args)
    expect(again.code, again.stderr).toBe(0)
    expect(await lostIn(store)).toEqual(truth.lost)
    const store2 = await openSqliteStore(store)
    const verdicts = await store2.verdicts()
    await store2.close()
    const sum = (name: 'expected' | 'duplicated' | 'extra' | 'undetermined'): number =>
      verdicts.reduce((n, v) => n + v.counts[name], 0)
    expect(['duplicated', 'extra', 'undetermined'].map((n) => sum(n as 'extra'))).toEqual([0, 0, 0])
    expect(sum('expected')).toBe(4_000 + 4_000 + 4_000 + 3_998)
  })
})

describe.concurrent('two auditors', { timeout: TIMEOUT_MS }, () => {
  it('on one store: the second is refused, the first is not disturbed', async () => {
    const place = await makePlace()
    const store = newStore()
    const args = [...auditFlags(place), '--store', store]
    const first = await startAuditor(args)
    const second = await quipu(['audit', ...args])
    expect(second.code).toBe(4)
    expect(second.stderr).toContain(`store ${store} is in use by another auditor`)
    first.child.kill('SIGKILL')
    await first.ended
    const third = await quipu(['audit', ...args, '--once'])
    expect(third.code, third.stderr).toBe(0)
  })

  it('on one audit topic, each with a store: both come to the same', async () => {
    const place = await makePlace()
    const [one, two] = [newStore(), newStore()]
    const run = (store: string) => startAuditor([...auditFlags(place), '--store', store])
    const first = await run(one)
    const running = runService(place, { count: 600, lost: [20, 400], ms: 6_000 })
    // Comes while messages flow.
    await sleep(1_500)
    const [second, truth] = await Promise.all([run(two), running])
    await Promise.all([one, two].map((store) => untilJudged(store, truth.expected)))
    for (const { child } of [second, first]) child.kill('SIGTERM')
    expect([await first.ended, await second.ended]).toEqual([143, 143])
    for (const store of [one, two]) {
      const once = await quipu(['audit', ...auditFlags(place), '--store', store, '--once'])
      expect(once.code, once.stderr).toBe(0)
      expect(await lostIn(store)).toEqual(truth.lost)
      const losses = await quipu(['losses', '--store', store, '--ndjson'])
      expect(losses.stdout.trimEnd().split('\n')).toHaveLength(truth.lost.length)
    }
  })
})

describe.concurrent('auditors of different topics', { timeout: TIMEOUT_MS }, () => {
  it('on one audit topic do not take each other what they read', async () => {
    const place = await makePlace()
    const { brokers, first, second, auditTopic } = place
    const flags = ['--brokers', brokers.join(), '--audit-topic', auditTopic]
    const windows = ['--window', '1s', '--lateness', '3s']
    const runs = await Promise.all(
      [first, second].map(async (topic) => {
        const store = newStore()
        const args = [...flags, ...windows, '--topics', topic, '--store', store]
        return { store, auditor: await startAuditor(args) }
      }),
    )
    await runService(place, { count: 200 })
    for (const { store, auditor } of runs) {
      // One edge each: into the topic.
      await untilJudged(store, 200)
      auditor.child.kill('SIGTERM')
      expect(await auditor.ended, auditor.stderr()).toBe(143)
      const check = await quipu(['check', '--store', store])
      expect([check.code, check.stdout], auditor.stderr()).toEqual([
        0,
        expect.stringContaining('200 of 200'),
      ])
    }
  })
})

describe.concurrent('a broker that forbids', { timeout: TIMEOUT_MS }, () => {
  let kafka: TestKafka
  beforeAll(async () => {
    const { KAFKA_BROKERS } = process.env
    delete process.env.KAFKA_BROKERS
    try {
      kafka = await startKafka({
        config: {
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'allow.everyone.if.no.acl.found': 'true',
        },
      })
    } finally {
      if (KAFKA_BROKERS !== undefined) process.env.KAFKA_BROKERS = KAFKA_BROKERS
    }
  })
  afterAll(() => kafka?.close())

  /** Everything else on the resource stays allowed. */
  async function deny(
    type: AclResourceTypes,
    resourceName: string,
    ...operations: AclOperationTypes[]
  ): Promise<void> {
    const rule = (operation: AclOperationTypes, permissionType: AclPermissionTypes) => ({
      resourceType: type,
      resourceName,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: 'User:ANONYMOUS',
      host: '*',
      operation,
      permissionType,
    })
    await withAdmin(
      (admin) =>
        admin.createAcls({
          acl: [
            rule(AclOperationTypes.ALL, AclPermissionTypes.ALLOW),
            ...operations.map((operation) => rule(operation, AclPermissionTypes.DENY)),
          ],
        }),
      kafka.brokers,
    )
  }

  const audit = async (place: Place, store: string) => {
    const ran = await quipu(['audit', ...auditFlags(place), '--store', store])
    expect(ran.code, ran.stderr).toBe(4)
    expect(ran.stdout).toBe('')
    expect(ran.stderr).toMatch(/^hint: /m)
    expect(ran.stderr).not.toContain('not foreseen')
    return ran
  }

  it('reading a topic', async () => {
    const place = await makePlace(kafka.brokers)
    await deny(AclResourceTypes.TOPIC, place.second, AclOperationTypes.READ)
    const { stderr } = await audit(place, newStore())
    expect(stderr).toMatch(/quipu: .*may not read .*\(TOPIC_AUTHORIZATION_FAILED\)/)
  })

  it('seeing a topic', async () => {
    const place = await makePlace(kafka.brokers)
    const { READ, WRITE, DESCRIBE } = AclOperationTypes
    await deny(AclResourceTypes.TOPIC, place.second, READ, WRITE, DESCRIBE)
    const { stderr } = await audit(place, newStore())
    expect(stderr).toContain(place.second)
    expect(stderr).toContain('the right to describe')
  })

  it('joining a group', async () => {
    const place = await makePlace(kafka.brokers)
    const group = `quipu-topic-agent-${place.auditTopic}`
    await deny(AclResourceTypes.GROUP, group, AclOperationTypes.READ)
    const { stderr } = await audit(place, newStore())
    expect(stderr).toContain('GROUP_AUTHORIZATION_FAILED')
  })

  it.each([
    ['reading', AclOperationTypes.READ, 'read'],
    ['writing', AclOperationTypes.WRITE, 'write to'],
  ])('%s the audit topic', async (_, operation, verb) => {
    const place = await makePlace(kafka.brokers)
    await ensureAuditTopic({ brokers: kafka.brokers, topic: place.auditTopic })
    await deny(AclResourceTypes.TOPIC, place.auditTopic, operation)
    const { stderr } = await audit(place, newStore())
    expect(stderr).toContain(`no right to ${verb} the topic ${place.auditTopic}`)
  })

  // Last and alone: what is denied here is denied to all.
  it.sequential('creating the audit topic', async () => {
    const place = await makePlace(kafka.brokers)
    await deny(AclResourceTypes.TOPIC, place.auditTopic, AclOperationTypes.CREATE)
    await deny(AclResourceTypes.CLUSTER, 'kafka-cluster', AclOperationTypes.CREATE)
    const { stderr } = await audit(place, newStore())
    expect(stderr).toContain(`no right to create the topic ${place.auditTopic}`)
  })
})

/** All records of the audit topic; what lies behind the last one may be the markers of transactions. */
async function records({ brokers, auditTopic }: Place): Promise<Buffer[]> {
  const reader = kafkaReader({ brokers, topic: auditTopic })
  try {
    await reader.open({})
    return (await readToEnd(reader)).map(({ bytes }) => Buffer.from(bytes))
  } finally {
    await reader.close()
  }
}

async function lostIn(store: string): Promise<string[]> {
  const { stdout } = await quipu(['losses', '--store', store, '--json', '--kind', 'lost'])
  const { losses } = JSON.parse(stdout) as { losses: { id: string }[] }
  return losses.map(({ id }) => id.replaceAll('-', '')).sort()
}

/** With files of at most so many blocks. */
async function limited(
  blocks: number,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const tsx = resolve('node_modules/tsx/dist/loader.mjs')
  const command = [process.execPath, '--import', tsx, resolve('src/cli/main.ts'), ...args]
  const child = spawn('bash', ['-c', `ulimit -f ${blocks}; exec "$@"`, 'bash', ...command], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stderr }
}
