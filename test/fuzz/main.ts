/** The long run: `npm run fuzz -- [--seed N] [--count N] [--decoder NAME] [--at I]`. */
import { parseArgs } from 'node:util'
import { drawn, type Flaw, flawIn } from './target.ts'
import { targets } from './targets.ts'

const usage = `Usage: npm run fuzz -- [--seed N] [--count N] [--decoder NAME] [--at I]
  --seed N        which inputs; 1 if not given
  --count N       how many; 100000 if not given
  --at I          from which one on; a failing one is made again with --at I --count 1
  --decoder NAME  only one of: ${targets.map(({ name }) => name).join(', ')}`

const PROGRESS_EVERY = 50_000
/** Longer ones are cut where they are shown: --at makes them again. */
const SHOWN_BYTES = 2048
const FLAWS_MAX = 5

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '100000' },
      at: { type: 'string', default: '0' },
      decoder: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const [seed, count, from] = [values.seed, values.count, values.at].map(Number) as [
    number,
    number,
    number,
  ]
  const chosen = targets.filter(
    ({ name }) => values.decoder === undefined || name === values.decoder,
  )
  if (values.help || chosen.length === 0 || ![seed, count, from].every(isWhole)) {
    console.error(usage)
    return values.help ? 0 : 2
  }
  const started = process.cpuUsage()
  const perTarget = new Map<string, number>()
  let flaws = 0
  let i = from
  for (; i < from + count && flaws < FLAWS_MAX; i++) {
    const { target, input, countsLooks } = drawn(chosen, seed, i)
    const flaw = await flawIn(target, input, countsLooks)
    perTarget.set(target.name, (perTarget.get(target.name) ?? 0) + 1)
    if (flaw !== null) {
      flaws++
      console.log(report(flaw, seed, i))
    }
    if ((i + 1 - from) % PROGRESS_EVERY === 0) {
      console.error(`${i + 1 - from} of ${count}, ${flaws} flaws, ${cpuSeconds(started)} s CPU`)
    }
  }
  const shares = [...perTarget].map(([name, inputs]) => `${name} ${inputs}`).sort()
  console.log(`${i - from} inputs of seed ${seed}, ${flaws} flaws, ${cpuSeconds(started)} s CPU`)
  console.log(shares.join(', '))
  return flaws === 0 ? 0 : 1
}

function report({ target, kind, bytes, why }: Flaw, seed: number, i: number): string {
  const hex = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex')
  const more = bytes.length > SHOWN_BYTES ? ` and ${bytes.length - SHOWN_BYTES} bytes more` : ''
  return [
    `${target}: ${why.slice(0, 500)}`,
    `  input ${i} of seed ${seed}, ${kind}, ${bytes.length} bytes: ${hex}${more}`,
    `  again: npm run fuzz -- --decoder ${target} --seed ${seed} --at ${i} --count 1`,
  ].join('\n')
}

const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0

function cpuSeconds(started: NodeJS.CpuUsage): string {
  const { user, system } = process.cpuUsage(started)
  return ((user + system) / 1e6).toFixed(1)
}

process.exitCode = await main()
