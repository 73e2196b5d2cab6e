/**
 * docs/on-call.md, played: a broker dies and takes messages with it that it had acknowledged. Whoever is
 * woken goes from the alert to the ids, the cause and the repair, with the commands of the page.
 *
 * The tests are one story: each goes on where the one before it ended. `UPDATE_DOCS=1` writes what the
 * commands say into the page.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlertEvent } from '../../src/alert/event.ts'
import { OnCall } from '../support/on-call.ts'
import { Page } from '../support/on-call-page.ts'
import { quipu } from '../support/quipu.ts'

const page = new Page()
let run: OnCall
/** Acknowledged, and in no log. */
let gone: readonly string[]
/** What the source of the page keeps. */
interface Source {
  readonly outbox: ReadonlyMap<string, { readonly key: string; readonly value: string }>
  readonly onStamped: OnCall['onStamped']
}
let outbox: Source['outbox']
beforeAll(async () => {
  run = await OnCall.open(page.code('The pipeline', 'yaml'))
  const path = join(run.folder, 'source.mjs')
  writeFileSync(path, page.code('The repair', 'ts'))
  const source: Source = await import(pathToFileURL(path).href)
  outbox = source.outbox
  run.onStamped = source.onStamped
}, 90_000)
afterAll(() => run?.close(), 60_000)

const uuidOf = (key: string | undefined): string =>
  [...outbox].find(([, row]) => row.key === key)?.[0] ?? ''

/** Calls somebody. */
const isPage = ({ severity, status }: AlertEvent): boolean =>
  severity === 'page' && status === 'firing'

const alert = (isIt: (event: AlertEvent) => boolean): AlertEvent | undefined => run.told.find(isIt)
async function told(what: string, isIt: (event: AlertEvent) => boolean): Promise<AlertEvent> {
  await run.until(
    () => alert(isIt) !== undefined,
    () => what,
  )
  return alert(isIt) as AlertEvent
}

const store = (): string => join(run.folder, 'quipu.db')

/** Nothing that was sent is still to be judged. */
async function settled(): Promise<void> {
  await quipu(['wait', '--store', store(), '--final', '--timeout', '60s'])
}

/** Resolves when `quipu check` finds nothing wrong. */
async function kept(): Promise<void> {
  await run.until(
    async () => (await quipu(['check', '--store', store()])).code === 0,
    () => 'the promise to be kept again',
  )
}

describe('the page for whoever is on call', () => {
  let fired: AlertEvent
  const shown = () => ({ id: fired.samples[0]?.id ?? '', window: fired.windows?.first ?? '' })

  it('begins with one page for what was lost', async () => {
    await run.nextWindow()
    await run.arrived(await run.send('2.3.1', 20))
    gone = await run.loseTheLeader(20)
    fired = await told('a page', isPage)
    page.show('The alert', 'json', JSON.stringify(fired, null, 2))
    expect(run.told.filter(isPage)).toHaveLength(1)
    expect(fired.samples.map(({ id }) => id).every((id) => gone.map(uuidOf).includes(id))).toBe(
      true,
    )
  })

  it('finds out what, since when, why and how sure that is', async () => {
    const { folder } = run
    // Who wakes up finds that the services have gone on.
    await run.nextWindow()
    await run.arrived(await run.send('2.3.1', 20))
    await settled()
    await Promise.all([
      page.play('What, since when, why', folder, shown()),
      page.play('Is it the auditor?', folder, shown()),
    ])
    await Promise.all([
      page.play('Which messages', folder, shown()),
      page.play('The way of one of them', folder, shown()),
    ])
  })

  it('repairs it: the producer sends them again with their ids', async () => {
    const rows = `export const outbox = new Map(${JSON.stringify([...outbox])})\n`
    writeFileSync(join(run.folder, 'outbox.mjs'), rows)
    writeFileSync(join(run.folder, 'resend.mjs'), page.code('The repair', 'js'))
    await page.play('The repair', run.folder, shown())
    await run.arrived(gone)
    await told(
      'the end of the page',
      ({ status, key }) => status === 'resolved' && key === fired.key,
    )
    await kept()
    // What agents could not tell in the outage may be on its way to a ticket.
    await run.until(
      async () =>
        (await quipu(['alert', 'status', '--store', store()])).stdout.startsWith('Nothing'),
      () => 'nothing to fire',
    )
    await page.play('Is it over?', run.folder, shown())
  })

  it('goes the same way where the log still has what a group went past', async () => {
    const keys = await run.goPast(4, 6)
    // Later ones show that it has gone past the others.
    await run.nextWindow()
    await run.arrived(await run.send('2.3.1', 1))
    const again = await told('a page for that', (event) => isPage(event) && event.id !== fired.id)
    const window = again.windows?.first ?? ''
    // While the window after it is open, it is said to go on.
    await settled()
    await page.play('A loss that the log still has', run.folder, { window })
    const script = join(run.folder, 'again.mjs')
    writeFileSync(script, page.code('A loss that the log still has', 'js'))
    const { handleAgain } = await import(pathToFileURL(script).href)
    const [line = ''] = readFileSync(join(run.folder, 'again.ndjson'), 'utf8').split('\n')
    run.afterEach = handleAgain(run.warehouse, JSON.parse(line), run.nextOffset)
    await run.arrived(keys)
    await kept()
    await page.play('And that is over', run.folder, { window })
  })

  it('says that the audit is blind where it is, and calls nothing lost', async () => {
    const pages = run.told.filter(isPage).length
    await run.killAKiosk()
    const blind = await told(
      'a ticket that nobody sees the whole',
      ({ summary }) =>
        summary === 'flights cannot be judged as a whole: checkin: evidence is missing',
    )
    expect([blind.kind, blind.severity]).toEqual(['coverage', 'ticket'])
    await Promise.all([
      page.play('When the audit is blind', run.folder, {}),
      page.play('Before it happens', run.folder, {}),
    ])
    expect(run.told.filter(isPage)).toHaveLength(pages)
  })

  it('has run every command that the page shows', () => page.close())
})
