import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/**
 * Each row of the import table, proved on imports that must pass and imports that must not. All of
 * them are written into one mirror of the repository, which is linted once.
 */
interface Row {
  /** The file that imports. */
  readonly from: string
  readonly may: readonly string[]
  readonly mayNot: readonly string[]
}

const table: readonly Row[] = [
  {
    from: 'src/base/x.ts',
    may: ['node:fs', 'node:fs/promises', './y.ts'],
    mayNot: ['../message/y.ts', '../hop/y.ts', 'zod', 'better-sqlite3'],
  },
  {
    from: 'src/message/x.ts',
    may: ['../base/y.ts', './y.ts', 'node:crypto'],
    mayNot: ['../sketch/y.ts', '../finding/y.ts', '../hop/y.ts', 'kafkajs'],
  },
  {
    from: 'src/sketch/x.ts',
    may: ['../base/y.ts', 'bloom-filters'],
    mayNot: ['../message/y.ts', '../finding/y.ts', '../store/y.ts', 'avsc'],
  },
  {
    from: 'src/finding/x.ts',
    may: ['../base/y.ts'],
    mayNot: ['../message/y.ts', '../sketch/y.ts', '../reconcile/y.ts'],
  },
  {
    from: 'src/registry/x.ts',
    may: ['../base/y.ts', './y.ts', 'node:https'],
    mayNot: ['../evolution/y.ts', '../drift/y.ts', '../config/y.ts', 'ajv'],
  },
  {
    from: 'src/transport/memory.ts',
    may: ['../base/y.ts', './transport.ts'],
    mayNot: ['../hop/y.ts', '../store/y.ts', 'kafkajs', '@platformatic/kafka'],
  },
  {
    from: 'src/transport/kafka.ts',
    may: ['../base/y.ts', 'kafkajs', '@platformatic/kafka'],
    mayNot: ['../hop/y.ts', 'better-sqlite3'],
  },
  {
    from: 'src/transport/kafka-log.ts',
    may: ['../base/y.ts', 'kafkajs'],
    mayNot: ['../diagnose/y.ts', '../hop/y.ts'],
  },
  {
    from: 'src/hop/x.ts',
    may: [
      '../base/y.ts',
      '../message/y.ts',
      '../sketch/y.ts',
      '../drift/shape.ts',
      '../transport/transport.ts',
    ],
    mayNot: ['../drift/y.ts', '../transport/kafka.ts', '../finding/y.ts', '../store/y.ts'],
  },
  {
    from: 'src/drift/x.ts',
    may: ['../base/y.ts', '../finding/y.ts', '../registry/y.ts', './judge/y.ts', 'ajv'],
    mayNot: ['../evolution/y.ts', '../hop/y.ts', '../config/y.ts'],
  },
  {
    from: 'src/evolution/x.ts',
    may: ['../base/y.ts', '../finding/y.ts', '../registry/y.ts', './avro/y.ts'],
    mayNot: ['../drift/y.ts', '../message/y.ts', '../store/y.ts'],
  },
  {
    from: 'src/evolution/avro/x.ts',
    may: ['../../base/y.ts', '../../finding/y.ts', '../modes.ts', '../json-schema/y.ts', './y.ts'],
    mayNot: ['../../drift/y.ts', '../../message/y.ts', '../../cli/y.ts'],
  },
  {
    from: 'src/reconcile/x.ts',
    may: ['../base/y.ts', '../message/y.ts', '../sketch/y.ts', '../hop/y.ts', '../finding/y.ts'],
    mayNot: ['../store/y.ts', '../transport/y.ts', '../collect/y.ts', 'node:fs', 'node:timers'],
  },
  {
    from: 'src/diagnose/x.ts',
    may: [
      '../reconcile/y.ts',
      '../hop/y.ts',
      '../finding/y.ts',
      '../drift/y.ts',
      '../transport/log.ts',
    ],
    mayNot: ['../store/y.ts', '../transport/y.ts', '../collect/y.ts', '../objective/y.ts'],
  },
  {
    from: 'src/objective/x.ts',
    may: ['../reconcile/y.ts', '../hop/y.ts', '../finding/y.ts', '../message/y.ts'],
    mayNot: ['../store/y.ts', '../config/y.ts', '../collect/y.ts', '../diagnose/y.ts'],
  },
  {
    from: 'src/store/x.ts',
    may: ['../base/y.ts', '../message/y.ts', '../hop/y.ts', '../finding/y.ts', 'better-sqlite3'],
    mayNot: ['../reconcile/y.ts', '../transport/y.ts', '../objective/y.ts', 'kafkajs'],
  },
  {
    from: 'src/config/x.ts',
    may: ['../base/y.ts', '../hop/y.ts', '../objective/y.ts', 'yaml', 'zod'],
    mayNot: ['../store/y.ts', '../transport/y.ts', '../collect/y.ts', '../cli/y.ts'],
  },
  {
    from: 'src/lint/x.ts',
    may: ['../base/y.ts', '../hop/y.ts', '../objective/y.ts', '../config/y.ts', 'node:crypto'],
    mayNot: ['../store/y.ts', '../collect/y.ts', '../cli/y.ts', 'node:fs', 'zod'],
  },
  {
    from: 'src/export/x.ts',
    may: ['../base/y.ts', '../hop/y.ts', '../objective/y.ts', '../finding/y.ts', 'yaml'],
    mayNot: ['../config/y.ts', '../store/y.ts', '../../reports/y.ts', '../cli/y.ts', 'node:fs'],
  },
  {
    from: 'src/telemetry/x.ts',
    may: ['../base/y.ts', '../objective/y.ts', '@opentelemetry/api'],
    mayNot: ['../store/y.ts', '../collect/y.ts', '@opentelemetry/sdk-node'],
  },
  {
    from: 'src/alert/x.ts',
    may: [
      ...['../base/y.ts', '../objective/y.ts', '../diagnose/y.ts', '../hop/y.ts', 'node:https'],
      ...['../config/alerting.ts', '../store/alerts.ts', './y.ts'],
    ],
    mayNot: ['../store/y.ts', '../config/y.ts', '../cli/y.ts', '../transport/y.ts', 'zod'],
  },
  {
    from: 'src/collect/x.ts',
    may: ['../transport/y.ts', '../store/y.ts', '../reconcile/y.ts', '../objective/y.ts'],
    mayNot: [
      '../cli/y.ts',
      '../server/y.ts',
      '../testbed/y.ts',
      '../../agents/y.ts',
      '../../reports/y.ts',
      'better-sqlite3',
      'kafkajs',
    ],
  },
  {
    from: 'src/testbed/x.ts',
    may: ['../base/y.ts', 'kafkajs', 'node:child_process'],
    mayNot: ['../hop/y.ts', '../transport/y.ts', '../cli/y.ts', 'better-sqlite3'],
  },
  {
    from: 'src/cli/x.ts',
    may: ['../store/y.ts', '../testbed/y.ts', '../../reports/y.ts', '../../agents/y.ts', 'kafkajs'],
    mayNot: ['better-sqlite3'],
  },
  {
    from: 'src/index.ts',
    may: ['./hop/y.ts', './store/y.ts'],
    mayNot: ['./cli/y.ts', './testbed/y.ts', 'better-sqlite3', 'kafkajs'],
  },
  {
    from: 'src/anything-new/x.ts',
    may: ['../hop/y.ts'],
    mayNot: ['../cli/y.ts', '../testbed/y.ts', 'better-sqlite3', '@platformatic/kafka'],
  },
  {
    from: 'agents/stream.ts',
    may: [
      '../src/base/y.ts',
      '../src/message/y.ts',
      '../src/hop/y.ts',
      '../src/sketch/y.ts',
      '../src/telemetry/y.ts',
      '../src/transport/transport.ts',
      './y.ts',
    ],
    mayNot: [
      '../src/store/y.ts',
      '../src/cli/y.ts',
      '../src/server/y.ts',
      '../src/collect/y.ts',
      '../src/transport/kafka.ts',
      '../reports/y.ts',
      'kafkajs',
    ],
  },
  {
    from: 'agents/kafkajs.ts',
    may: ['../src/hop/y.ts', 'kafkajs'],
    mayNot: ['../src/store/y.ts', '../src/cli/y.ts', '@platformatic/kafka', 'better-sqlite3'],
  },
  {
    from: 'agents/kafkajs/x.ts',
    may: ['../../src/hop/y.ts', '../y.ts', './y.ts', 'kafkajs'],
    mayNot: ['../../src/store/y.ts', '../../src/cli/y.ts', '@platformatic/kafka'],
  },
  {
    from: 'agents/topic.ts',
    may: ['../src/hop/y.ts', 'kafkajs', '@platformatic/kafka'],
    mayNot: ['../src/store/y.ts', '../src/cli/y.ts', 'better-sqlite3'],
  },
  {
    from: 'reports/evolution/x.ts',
    may: ['../ci/xml.ts', '../markdown/escape.ts', '../lines.ts', '../../src/evolution/finding.ts'],
    mayNot: ['../../src/cli/y.ts', '../../src/store/y.ts', 'ajv'],
  },
  {
    from: 'reports/x.ts',
    may: [
      '../src/base/y.ts',
      '../src/objective/y.ts',
      '../src/finding/y.ts',
      '../src/diagnose/y.ts',
      '../src/drift/y.ts',
      '../src/reconcile/y.ts',
    ],
    mayNot: ['../src/store/y.ts', '../src/collect/y.ts', '../src/cli/y.ts', '../agents/y.ts'],
  },
  {
    from: 'bench/x.ts',
    may: ['../src/store/y.ts', '../agents/y.ts', 'kafkajs'],
    mayNot: ['../src/cli/y.ts'],
  },
]

