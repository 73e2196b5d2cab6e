/** `quipu top` as people run it: on a real terminal, and where there is none. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FLIGHTS, finding, START, type VerdictParts, verdict } from '../reports/build.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { quipu, startQuipu } from '../support/quipu.ts'
import { hasTerminals, Terminal } from '../support/terminal.ts'

const MINUTE = 60_000
const ENTER = '\u001b[?1049h'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'

const dir = mkdtempSync(join(tmpdir(), 'quipu-top-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Windows of the last ten minutes. */
const base = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE

function recent(edge: string, parts: VerdictParts): EdgeVerdict {
  const moved = verdict(edge, parts)
  const move = ({ start, end }: EdgeVerdict['window']): EdgeVerdict['window'] => ({
    ...{ start: start - START + base, end: end - START + base },
  })
  const findings = moved.findings.map((one) => ({ ...one, edge, window: move(one.window) }))
  return { ...moved, window: move(moved.window), findings }
}

async function save(path: string, verdicts: readonly EdgeVerdict[]): Promise<void> {
  const store = await openSqliteStore(path)
  await store.setFact('pipelines', [FLIGHTS])
  await store.setFact('seen-until', Date.now())
  await store.saveVerdicts(verdicts, Date.now())
  await store.close()
}

const good = FLIGHTS.edges.map(({ name }) => recent(name, {}))
const bad = recent('checkin → flights', {
  ...{ w: 1, verdict: 'breached', counts: { expected: 4, delivered: 1, lost: 3 } },
  findings: [finding('lost', { w: 1, count: 3 })],
})

let made = 0
/** A folder of its own, with a store. */
async function place(): Promise<{ readonly folder: string; readonly store: string }> {
  const folder = join(dir, String(made++))
  mkdirSync(folder)
  const store = join(folder, 'quipu.db')
  await save(store, good)
  return { folder, store }
}

describe('where there is no terminal', () => {
  it('prints one frame, and ends', async () => {
    const { store } = await place()
    const { code, stdout, stderr } = await quipu(['top', '--store', store])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^quipu top: 1 pipeline, 4 edges .*\nborn in the last 1 hour; judged/)
    expect(stdout).toMatch(/^enriched → store +✓ met +6\.6 +0 +– +0 +0 +100%$/m)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('q quits')
  })

  it('prints one object for each look, until nobody reads them', async () => {
    const { store } = await place()
    const run = startQuipu(['top', '--store', store, '--json', '--every', '200ms'])
    for (let looks = 0; run.stdout().split('\n').length < 4 && looks < 600; looks++)
      await new Promise((next) => setTimeout(next, 50))
    run.child.stdout?.destroy()
    expect(await run.ended).toBe(0)
    const lines = run.stdout().split('\n').slice(0, 3)
    for (const line of lines) expect(errorsOf('top', JSON.parse(line))).toEqual([])
    const looked = lines.map((line) => Date.parse((JSON.parse(line) as { at: string }).at))
    expect(new Set(looked).size).toBe(3)
  })

  it('looks once where it is told to, and ends at a signal where it is not', async () => {
    const { store } = await place()
    const one = await quipu(['top', '--store', store, '--json', '--once'])
    expect([one.code, one.stdout.split('\n').length]).toEqual([0, 2])
    const run = startQuipu(['top', '--store', store, '--json'])
    await once(run.child.stdout as NodeJS.ReadableStream, 'data')
    run.child.kill('SIGTERM')
    expect(await run.ended).toBe(143)
  })

  it('says what is wrong with what it is asked for', async () => {
    const { folder, store } = await place()
    const none = await quipu(['top', '--store', join(folder, 'none.db')])
    expect([none.code, none.stdout]).toEqual([4, ''])
    expect(none.stderr).toContain('there is no store at')
    const other = await quipu(['top', '--store', store, '--pipeline', 'flihgts'])
    expect(other.stderr).toContain('did you mean `flights`')
    const often = await quipu(['top', '--store', store, '--every', '1ms'])
    expect([often.code, often.stderr]).toEqual([2, expect.stringContaining('from 200ms to 24h')])
  })
})

