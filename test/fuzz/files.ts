/** The pipeline file, as the auditor reads it (every mistake is said) and as an agent does (none stops it). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { hopRoles } from '../../src/hop/hop.ts'
import { type AgentSettings, agentSettings } from '../../src/hop/settings.ts'
import type { Random } from './random.ts'
import { must, type Target } from './target.ts'

const ENV = { BROKERS: 'a:9092,b:9092', RATE: '1/64', EMPTY: '' }
const FILE = '/audit/quipu.yaml'
/** Texts and nodes of the parser are not counted, only lists by length. */
const bytesMax = (length: number): number => 2 ** 22 + 256 * length

const tokens = [
  ...['&a ', '*a', '&a [*a]', '<<: ', '? ', '- ', '[', '{', ']', '}', ': ', '---\n', '...\n', '\t'],
  ...['!!binary ', '!!set ', '!!js ', '!<x> ', '%YAML 9\n', '|\n', '>-\n', '# ', '"', "'"],
  ...['"\\ud800"', '"\\0"', '\u0000', '\u202e', '__proto__: 1', 'constructor: 1', 'null', '~'],
  ...['1e999', '-0', '.nan', '0x7fffffff', '9007199254740993', '4294967296', '2147483648', '1/0'],
  ...['${RATE}', '${EMPTY}', '${', '$${', '${__proto__}', '[['.repeat(2000), '{a: '.repeat(500)],
  ...['0s', '99999999999d', '9999999999d', '1/1', 'version: 1\n', 'pipelines: ', '\n', '\n  '],
]

export const files: Target<Config | 'mistakes'> = {
  name: 'pipeline-file',
  weight: 20,
  valid: (random) => Buffer.from(fileOf(random)),
  tokens,
  decode: (bytes) => {
    const source = textOf(bytes)
    if (source === null) return null
    const result = parseConfig(source, FILE, ENV)
    if (result.ok) return result.config
    must(result.issues.length > 0, 'refuses a file without a mistake')
    for (const { line, column, message } of result.issues) {
      must(Number.isInteger(line) && line >= 1, `line ${line}`)
      must(Number.isInteger(column) && column >= 1, `column ${column}`)
      must(message.length > 0 && !message.includes('\n'), `the message ${message}`)
    }
    return null
  },
  refuses: () => false,
  bytesMax,
  examine: (config, bytes) => {
    must(config !== 'mistakes' && config.pipelines.length > 0, 'accepts no pipeline')
    // An agent reads the same file, and misses nothing in it.
    const { troubles } = settingsOf(bytes)
    must(troubles.length === 0, `an agent says: ${troubles[0]}`)
  },
}

export const settings: Target<AgentSettings> = {
  name: 'settings',
  weight: 20,
  valid: (random) => Buffer.from(fileOf(random)),
  tokens,
  decode: (bytes) => {
    const { read, troubles } = settingsOf(bytes)
    must(troubles.length <= 25, `${troubles.length} troubles`)
    for (const text of troubles)
      must(text.length <= 1_000, `a trouble of ${text.length} characters`)
    return read
  },
  refuses: () => false,
  bytesMax,
  examine: ({ windowMs, latenessMs, flushMs, seed, planOf }) => {
    for (const ms of [windowMs, flushMs]) must(Number.isInteger(ms) && ms > 0, `${ms} ms`)
    must(Number.isInteger(latenessMs) && latenessMs >= 0, `lateness ${latenessMs}`)
    must(seed >>> 0 === seed, `seed ${seed}`)
    for (const role of hopRoles) {
      const hop = { role, cluster: 'default', topic: 't0', group: 'g', name: 's' }
      const { oneIn, preserve, membership, thresholdsMs } = planOf(hop)
      must(
        oneIn.every((n) => Number.isInteger(n) && n > 1),
        `one in ${oneIn}`,
      )
      must(
        preserve.length <= 4 && oneIn.length <= 4 && thresholdsMs.length <= 8,
        'a plan too large',
      )
      must(membership === null || membership >= 1000, `a filter for ${membership}`)
    }
  },
}

let folder: string | null = null

function settingsOf(bytes: Uint8Array): { read: AgentSettings; troubles: string[] } {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'quipu-fuzz-'))
    folder = made
    process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  }
  const path = join(folder, 'quipu.yaml')
  writeFileSync(path, bytes)
  const troubles: string[] = []
  const read = agentSettings({}, (text) => troubles.push(text), path, ENV)
  return { read, troubles }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** A pipeline as people write it: a chain of topics, each read by a group. */
function fileOf(random: Random): string {
  const lines = ['version: 1']
  if (random.oneIn(2)) lines.push(`window: ${random.pick(['1m', '10s', '5m'])}`)
  if (random.oneIn(2)) lines.push(`lateness: ${random.pick(['2m', '0s', '1h'])}`)
  if (random.oneIn(3)) lines.push(`seed: ${random.uint32()}`)
  if (random.oneIn(3)) lines.push('thresholds: [1s, 60s]')
  lines.push('kafka: { brokers: ["${BROKERS}"] }', 'pipelines:')
  for (let p = 0; p < random.from(1, 3); p++) {
    lines.push(`  p${p}:`, '    hops:')
    const sample = random.oneIn(4) ? ', sample: "${RATE}"' : ''
    const preserve = random.oneIn(3) ? `, preserve: [${random.pick(['value', 'key, value'])}]` : ''
    const length = random.from(1, 4)
    const edges: string[] = []
    for (let i = 0; i < length; i++) {
      const topic = `"${random.pick(['t', 'T._-'])}${p}-${i}"`
      lines.push(`      t${i}: { topic: ${topic}${sample} }`)
      lines.push(
        `      c${i}: { consumer: ${topic}, group: "${random.pick(['g', 'ü', 'a b'])}"${sample} }`,
      )
      edges.push(`      - { from: t${i}, to: c${i}${preserve} }`)
    }
    lines.push('    edges:', ...edges)
  }
  return `${lines.join('\n')}\n`
}