/** The other rules that the style relies on: each one file that breaks it. */
const habits = [
  { rule: 'nursery/noFloatingPromises', file: 'src/habit/float.ts' },
  { rule: 'suspicious/noImportCycles', file: 'src/habit/cycle-one.ts' },
  { rule: 'style/useFilenamingConvention', file: 'src/habit/camelCase.ts' },
  { rule: 'style/noDefaultExport', file: 'src/habit/default-export.ts' },
  { rule: 'correctness/noUnusedImports', file: 'src/habit/unused.ts' },
] as const

const sources: Record<string, string> = {
  'src/habit/float.ts':
    'async function send(): Promise<void> {}\nexport function go(): void {\n  send()\n}\n',
  'src/habit/cycle-one.ts': "import { two } from './cycle-two.ts'\nexport const one = () => two\n",
  'src/habit/cycle-two.ts': "import { one } from './cycle-one.ts'\nexport const two = () => one\n",
  'src/habit/camelCase.ts': 'export const x = 1\n',
  'src/habit/default-export.ts': 'export default 1\n',
  'src/habit/unused.ts': "import { x } from './camelCase.ts'\nexport const y = 1\n",
  'src/habit/fine.ts':
    'async function send(): Promise<void> {}\nexport async function go(): Promise<void> {\n  await send()\n}\n',
}

