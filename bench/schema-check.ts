/** How long `quipu schema check` takes, as a job of CI runs it: start included. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtCommand, must } from './built.ts'
import type { BenchResult } from './types.ts'

export const name = 'schema-check'

const ROUNDS = 5
const SUBJECTS = 1_000
const FIELDS = 20

export const about: string =
  'how long `quipu schema check` takes, as a job of CI runs it: start included\n' +
  `One subject, and ${SUBJECTS}, of ${FIELDS} fields each, against a commit of git: in each format, and in all ` +
  'three by turns. Half of the subjects gain a field that is compatible, one in ten breaks its readers ' +
  `and is given a counterexample. The median and the worst of ${ROUNDS} runs of the built command after one ` +
  'to warm the disk. Leaves out: the build, making the commit.'

type Format = 'avro' | 'json-schema' | 'protobuf'
const formats: readonly Format[] = ['avro', 'json-schema', 'protobuf']
const EXTENSIONS: Readonly<Record<Format, string>> = {
  avro: 'avsc',
  'json-schema': 'json',
  protobuf: 'proto',
}

type Change = 'none' | 'added' | 'broken'

export async function run(): Promise<BenchResult> {
  const program = builtCommand(name)
  const folder = mkdtempSync(join(tmpdir(), 'quipu-bench-'))
  const rows: BenchResult['rows'] = []
  try {
    for (const mix of [...formats.map((f) => [f]), formats]) {
      for (const count of [1, SUBJECTS]) {
        const at = join(folder, `${mix.join('-')}-${count}`)
        repositoryOf(at, mix, count)
        const times = Array.from({ length: ROUNDS + 1 }, () => timed(program, at)).slice(1)
        times.sort((a, b) => a - b)
        rows.push({
          formats: mix.length === 1 ? (mix[0] as string) : 'all',
          subjects: count,
          'median, s': seconds(times[Math.floor(ROUNDS / 2)] as number),
          'worst, s': seconds(times.at(-1) as number),
        })
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { rows, notes: [`target: one subject below 0.5 s, ${SUBJECTS} subjects below 5 s`] }
}

const seconds = (ms: number): number => Number((ms / 1_000).toPrecision(3))

function timed(program: string, cwd: string): number {
  const startedMs = performance.now()
  const args = [program, 'schema', 'check', 'schemas', '--against', 'HEAD']
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  if (status !== 1) throw new Error(`expected findings, got exit code ${status}: ${stderr}`)
  return performance.now() - startedMs
}

function repositoryOf(at: string, mix: readonly Format[], count: number): void {
  mkdirSync(join(at, 'schemas'), { recursive: true })
  const write = (changed: boolean): void => {
    for (let i = 0; i < count; i++) {
      const format = mix[i % mix.length] as Format
      const change: Change = !changed ? 'none' : i % 10 === 0 ? 'broken' : i % 2 ? 'added' : 'none'
      const file = `subject-${i}.${EXTENSIONS[format]}`
      writeFileSync(join(at, 'schemas', file), textOf(format, i, change))
    }
  }
  write(false)
  const git = (...args: string[]) =>
    must('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...args], at)
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'before')
  write(true)
}

function textOf(format: Format, i: number, change: Change): string {
  const names = Array.from({ length: FIELDS }, (_, n) => `field_${n}`)
  const isBroken = change === 'broken'
  if (format === 'avro') {
    const fields: object[] = names.map((name, n) => {
      return { name, type: isBroken && n === 3 ? 'boolean' : 'long' }
    })
    if (change === 'added') fields.push({ name: 'more', type: 'string', default: '' })
    return JSON.stringify({ type: 'record', name: `Subject${i}`, fields }, null, 2)
  }
  if (format === 'json-schema') {
    const of = (n: number) => ({ type: isBroken && n === 3 ? 'boolean' : 'integer' })
    const properties = Object.fromEntries(names.map((name, n) => [name, of(n)]))
    if (change === 'added') Object.assign(properties, { more: { type: 'string' } })
    const $schema = 'http://json-schema.org/draft-07/schema#'
    return JSON.stringify({ $schema, type: 'object', properties, additionalProperties: false })
  }
  const lines = names.map((name, n) => {
    return `  ${isBroken && n === 3 ? 'string' : 'int64'} ${name} = ${n + 1};`
  })
  if (change === 'added') lines.push(`  string more = ${FIELDS + 1};`)
  return `syntax = "proto3";\npackage bench.s${i};\nmessage Subject {\n${lines.join('\n')}\n}\n`
}
