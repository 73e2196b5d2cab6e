/** `quipu doctor` on real brokers: topics that were made wrong, rights that were not given, nobody there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import { createTopic, groupName, sharedBrokers, topicName, withAdmin } from '../support/kafka.ts'
import { quipu } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-doctor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Check {
  readonly id: string
  readonly subject: string
  readonly state: string
  readonly message: string
  readonly todo: string | null
}

/** What `quipu doctor --json` says of a file, by check. */
async function doctor(name: string, file: string): Promise<{ code: number; checks: Check[] }> {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, file)
  const { code, stdout, stderr } = await quipu(
    ['doctor', '--json', '--config', path, '--store', join(folder, `${name}.db`)],
    folder,
  )
  expect(stderr).toBe('')
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ schema: 'quipu.doctor/v1', exitCode: code })
  return { code, checks: report.checks }
}

/** `id subject: state`, apart from this machine, file and store. */
const linesOf = (checks: readonly Check[]): string[] =>
  checks
    .filter((c) => !['node', 'native', 'client', 'file', 'store', 'store-space'].includes(c.id))
    .map((c) => `${c.id} ${c.subject}: ${c.state}`)

describe.concurrent('topics and groups', () => {
  it('are well, or it says what is wrong with each', async () => {
    const brokers = sharedBrokers()
    const make = (prefix: string, config: Record<string, string> = {}): Promise<string> =>
      createTopic({ prefix, config })
    const [good, appended, short, compacted, audit] = await Promise.all([
      make('good'),
      make('appended', { 'message.timestamp.type': 'LogAppendTime' }),
      make('short', { 'retention.ms': '60000' }),
      make('compacted', { 'cleanup.policy': 'compact' }),
      make('audit', { 'cleanup.policy': 'compact', 'max.message.bytes': '1000' }),
    ])
    const [reads, never, missing] = [groupName('reads'), groupName('never'), topicName('missing')]
    await withAdmin((admin) =>
      admin.setOffsets({
        groupId: reads,
        topic: good,
        partitions: [{ partition: 0, offset: '0' }],
      }),
    )
    const { code, checks } = await doctor(
      'wrong',
      `version: 1
kafka: { brokers: ${JSON.stringify(brokers)}, audit: { topic: ${audit} } }
pipelines:
  p:
    hops:
      s: { producer: ${appended}, service: s }
      appended: { topic: ${appended}, identity: { header: id }, time: timestamp }
      good: { topic: ${good} }
      reads: { consumer: ${good}, group: ${reads} }
      short: { topic: ${short} }
      compacted: { topic: ${compacted} }
      never: { consumer: ${compacted}, group: ${never} }
      missing: { topic: ${missing} }
    edges:
      - { from: s, to: appended }
      - { from: good, to: reads }
      - { from: reads, to: [short, compacted, missing] }
      - { from: compacted, to: never }
`,
    )
    expect(code).toBe(1)
    expect(linesOf(checks).sort()).toEqual(
      [
        `brokers default (${brokers.join(', ')}): ok`,
        ...[good, appended, short, compacted].map((topic) => `topic ${topic}: ok`),
        `topic ${missing}: fail`,
        ...[good, short, compacted].map((topic) => `topic-time ${topic}: ok`),
        `topic-time ${appended}: fail`,
        ...[good, appended].map((topic) => `topic-retention ${topic}: ok`),
        `topic-retention ${short}: fail`,
        `topic-compaction ${compacted}: warn`,
        `group ${reads} of ${good}: ok`,
        `group ${never} of ${compacted}: warn`,
        `audit-topic ${audit}: ok`,
        `audit-topic-settings ${audit}: fail`,
        `audit-topic-settings ${audit}: fail`,
        `agents ${join(folder, 'wrong.db')}: ok`,
      ].sort(),
    )
    // The text says the same, and what to do about it.
    const text = await quipu(['doctor', '--config', join(folder, 'wrong.yaml')], folder)
    expect(text.code).toBe(1)
    expect(text.stdout).toContain(`✗ topic  ${missing}: does not exist`)
    expect(text.stdout).toContain('→ Set cleanup.policy=delete on it.')
  })

  it('are what quipu init proposes from', async () => {
    const [first, second] = await Promise.all([createTopic(), createTopic()])
    const [one, other] = [groupName('one'), groupName('other')]
    await withAdmin(async (admin) => {
      const at = { partitions: [{ partition: 0, offset: '0' }] }
      await admin.setOffsets({ groupId: one, topic: first, ...at })
      await admin.setOffsets({ groupId: other, topic: second, ...at })
    })
    const brokers = sharedBrokers().join()
    const { code, stdout, stderr } = await quipu(
      ['init', '--brokers', brokers, '--topics', first, '--output', '-'],
      folder,
    )
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`{ consumer: ${first}, group: ${one} }`)
    expect(stdout).not.toContain(other)
  })
})

