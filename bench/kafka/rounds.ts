/** Children side by side, each with one variant; one works at a time, in turns. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Job } from './jobs.ts'
import type { Variant } from './variants.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** Processor time in µs per message, one figure for each round. */
export type Samples = ReadonlyMap<Variant, readonly number[]>

export async function rounds(
  jobs: readonly Job[],
  { warmUp, counted }: { readonly warmUp: number; readonly counted: number },
): Promise<Samples> {
  const children = jobs.map((job) => ({ job, child: fork(CHILD, [JSON.stringify(job)]) }))
  const samples = new Map<Variant, number[]>(jobs.map(({ variant }) => [variant, []]))
  try {
    await Promise.all(children.map(({ child }) => answerOf(child)))
    for (let round = -warmUp; round < counted; round++) {
      // The next round begins with the next variant, so that none always follows the same one's noise.
      for (let i = 0; i < children.length; i++) {
        const { job, child } = children[(i + round + warmUp) % children.length] as {
          job: Job
          child: ChildProcess
        }
        child.send('round')
        const { cpu } = await answerOf(child)
        if (round >= 0) samples.get(job.variant)?.push((cpu as number) / job.messages)
      }
    }
  } finally {
    for (const { child } of children) child.kill()
  }
  return samples
}

async function answerOf(child: ChildProcess): Promise<Answer> {
  const ended = new AbortController()
  try {
    const [first] = await Promise.race([
      once(child, 'message', { signal: ended.signal }),
      once(child, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`a child process ended with ${code}`)
      }),
    ])
    return first as Answer
  } finally {
    ended.abort()
  }
}

/** The median over the rounds of what a variant costs more than another one in the same round. */
export function added(samples: Samples, variant: Variant, base: Variant): number {
  return median(differences(samples, variant, base))
}

/** The same, and between which the true median is, with 95% at least: `0.38 (0.19 to 0.55)`. */
export function addedText(samples: Samples, variant: Variant, base: Variant): string {
  const sorted = differences(samples, variant, base).sort((a, b) => a - b)
  // How many of n lie below the median is binomial, whatever their distribution: n/2 ± 1.96 √n/2.
  const n = sorted.length
  // The value of that rank is inside: of 11 the second, with 98.8%; the third would be 93.5%.
  const below = Math.max(0, Math.floor(n / 2 - 0.98 * Math.sqrt(n)) - 1)
  const [low, high] = [sorted[below] as number, sorted[n - 1 - below] as number]
  return `${rounded(median(sorted))} (${rounded(low)} to ${rounded(high)})`
}

function differences(samples: Samples, variant: Variant, base: Variant): number[] {
  const others = samples.get(base) as readonly number[]
  return (samples.get(variant) as readonly number[]).map((cpu, i) => cpu - others[i]!)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}

const names: Readonly<Record<Variant, string>> = {
  bare: 'bare kafkajs',
  header: 'one plain 16-byte header',
  ours: 'audited',
  'ours-unforwarded': 'audited, forwarding: false',
  'ours-looking': 'audited with schema, 1/64 looked into',
  otel: 'OpenTelemetry, nothing sampled',
}

export function rowsOf(samples: Samples): Array<Record<string, string | number>> {
  const otel = added(samples, 'otel', 'bare')
  return [...samples].map(([variant, values]) => {
    const more = added(samples, variant, 'bare')
    return {
      what: names[variant],
      'CPU µs per message': rounded(median(values)),
      best: rounded(Math.min(...values)),
      worst: rounded(Math.max(...values)),
      'more than bare': rounded(more),
      'more than one header': rounded(added(samples, variant, 'header')),
      'of what OpenTelemetry adds': rounded(more / otel),
    }
  })
}

export function rounded(value: number): number {
  return Number(value.toFixed(2))
}
