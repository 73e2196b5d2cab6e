/**
 * Puts the figures of a run into docs/sketch.md, so that every figure there is one of a run:
 *
 *     npm run -s bench -- NAME... --json | npx tsx bench/sketch-paste.ts
 *
 * Each stands in a block of text under a comment that names the command, and nowhere else.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Row, table } from './table.ts'

const PAGE: string = join(import.meta.dirname, '..', 'docs', 'sketch.md')

/** One line of `npm run bench -- NAME --json`. */
interface Printed {
  readonly name: string
  readonly machine: { readonly [part: string]: string | number }
  readonly rows: readonly Row[]
  readonly notes: string | readonly string[]
}

/** Throws where the page has no such block: a figure that goes nowhere is noticed. */
export function pasteFigures(command: string, figures: string): void {
  const page = readFileSync(PAGE, 'utf8')
  const start = `<!-- ${command} -->\n\`\`\`text\n`
  const from = page.indexOf(start) + start.length
  const to = page.indexOf('\n```\n', from)
  if (from < start.length || to < 0) throw new Error(`expected a block "${command}" in ${PAGE}`)
  writeFileSync(PAGE, page.slice(0, from) + figures + page.slice(to))
}

async function main(): Promise<void> {
  const lines = (await text(process.stdin)).split('\n').filter((line) => line.startsWith('{'))
  for (const line of lines) {
    const { name, machine, rows, notes } = JSON.parse(line) as Printed
    const remarks = typeof notes === 'string' ? [notes] : notes
    pasteFigures(`npm run bench -- ${name}`, [table(rows), '', ...remarks].join('\n'))
    const { cpu, cores, memoryGb, node, platform } = machine
    pasteFigures('machine', `${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, ${platform}`)
  }
  console.error(`${lines.length} blocks of ${PAGE}`)
}

// Benches are found by importing all files of this folder.
if (process.argv[1] === import.meta.filename) await main()