interface Diagnostic {
  readonly category: string
  readonly location: { readonly path: string; readonly start: { readonly line: number } }
}

const root = join(import.meta.dirname, '..', '..')
let mirror: string
let diagnostics: readonly Diagnostic[]

beforeAll(async () => {
  mirror = await mkdtemp(join(tmpdir(), 'quipu-imports-'))
  await cp(join(root, 'biome.json'), join(mirror, 'biome.json'))
  for (const { from, may, mayNot } of table) {
    await put(
      from,
      [...may, ...mayNot].map((target) => `export * from '${target}'\n`),
    )
  }
  for (const [file, text] of Object.entries(sources)) await put(file, [text])
  diagnostics = await lint()
})

afterAll(() => rm(mirror, { recursive: true, force: true }))

describe.each(table)('$from', ({ from, may, mayNot }) => {
  it.each(may)('may import %s', (target) => {
    expect(refusedLines(from)).not.toContain(may.indexOf(target) + 1)
  })

  it.each(mayNot)('may not import %s', (target) => {
    expect(refusedLines(from)).toContain(may.length + mayNot.indexOf(target) + 1)
  })
})

describe('habits', () => {
  it.each(habits)('$rule is refused', ({ rule, file }) => {
    expect(categoriesOf(file)).toContain(`lint/${rule}`)
  })

  it('a file that keeps them passes', () => {
    expect(categoriesOf('src/habit/fine.ts')).toEqual([])
  })
})

async function put(file: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(join(mirror, file)), { recursive: true })
  await writeFile(join(mirror, file), lines.join(''))
}

async function lint(): Promise<readonly Diagnostic[]> {
  const biome = join(root, 'node_modules', '.bin', 'biome')
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false', '.']
  const { stdout } = await promisify(execFile)(biome, args, {
    cwd: mirror,
    maxBuffer: 64_000_000,
  }).catch((failure: { stdout: string }) => failure)
  return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics
}

function refusedLines(file: string): number[] {
  return diagnostics
    .filter(({ category }) => category === 'lint/style/noRestrictedImports')
    .filter(({ location }) => location.path === file)
    .map(({ location }) => location.start.line)
}

function categoriesOf(file: string): string[] {
  return diagnostics
    .filter(({ location }) => location.path === file)
    .map(({ category }) => category)
}
