/**
 * How often the statistical rules of drift (18–21) are wrong, and how soon they are right.
 *
 * `npm run drift-alarms -- [--runs N]`: for each kind of traffic without drift N runs of 10,000 windows of
 * 20 fields, each of another seed, with 250 messages looked at in a window on average; every finding is a
 * false one. Then how soon true jumps are found, and what is found in real data: nothing should be.
 */
import { parseArgs } from 'node:util'
import { judgeDrift } from '../../../src/drift/judge.ts'
import { hop, inputOf } from '../judge/build.ts'
import { powers } from './power.ts'
import { real, realShapes } from './real.ts'
import { kinds, traffic } from './traffic.ts'

const WINDOWS = 10_000

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, kind: { type: 'string' } },
})
const runs = Number(values.runs)

console.log(`${runs} runs of ${WINDOWS} windows for each kind of traffic without drift`)
let all = 0
let made = 0
for (const kind of Object.keys(kinds)) {
  if (values.kind !== undefined && values.kind !== kind) continue
  const codes = new Map<string, number>()
  let findings = 0
  for (let run = 0; run < runs; run++) {
    const shapes = [...traffic(kind, 1_000 * run + 7, WINDOWS)]
    const drift = judgeDrift(inputOf([hop('t')], shapes))
    findings += drift.findings.length
    for (const { code } of drift.findings) codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  all += findings
  made += runs
  const told = [...codes].map(([code, count]) => `${code} ${count}`).join(', ')
  console.log(line(kind, findings, runs), told)
}
console.log(line('all', all, made))
if (values.kind === undefined) {
  for (const text of powers()) console.log(text)
  for (const [name, data] of Object.entries(real)) {
    const shapes = await realShapes(data, Infinity)
    const { findings } = judgeDrift(inputOf([hop('t')], shapes))
    const records = shapes.length * data.window
    console.log(
      `${name}: ${records} records in ${shapes.length} windows, ${findings.length} findings`,
    )
  }
}

function line(name: string, findings: number, runs: number): string {
  const [low, high] = interval(findings)
  const rate = (n: number): string => (n / runs).toFixed(2)
  return `${name.padEnd(15)} ${findings} findings: ${rate(findings)} in 10,000 windows (95%: ${rate(low)} to ${rate(high)})`
}

/** Of a count of rare things: the means between which 95% of the cases lie (Poisson, exact). */
function interval(count: number): readonly [low: number, high: number] {
  const below = (mean: number, n: number): number => {
    let [term, sum] = [Math.exp(-mean), 0]
    for (let i = 0; i <= n; i++) {
      sum += term
      term *= mean / (i + 1)
    }
    return sum
  }
  const solve = (isTooLow: (mean: number) => boolean): number => {
    let [low, high] = [0, 5 * count + 20]
    for (let i = 0; i < 60; i++) {
      const mid = (low + high) / 2
      if (isTooLow(mid)) low = mid
      else high = mid
    }
    return low
  }
  const high = solve((mean) => below(mean, count) > 0.025)
  return [count === 0 ? 0 : solve((mean) => 1 - below(mean, count - 1) < 0.025), high]
}
