/** The table of docs/evidence.md names tests that exist: else its commands would run none, and pass. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COMMAND = /^npx vitest run --project (unit|integration) (test\/\S+\.test\.ts) -t "([^"]+)"$/
/** Of a test that runs: the title of one that is skipped or to be written shows nothing. */
const TITLE =
  /\b(?:it|test)((?:\.\w+)*)(?:\([^'`"]*?\)|<[^>]*>\(.*?\]\))?\(\s*(?:'([^']*)'|`([^`]*)`)/gs
const LISTED_TITLE = /^\s*\]\)\(\s*'([^']*)'/gm

interface Row {
  readonly name: string
  readonly command: string
}

/** Of the last table: its first two lines are the head. */
function rowsOf(text: string): readonly Row[] {
  const [, , ...rows] = (text.split('## Every case')[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
  return rows
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name = '', , command = '']) => ({ name, command: command.replaceAll('`', '') }))
}

function titlesIn(source: string): readonly string[] {
  const titles = [...source.matchAll(TITLE)]
    .filter(([, how = '']) => !/skip|todo/.test(how))
    .map(([, , plain, template]) => plain ?? template ?? '')
  return [...titles, ...[...source.matchAll(LISTED_TITLE)].map(([, title = '']) => title)]
}

/** Why the command shows nothing, or null. */
function flawOf({ command }: Row): string | null {
  const [, project, file, name] = COMMAND.exec(command) ?? []
  if (file === undefined || name === undefined) return `no command: ${command}`
  if (!existsSync(join(ROOT, file))) return `no such file: ${file}`
  if ((project === 'integration') !== file.startsWith('test/integration/')) return `not ${project}`
  // vitest reads the name as a pattern.
  const pattern = new RegExp(name)
  const titles = titlesIn(readFileSync(join(ROOT, file), 'utf8'))
  return titles.some((title) => pattern.test(title)) ? null : `no test "${name}" in ${file}`
}

const rows = rowsOf(readFileSync(join(ROOT, 'docs/evidence.md'), 'utf8'))

describe('the table of docs/evidence.md', () => {
  it('has a row for every case', () => {
    expect(rows.length).toBeGreaterThanOrEqual(45)
    expect(new Set(rows.map(({ command }) => command)).size).toBe(rows.length)
  })

  it.each(rows)('$name: its command runs a test', (row) => {
    expect(flawOf(row)).toBeNull()
  })

  it.each([
    [
      'npx vitest run --project unit test/tooling/evidence-table.test.ts -t "nobody wrote this"',
      /no test/,
    ],
    ['npx vitest run --project unit test/tooling/nowhere.test.ts -t "a"', /no such file/],
    ['npx vitest run --project integration test/tooling/tally.test.ts -t "a"', /not integration/],
    ['test/tooling/tally.test.ts', /no command/],
  ])('would be told of %s', (command, flaw) => {
    expect(flawOf({ name: 'x', command })).toMatch(flaw)
  })
})
