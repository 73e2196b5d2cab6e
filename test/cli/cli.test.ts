/** The command as a real child process: what people and scripts see. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { Frame } from '../../src/hop/frame.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { badRun, FLIGHTS, goodRun, START, verdict } from '../reports/build.ts'
import { deltaOf, frameOf } from '../store/frames.ts'

/** The command `tsx` would start a second process. */
const TSX = ['--import', resolve('node_modules/tsx/dist/loader.mjs')]
const MAIN = resolve('src/cli/main.ts')

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

let dir = ''

function quipu(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((done, fail) => {
    const { QUIPU_CONFIG: _, QUIPU_DEBUG: __, FORCE_COLOR: ___, ...clean } = process.env
    const child = spawn(process.execPath, [...TSX, MAIN, ...args], {
      cwd: dir,
      env: { ...clean, NO_COLOR: '1', ...env },
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    child.on('error', fail)
    child.on('close', (code) => done({ code, out, err }))
  })
}

async function makeStore(
  name: string,
  verdicts: readonly EdgeVerdict[],
  frames: readonly Frame[] = [],
): Promise<void> {
  const store = await openSqliteStore(join(dir, name))
  await store.setFact('pipelines', [FLIGHTS])
  await store.fold(frames, {}, START)
  await store.saveVerdicts(verdicts, Date.now())
  await store.close()
}

/** The only frame of an agent that speaks for every hop, and watched these offsets at `enrich`. */
function seen(offsets: readonly (readonly [number, number])[]): Frame {
  const hops = FLIGHTS.hops.map(({ hop }) => hop)
  const enrich = hops.find(({ group }) => group === 'enrich') as HopRef
  return frameOf(0, {
    ...{ service: 'audit', sentAt: START, goodbye: true },
    deltas: hops.map((hop) => deltaOf(hop, START, [1])),
    covered: offsets.map(([from, to]) => ({ hop: enrich, partition: 0, from, to })),
  })
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-cli-'))
  await makeStore('bad.db', badRun())
  await makeStore('good.db', goodRun())
  await makeStore('dark.db', [verdict('checkin → flights')])
  await makeStore('quipu.db', goodRun())
  await makeStore('seen.db', goodRun(), [seen([[0, 40]])])
  await makeStore('torn.db', goodRun(), [
    seen([
      [0, 20],
      [25, 40],
    ]),
  ])
  writeFileSync(join(dir, 'text.db'), 'this is no database, but it is long enough to look like one')
  writeFileSync(join(dir, 'typo.yaml'), 'version: 1\npipelnes: {}\nwindow: 7s\n')
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('help', () => {
  it.each([
    '',
    'demo',
    'audit',
    'report',
    'losses',
    'check',
    'coverage',
    'explain',
    'trace',
    'forecast',
    'replay-list',
    'init',
    'lint',
    'doctor',
    'export',
    'schema',
    'schema check',
    'schema rules',
    'schema explain',
  ])('quipu %s --help', async (command) => {
    const { code, out, err } = await quipu([
      ...command.split(' ').filter((word) => word !== ''),
      '--help',
    ])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatchSnapshot()
  })

  it('the version is that of the package', async () => {
    expect((await quipu(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('report', () => {
  it('prints the state of every pipeline on stdout, and nothing else', async () => {
    const { code, out, err } = await quipu(['report', '--store', 'bad.db'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatchSnapshot()
  })

  it('reads ./quipu.db by default', async () => {
    expect((await quipu(['report'])).out).toContain('✓ flights: all well.')
  })

  it('as JSON', async () => {
    const { out } = await quipu(['report', '--store', 'bad.db', '--json'])
    expect(JSON.parse(out)).toMatchObject({
      schema: 'quipu.report/v1',
      standing: 'breached',
      pipelines: [{ pipeline: 'flights', edges: [{}, {}, { counts: { lost: 3 } }, {}] }],
    })
  })

  it('of windows since a time', async () => {
    const since = (time: string) => quipu(['report', '--store', 'bad.db', '--since', time])
    expect((await since('2026-11-23T01:02:00Z')).out).toContain('400 of 400 delivered')
    expect((await since('2026-11-23T02:00:00Z')).out).toContain('no data')
  })
})

describe('losses', () => {
  it('names every id', async () => {
    const { code, out, err } = await quipu(['losses', '--store', 'bad.db'])
    expect(code).toBe(0)
    expect(out).toMatchSnapshot()
    expect(err).toBe('not judged yet, or without evidence: 1 window; see: quipu report\n')
  })

  it('as JSON and as one object a line', async () => {
    const json = await quipu(['losses', '--store', 'bad.db', '--json', '--kind', 'lost'])
    const report = JSON.parse(json.out)
    expect(report).toMatchObject({ schema: 'quipu.losses/v1', since: null })
    const lines = await quipu(['losses', '--store', 'bad.db', '--ndjson', '--kind', 'lost'])
    const rows = lines.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).toEqual(report.losses)
    expect(rows).toHaveLength(3)
    expect(rows[0]).toMatchInlineSnapshot(`
      {
        "args": {
          "offsets": [
            {
              "high": 450,
              "low": 120,
              "partition": 3,
            },
          ],
          "unacknowledged": 0,
        },
        "born": "2026-11-23T01:01:00.007Z",
        "edge": "enrich → enriched + dlq",
        "evidence": "exact",
        "id": "01a205eb-a8e7-7000-82af-37bc00001c00",
        "kind": "lost",
        "pipeline": "flights",
        "revision": 0,
        "state": "settled",
        "times": 1,
        "window": {
          "end": "2026-11-23T01:02:00.000Z",
          "start": "2026-11-23T01:01:00.000Z",
        },
      }
    `)
  })

  it('of one edge, written with either arrow', async () => {
    for (const edge of ['enrich -> enriched + dlq', 'enrich → enriched + dlq']) {
      const { out } = await quipu(['losses', '--store', 'bad.db', '--edge', edge])
      expect(out).toContain('duplicated')
    }
    const { out } = await quipu(['losses', '--store', 'bad.db', '--edge', 'checkin -> flights'])
    expect(out).toBe('None found.\n')
  })
})

describe('check', () => {
  it.each([
    ['good.db', 0],
    ['bad.db', 1],
    ['dark.db', 3],
  ])('%s exits with %i', async (store, expected) => {
    const { code, out, err } = await quipu(['check', '--store', store])
    expect([code, err]).toEqual([expected, ''])
    expect(out).toMatchSnapshot()
    const json = JSON.parse((await quipu(['check', '--store', store, '--json'])).out)
    expect(json).toMatchObject({ schema: 'quipu.check/v1', exitCode: expected })
    expect(json.edges).toHaveLength(4)
  })
})

describe('coverage', () => {
  /** The windows are of one day, whenever that was. */
  const ALL = ['--since', new Date(START).toISOString()]

  it('exits with 0 where every hop is seen whole', async () => {
    const { code, out, err } = await quipu(['coverage', '--store', 'seen.db', ...ALL])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatchSnapshot()
  })

  it('names offsets that nobody watched and exits with 3, as text and as JSON', async () => {
    const args = ['coverage', '--store', 'torn.db', '--hop', 'enrich', ...ALL]
    const { code, out, err } = await quipu(args)
    expect([code, err]).toEqual([3, ''])
    expect(out).toMatchSnapshot()
    const json = await quipu([...args, '--json'])
    expect(json.code).toBe(3)
    expect(JSON.parse(json.out)).toMatchObject({
      ...{ schema: 'quipu.coverage/v1', since: new Date(START).toISOString(), until: null },
      exitCode: 3,
      hops: [{ hop: 'enrich', standing: 'hole', holes: [{ partition: 0, low: 20, high: 24 }] }],
    })
  })

  it('of windows between two times', async () => {
    const args = ['coverage', '--store', 'seen.db', '--json', '--hop', 'enrich']
    const windows = async (span: readonly string[]) =>
      JSON.parse((await quipu([...args, ...span])).out).hops[0].windows.passed
    expect(await windows(['--until', '2026-11-23T01:01:00Z'])).toBe(1)
    expect(await windows(['--since', '2026-11-23T01:02:00Z'])).toBe(0)
  })

  it('proves nothing where no agent reported', async () => {
    const { code, out } = await quipu(['coverage', '--store', 'good.db'])
    expect(code).toBe(3)
    expect(out).toContain('Not seen whole: 6 of 6 hops.')
  })
})

describe('replay-list', () => {
  it('says that nobody knows, where nothing is judged, and that none is known, where it is', async () => {
    const of = (...args: string[]) =>
      quipu(['replay-list', '--store', 'good.db', '--json', ...args])
    const dark = await of('--window', '2020-01-01T00:00:00Z')
    expect([dark.code, JSON.parse(dark.out).exitCode]).toEqual([3, 3])
    expect(dark.err).toMatch(/nobody knows/)
    const good = await of()
    expect([good.code, JSON.parse(good.out).exitCode]).toEqual([0, 0])
    expect(good.err).toBe('no loss is known there\n')
  })
})

describe('bad input', () => {
  it.each([
    ['no command', [], 2],
    ['an unknown command', ['reprot'], 2],
    ['an unknown flag', ['report', '--jsn'], 2],
    ['an unknown kind', ['losses', '--kind', 'lsot'], 2],
    ['a time that is none', ['report', '--since', 'yesterday'], 2],
    ['a number that is none', ['demo', '--seed', '-1'], 2],
    ['flags that exclude each other', ['losses', '--json', '--ndjson'], 2],
    ['a store that is not there', ['report', '--store', 'none.db'], 4],
    ['a store that is none', ['report', '--store', 'text.db'], 4],
    ['an unknown pipeline', ['report', '--pipeline', 'fligths'], 4],
    ['an unknown edge', ['losses', '--edge', 'checkin -> flihgts'], 4],
    ['an unknown hop', ['coverage', '--hop', 'enrihc'], 4],
    ['a window that is none', ['explain', 'checkin -> flights@yesterday'], 2],
    ['a link with something hidden', ['trace', 'x', '--trace-url', 'x:\u001b[2J{traceId}'], 2],
    ['a broker without a port', ['trace', 'x', '--brokers', 'localhost:1,nohost'], 2],
    ['a port that is none', ['audit', '--brokers', 'localhost:65536', '--topics', 'a'], 2],
    ['nothing to audit', ['audit', '--brokers', 'localhost:1'], 2],
    ['a file with mistakes', ['audit', '--config', 'typo.yaml'], 2],
    ['a missing file', ['audit', '--config', 'none.yaml'], 2],
    ['groups that do not fit', ['audit', '--topics', 'a', '--groups', 'g:b'], 2],
  ])('%s', async (_, args, expected) => {
    const { code, out, err } = await quipu(args)
    expect(out).toBe('')
    expect(err.replaceAll(dir, 'DIR')).toMatchSnapshot()
    expect(code).toBe(expected)
  })

  it('makes no store where there was none', async () => {
    await quipu(['check', '--store', 'none.db'])
    expect(existsSync(join(dir, 'none.db'))).toBe(false)
    expect(readdirSync(dir)).not.toContain('none.db-wal')
  })

  it('shows where it happened only when asked to', async () => {
    const debug = await quipu(['audit', '--config', 'none.yaml'], { QUIPU_DEBUG: '1' })
    expect(debug.err).toContain('    at ')
  })
})

it('a reader that goes away is no failure', async () => {
  const script = `"${process.execPath}" ${TSX.join(' ')} "${MAIN}" losses --store bad.db --ndjson --kind all | head -c 1 >/dev/null; echo \${PIPESTATUS[0]}`
  const child = spawn('bash', ['-c', script], { cwd: dir, env: { ...process.env, NO_COLOR: '1' } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  await new Promise((done) => child.on('close', done))
  expect(text).not.toContain('EPIPE')
  expect(text.trim().split('\n').at(-1)).toBe('0')
})
