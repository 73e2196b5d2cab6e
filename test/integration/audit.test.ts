/** `quipu audit` as a user meets it: real processes beside a service on a real broker. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { ensureAuditTopic } from '../../src/transport/kafka.ts'
import { untilJudged, verdictsIn } from '../support/judged.ts'
import { sharedBrokers } from '../support/kafka.ts'
import { quipu, startAuditor } from '../support/quipu.ts'
import { auditFlags, makePlace, runService } from '../support/small-service.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-audit-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let stores = 0
const newStore = (): string => join(folder, `${stores++}.db`)

/** Side by side: most of their time is waiting for deadlines. */
const TIMEOUT_MS = 240_000

describe.concurrent('a service made audited by one line', { timeout: TIMEOUT_MS }, () => {
  it('healthy: settles as all good, beside it and once more after it', async () => {
    const place = await makePlace()
    const store = newStore()
    const args = [...auditFlags(place), '--store', store]
    const auditor = await startAuditor(args)
    const { expected } = await runService(place, { count: 400 })
    await untilJudged(store, expected)
    auditor.child.kill('SIGINT')
    expect(await auditor.ended, auditor.stderr()).toBe(130)
    expect(auditor.stdout()).toMatch(/^\d\d:\d\d:\d\d {2}\S+ {2}.* {2}met {2}\d+ expected$/m)

    const check = await quipu(['check', '--store', store])
    expect([check.code, check.stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'All good!'])
    const report = await quipu(['report', '--store', store])
    expect(report.code).toBe(0)
    expect(report.stdout).toContain('all well')
    const json = JSON.parse((await quipu(['report', '--store', store, '--json'])).stdout)
    const edges = json.pipelines[0].edges as { standing: string; counts: { delivered: number } }[]
    expect(edges.map((e) => [e.standing, e.counts.delivered])).toEqual(
      Array.from({ length: 4 }, () => ['met', 400]),
    )
    const losses = await quipu(['losses', '--store', store, '--json'])
    expect(JSON.parse(losses.stdout)).toMatchObject({ schema: 'quipu.losses/v1', losses: [] })

    // Again on the same books: it ends by itself, and nothing is counted twice.
    const before = await essence(store)
    const again = await quipu(['audit', ...args, '--once'])
    expect([again.code, again.stdout], again.stderr).toEqual([0, ''])
    expect(await essence(store)).toEqual(before)
    // A store of its own comes to the same from the audit topic alone.
    const other = newStore()
    const anew = await quipu(['audit', ...auditFlags(place), '--store', other, '--once', '--json'])
    expect(anew.code, anew.stderr).toBe(0)
    expect(await essence(other)).toEqual(before)
    const told = anew.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EdgeVerdict)
    expect(new Set(told.map((v) => v.verdict))).toEqual(new Set(['met']))
  })

  it('with losses and copies: names them, and says so with exit code 1', async () => {
    const place = await makePlace()
    const store = newStore()
    const args = [...auditFlags(place), '--store', store]
    const auditor = await startAuditor([...args, '--json'])
    const truth = await runService(place, { count: 300, lost: [7, 150, 151], doubled: [42] })
    await untilJudged(store, truth.expected)
    auditor.child.kill('SIGTERM')
    expect(await auditor.ended, auditor.stderr()).toBe(143)

    const rows = JSON.parse((await quipu(['losses', '--store', store, '--json'])).stdout).losses
    const edge = `${place.pass} → ${place.second}`
    expect(idsOf(rows, 'lost')).toEqual(truth.lost)
    expect(idsOf(rows, 'duplicated')).toHaveLength(1)
    expect(new Set(rows.map((r: { edge: string }) => r.edge))).toEqual(new Set([edge]))
    const lines = (await quipu(['losses', '--store', store, '--ndjson'])).stdout
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows)
    const check = await quipu(['check', '--store', store])
    expect(check.code).toBe(1)
    expect(check.stdout).toContain('Not good: 1 of 4 edges breached')
    expect((await quipu(['report', '--store', store])).code).toBe(0)

    const before = await essence(store)
    const again = await quipu(['audit', ...args, '--once'])
    expect([again.code, again.stdout], again.stderr).toEqual([0, ''])
    expect(await essence(store)).toEqual(before)
  })

  it('with --once and a difference: waits for the deadline, then ends', async () => {
    const place = await makePlace()
    await ensureAuditTopic({ brokers: place.brokers, topic: place.auditTopic })
    const truth = await runService(place, { count: 60, lost: [3] })
    const store = newStore()
    const once = await quipu(['audit', ...auditFlags(place), '--store', store, '--once'])
    expect(once.code, once.stderr).toBe(0)
    expect(once.stdout).toMatch(/breached {2}\d+ expected, 1 lost/)
    const rows = JSON.parse((await quipu(['losses', '--store', store, '--json'])).stdout).losses
    expect(idsOf(rows, 'lost')).toEqual(truth.lost)
  })

  it('killed twice in mid-run: comes to the same', async () => {
    const place = await makePlace()
    const store = newStore()
    const args = [...auditFlags(place), '--store', store]
    let auditor = await startAuditor(args)
    const running = runService(place, { count: 600, lost: [10, 300, 590], ms: 9_000 })
    for (let i = 0; i < 2; i++) {
      await sleep(3_000)
      auditor.child.kill('SIGKILL')
      expect(await auditor.ended).toBe(137)
      auditor = await startAuditor(args)
    }
    const truth = await running
    await untilJudged(store, truth.expected)
    auditor.child.kill('SIGTERM')
    expect(await auditor.ended, auditor.stderr()).toBe(143)
    const other = newStore()
    const anew = await quipu(['audit', ...auditFlags(place), '--store', other, '--once'])
    expect(anew.code, anew.stderr).toBe(0)
    for (const path of [store, other]) {
      const rows = JSON.parse((await quipu(['losses', '--store', path, '--json'])).stdout).losses
      expect(rows.map((r: { kind: string }) => r.kind)).toEqual(['lost', 'lost', 'lost'])
      expect(idsOf(rows, 'lost')).toEqual(truth.lost)
      expect(await totals(path)).toMatchObject({ lost: 3, duplicated: 0, extra: 0, unexpected: 0 })
    }
  })
})

describe.concurrent('the demo on a real broker', { timeout: TIMEOUT_MS }, () => {
  it('finds what it injected', async () => {
    const brokers = sharedBrokers().join(',')
    const demo = await quipu([
      'demo',
      '--brokers',
      brokers,
      '--messages',
      '2000',
      '--json',
      '--no-report',
    ])
    expect(demo.code, demo.stderr).toBe(0)
    expect(JSON.parse(demo.stdout)).toMatchObject({ match: true, stage: 'kafka', messages: 2_000 })
  })
})

/** What a verdict says: how it came about may differ between two runs. */
async function essence(path: string): Promise<unknown> {
  return (await verdictsIn(path)).map(({ window, edge, verdict, counts, findings }) => [
    window.start,
    edge,
    verdict,
    { ...counts, recovered: 0 },
    findings.filter((f) => f.code !== 'recovered').map((f) => [f.code, f.count, f.ids]),
  ])
}

async function totals(path: string): Promise<Record<string, number>> {
  const sum: Record<string, number> = {}
  for (const { counts } of await verdictsIn(path))
    for (const [name, n] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + n
  return sum
}

interface Row {
  readonly kind: string
  readonly id: string
}

const idsOf = (rows: readonly Row[], kind: string): string[] =>
  rows
    .filter((r) => r.kind === kind)
    .map((r) => r.id.replaceAll('-', ''))
    .sort()