describe.concurrent('brokers', () => {
  it.each(['where nobody listens', 'that are silent'])(
    '%s are told once, in the end',
    async (which) => {
      const server = createServer((socket) => socket.on('error', () => undefined))
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const { port } = server.address() as AddressInfo
      const broker = `127.0.0.1:${which === 'that are silent' ? port : 1}`
      const { code, checks } = await doctor(
        `broker-${port}`,
        `version: 1
kafka: { brokers: ["${broker}"] }
pipelines: { p: { hops: { t: { topic: t }, g: { consumer: t, group: g } }, edges: [{ from: t, to: g }] } }
`,
      )
      server.close()
      expect(code).toBe(1)
      const failed = checks.filter((c) => c.state === 'fail')
      expect(failed.map((c) => `${c.id} ${c.subject}`)).toEqual([`brokers default (${broker})`])
      expect(failed[0]?.message).toContain(`no Kafka broker answers at ${broker}`)
      expect(failed[0]?.todo).toContain('Check that the brokers run')
    },
  )

  describe('with rights', () => {
    let kafka: TestKafka
    beforeAll(async () => {
      kafka = await startKafka({
        config: {
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'allow.everyone.if.no.acl.found': 'true',
        },
      })
    })
    afterAll(() => kafka?.close())

    it('that are not given name what was refused', async () => {
      const { brokers } = kafka
      const [open, unread, mute] = await Promise.all(
        ['open', 'unread', 'mute'].map((prefix) => createTopic({ prefix, brokers })),
      )
      const secret = groupName('secret')
      const acl = (
        resourceType: AclResourceTypes,
        resourceName: string,
        operation: AclOperationTypes,
        permissionType: AclPermissionTypes,
      ) => ({
        ...{ resourceType, resourceName, operation, permissionType },
        ...{
          resourcePatternType: ResourcePatternTypes.LITERAL,
          principal: 'User:ANONYMOUS',
          host: '*',
        },
      })
      const { ALLOW, DENY } = AclPermissionTypes
      const { ALL, READ, DESCRIBE, DESCRIBE_CONFIGS } = AclOperationTypes
      await withAdmin(
        (admin) =>
          admin.createAcls({
            acl: [
              acl(AclResourceTypes.TOPIC, unread as string, ALL, ALLOW),
              acl(AclResourceTypes.TOPIC, unread as string, READ, DENY),
              acl(AclResourceTypes.TOPIC, mute as string, ALL, ALLOW),
              acl(AclResourceTypes.TOPIC, mute as string, DESCRIBE_CONFIGS, DENY),
              acl(AclResourceTypes.GROUP, secret, DESCRIBE, DENY),
            ],
          }),
        brokers,
      )
      const { code, checks } = await doctor(
        'denied',
        `version: 1
kafka: { brokers: ${JSON.stringify(brokers)} }
pipelines:
  p:
    hops:
      open: { topic: ${open} }
      unread: { topic: ${unread} }
      mute: { topic: ${mute} }
      secret: { consumer: ${open}, group: ${secret} }
    edges:
      - { from: open, to: secret }
      - { from: secret, to: [unread, mute] }
`,
      )
      expect(code).toBe(1)
      const bad = checks.filter((c) => c.state !== 'ok')
      expect(bad.map((c) => `${c.id} ${c.subject}: ${c.state}`)).toEqual([
        `topic ${unread}: fail`,
        `topic-settings ${mute}: warn`,
        `group ${secret} of ${open}: fail`,
        'audit-topic quipu.tallies: warn',
      ])
      expect(bad[0]?.message).toContain('TOPIC_AUTHORIZATION_FAILED')
      expect(bad[2]?.todo).toContain('the right to describe the group')
    })
  })
})
