/** Lists and runs the benches: `npm run bench -- NAME [--json]`. */

import { readdir } from 'node:fs/promises'
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Row, table } from './table.ts'

/** What a file of this folder exports to be a bench. */
interface Bench {
  readonly name: string
  /** The question it answers, its workload, and what it leaves out of the timing. */
  readonly about: string
  run(): Promise<{ readonly rows: readonly Row[]; readonly notes?: string | readonly string[] }>
}

const usage = 'Usage: npm run bench -- NAME... [--json]   (NAME is one of those below, or `all`)'

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  })
  const benches = await discover()
  const unknown = positionals.filter(
    (name) => name !== 'all' && !benches.some((bench) => bench.name === name),
  )
  if (positionals.length === 0 || unknown.length > 0) {
    if (unknown.length > 0) console.error(`There is no bench named ${unknown.join(', ')}.`)
    console.log([usage, '', ...benches.map(entry)].join('\n'))
    process.exitCode = unknown.length > 0 ? 2 : 0
    return
  }
  const all = positionals.includes('all')
  for (const bench of benches) {
    if (!all && !positionals.includes(bench.name)) continue
    const { rows, notes = [] } = await bench.run()
    const remarks = typeof notes === 'string' ? [notes] : notes
    if (values.json) {
      console.log(JSON.stringify({ name: bench.name, machine, rows, notes: remarks }))
    } else {
      const title = `${bench.name}: ${bench.about}`
      console.log([title, machineLine, '', table(rows), '', ...remarks].join('\n'))
    }
  }
}

const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${platform()} ${arch()}`,
}

const machineLine = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ${machine.platform}`

async function discover(): Promise<Bench[]> {
  const folder = import.meta.dirname
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort()
  const found: Bench[] = []
  for (const file of files) {
    if (file === 'main.ts') continue
    const module: Partial<Bench> = await import(pathToFileURL(join(folder, file)).href)
    if (isBench(module)) found.push(module)
  }
  return found
}

function isBench(module: Partial<Bench>): module is Bench {
  const { name, about, run } = module
  return typeof name === 'string' && typeof about === 'string' && typeof run === 'function'
}

function entry({ name, about }: Bench): string {
  return `  ${name.padEnd(20)} ${about.split('\n')[0]}`
}

await main()