describe.skipIf(!hasTerminals)('on a terminal', () => {
  let terminal: Terminal | null = null
  afterEach(() => terminal?.close())

  function top(folder: string, args: string, env: NodeJS.ProcessEnv = {}): Terminal {
    const { NO_COLOR: _, CI: __, ...own } = process.env
    const main = `${process.execPath} --import ${pathToFileURL(resolve('node_modules/tsx/dist/loader.mjs'))}`
    const command = `${main} ${resolve('src/cli/main.ts')} top --every 200ms ${args}`
    terminal = new Terminal(folder, command, { ...own, TERM: 'xterm', ...env })
    return terminal
  }

  it('shows what changes, at the size it has, and leaves the terminal as it was at q', async () => {
    const { folder, store } = await place()
    const screen = top(folder, '')
    await screen.until('q quits')
    expect(screen.shown).not.toContain('breached')
    await save(store, [bad])
    await screen.until('✗ breached')
    await screen.until('newest findings (1)')
    const before = screen.shown.length
    screen.resize(120, 12)
    await screen.until(/quipu top: .{90,}Z/, before)
    // No q: an arrow, a key of the number pad, another letter.
    screen.press('\u001b[A\u001bOqx')
    const looks = screen.shown.length
    await screen.until('\u001b[H', looks)
    screen.press('q')
    expect(await screen.ended()).toEqual({ code: 0, isAsBefore: true })
    expect(screen.shown.split(ENTER)).toHaveLength(2)
    expect(screen.shown.endsWith(LEAVE)).toBe(true)
    // Coloured, and of no more lines than there are.
    expect(screen.shown).toContain('\u001b[32m✓ met')
    const frames = screen.shown.slice(before).split('\u001b[H').slice(2)
    for (const frame of frames) expect(frame.split('\r\n')).toHaveLength(12)
  })

  it.each<[string, (screen: Terminal) => void, number]>([
    ['Ctrl-C', (screen) => screen.press('\u0003'), 130],
    ['SIGINT', (screen) => screen.signal('SIGINT'), 130],
    ['SIGTERM', (screen) => screen.signal('SIGTERM'), 143],
  ])('leaves it as it was at %s', async (_, end, code) => {
    const { folder } = await place()
    const screen = top(folder, '')
    await screen.until('q quits')
    end(screen)
    expect(await screen.ended()).toEqual({ code, isAsBefore: true })
    expect(screen.shown.endsWith(LEAVE)).toBe(true)
  })

  it('goes on when the store cannot be read, and says so', async () => {
    const { folder, store } = await place()
    const screen = top(folder, '')
    await screen.until('q quits')
    rmSync(store)
    await screen.until('! there is no store at ./quipu.db; q quits')
    await save(store, [...good, bad])
    await screen.until('✗ breached')
    screen.press('q')
    expect(await screen.ended()).toEqual({ code: 0, isAsBefore: true })
  })

  it('leaves it as it was when something throws that nobody thought of', async () => {
    const { folder } = await place()
    const boom = join(folder, 'boom.mjs')
    writeFileSync(
      boom,
      `import { existsSync } from 'node:fs'
       if (process.argv.includes('top')) setInterval(() => {
         if (existsSync('now')) throw new Error('boom')
       }, 50).unref()`,
    )
    const screen = top(folder, '', { NODE_OPTIONS: `--import=${pathToFileURL(boom)}` })
    await screen.until('q quits')
    writeFileSync(join(folder, 'now'), '')
    const { code, isAsBefore } = await screen.ended()
    expect([code === 0, isAsBefore]).toEqual([false, true])
    expect(screen.shown).toContain(LEAVE)
  })

  it('keeps to the screen that is there where another cannot be had or is not needed', async () => {
    for (const [args, env] of [
      ['--once', { NO_COLOR: '1' }],
      ['--once --no-color', {}],
      ['', { TERM: 'dumb' }],
    ] as const) {
      const { folder } = await place()
      const screen = top(folder, args, env)
      expect(await screen.ended()).toEqual({ code: 0, isAsBefore: true })
      expect(screen.shown).toContain('quipu top: 1 pipeline')
      expect(screen.shown).not.toContain('\u001b')
      screen.close()
    }
  })

  it('says on it that there is no store', async () => {
    const { folder } = await place()
    const screen = top(folder, '--store none.db')
    expect(await screen.ended()).toEqual({ code: 4, isAsBefore: true })
    expect(screen.shown).toContain('there is no store at none.db')
    expect(screen.shown).not.toContain(ENTER)
  })
})
