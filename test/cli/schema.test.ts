/** `quipu schema` as a job of CI runs it: real files, a real repository, a child process. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startFakeRegistry } from '../support/fake-registry.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { quipu } from '../support/quipu.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

type Files = Readonly<Record<string, string | null>>

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (text === null) rmSync(path)
    else writeFileSync(path, text)
  }
}

/** A repository with one commit for each, on `main`, and the last of them not committed. */
function repository(...versions: readonly Files[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-schema-'))
  folders.push(folder)
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org']
    const { status, stderr } = spawnSync('git', [...who, ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  }
  git('init', '--quiet', '--initial-branch=main')
  for (const [i, files] of versions.entries()) {
    write(folder, files)
    if (i === versions.length - 1) break
    git('add', '.')
    git('commit', '--quiet', '--allow-empty', '--message', `version ${i + 1}`)
  }
  return folder
}

const record = (...fields: string[]): string =>
  `{ "type": "record", "name": "Order", "fields": [\n${fields.join(',\n')}\n] }\n`
const ID = '  { "name": "id", "type": "long" }'
const NOTE = '  { "name": "note", "type": "string" }'
const NOTE_OR_NOT = '  { "name": "note", "type": "string", "default": "" }'
const ORDERS = 'schemas/orders-value.avsc'
const before: Files = { [ORDERS]: record(ID) }

const PIPELINE = `version: 1
pipelines:
  flights:
    hops: { checkin: { producer: flights, service: checkin }, flights: { topic: flights } }
    edges: [{ from: checkin, to: flights }]
`
const withSchemas = (section: string): Files => ({
  'quipu.yaml': `${PIPELINE}schemas:\n${section}`,
})
const MISSING_DEFAULT = 'AVRO_READER_FIELD_MISSING_DEFAULT_VALUE'

const check = (folder: string, ...args: string[]) => quipu(['schema', 'check', ...args], folder)

describe('the exit code', () => {
  it.concurrent('0, and what was compared, where all is compatible', async () => {
    const folder = repository(before, { [ORDERS]: record(ID, NOTE_OR_NOT) })
    const { code, stdout, stderr } = await check(folder, 'schemas', '--against', 'main')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe('ok: 1 subject, 1 version, BACKWARD\n')
  })

  it.concurrent('1, with the place and the reason, where a reader would break', async () => {
    const folder = repository(before, { [ORDERS]: record(ID, NOTE) })
    const { code, stdout } = await check(folder, 'schemas', '--against', 'git:main')
    expect(code).toBe(1)
    expect(stdout).toContain(
      `schemas/orders-value.avsc:3:3 error ${MISSING_DEFAULT} orders-value: `,
    )
    expect(stdout).toContain('the old schema writes: {"id":')
    expect(stdout).toMatch(/\n1 error in 1 subject; compared: 1 subject, 1 version, BACKWARD\n$/)
  })

  it.concurrent('1, where a subject is gone', async () => {
    const other = { 'schemas/users-value.avsc': record(ID) }
    const folder = repository({ ...before, ...other }, { [ORDERS]: null })
    const { code, stdout } = await check(folder, 'schemas', '--against', 'main')
    expect(code).toBe(1)
    expect(stdout).toContain('SCHEMA_SUBJECT_DELETED orders-value')
  })

  it.concurrent('0, and said, where a subject is new', async () => {
    const folder = repository({ 'schemas/users-value.avsc': record(ID) }, before)
    const { code, stdout } = await check(folder, 'schemas', '--against', 'main')
    expect(code).toBe(0)
    expect(stdout).toBe('new: orders-value\nok: 1 subject, 1 version, BACKWARD; 1 new subject\n')
  })

  it.concurrent.each<[string, Files, string[], number, RegExp]>([
    ['2: nothing to check', before, ['--against', 'main'], 2, /nothing to check/],
    ['2: nothing to hold it against', before, ['schemas'], 2, /nothing to hold/],
    ['2: a mode that is none', before, ['schemas', '--mode', 'BACK'], 2, /BACKWARD, /],
    [
      '2: a baseline that is none',
      before,
      ['schemas', '--against', 'main', '--baseline', ORDERS],
      2,
      /quipu\.schema-check\/v1/,
    ],
    ['3: no such ref', before, ['schemas', '--against', 'git:nowhere'], 3, /nowhere/],
    [
      '3: no schema',
      { 'schemas/a.txt': 'a' },
      ['schemas', '--against', 'main'],
      3,
      /nothing was compared/,
    ],
    [
      '3: a text that is no schema',
      { [ORDERS]: '{' },
      ['schemas', '--against', 'main'],
      3,
      /SCHEMA_UNPARSABLE/,
    ],
  ])('%s', async (_, files, args, expected, words) => {
    const folder = repository('schemas/a.txt' in files ? files : before, files)
    const { code, stdout, stderr } = await check(folder, ...args)
    expect([code, stdout + stderr]).toEqual([expected, expect.stringMatching(words)])
  })

  it.concurrent('3: a registry that does not answer, without a word of success', async () => {
    const folder = repository(before, {})
    // Nobody listens at port 1.
    const registry = 'registry:http://127.0.0.1:1'
    const { code, stdout } = await check(folder, 'schemas', '--against', registry)
    expect([code, stdout]).toEqual([3, ''])
  })
})

describe('modes', () => {
  // Dropped, then back without a default: only the first version lacks nothing to the reader.
  const versions = [before, { [ORDERS]: record(ID, NOTE_OR_NOT) }, { [ORDERS]: record(ID, NOTE) }]

  it.concurrent('against several versions, oldest first', async () => {
    const folder = repository(...versions)
    const against = ['--against', 'git:HEAD~1', '--against', 'git:HEAD']
    const latest = await check(folder, 'schemas', ...against)
    expect([latest.code, latest.stdout]).toEqual([0, expect.stringContaining('1 version, BACK')])
    const every = await check(folder, 'schemas', ...against, '--mode', 'backward_transitive')
    expect([every.code, every.stdout]).toEqual([1, expect.stringContaining('2 versions, BACK')])
  })

  it.concurrent('of the file, by pattern; a flag stands above it', async () => {
    const file = withSchemas(
      '  path: schemas\n  against: main\n  subjects: [{ subject: "orders-*", mode: FULL }]\n',
    )
    const folder = repository(before, { ...file, [ORDERS]: record(ID, NOTE_OR_NOT) })
    expect((await check(folder)).stdout).toBe('ok: 1 subject, 1 version, FULL\n')
    expect((await check(folder, '--mode', 'FORWARD')).stdout).toContain('FORWARD')
  })
})

it.concurrent('against a registry, in the modes that it says', async () => {
  const schema = record(ID)
  const registry = await startFakeRegistry({
    subjects: { 'orders-value': [{ schema: record(ID, NOTE) }, { schema }] },
    modes: { 'orders-value': 'FORWARD_TRANSITIVE' },
  })
  try {
    const folder = repository({}, { [ORDERS]: schema })
    const args = ['schemas', '--against', `registry:${registry.url}`]
    // The reader of the first version demands a note.
    const found = await check(folder, ...args)
    expect([found.code, found.stderr]).toEqual([1, ''])
    expect(found.stdout).toContain(MISSING_DEFAULT)
    expect(found.stdout).toMatch(/compared: 1 subject, 2 versions, FORWARD_TRANSITIVE\n$/)
    expect((await check(folder, ...args, '--mode', 'BACKWARD')).code).toBe(0)
  } finally {
    await registry.close()
  }
})

describe('what the file says', () => {
  const section = (rest: string) => withSchemas(`  path: schemas\n  against: main\n${rest}`)
  const broken = { [ORDERS]: record(ID, NOTE) }
  const suppression = (until: string) =>
    section(
      `  suppress: [{ rule: ${MISSING_DEFAULT}, reason: nobody reads it, until: ${until} }]\n`,
    )

  it.concurrent.each<[string, Files, number, RegExp]>([
    [
      'a rule can be a warning',
      section(`  rules: { ${MISSING_DEFAULT}: warning }\n`),
      0,
      /1 warning$/m,
    ],
    ['a rule can be off', section(`  rules: { ${MISSING_DEFAULT}: off }\n`), 0, /^ok: [^;]*$/m],
    ['a finding can be answered for', suppression('2999-12-31'), 0, /; 1 suppressed$/m],
    ['until a day', suppression('2020-01-01'), 1, /SCHEMA_SUPPRESSION_EXPIRED/],
    [
      'a rule that there is not is a mistake',
      section('  rules: { AVRO_TYPE_MISMATCHES: off }\n'),
      2,
      /quipu\.yaml:9:12 there is no rule AVRO_TYPE_MISMATCHES; did you mean `AVRO_TYPE_MISMATCH`\?/,
    ],
    [
      'a problem cannot be silenced',
      section('  rules: { SCHEMA_UNPARSABLE: off }\n'),
      2,
      /nothing was compared/,
    ],
    [
      'a key that there is not is a mistake',
      section('  subject: a\n'),
      2,
      /unknown key `subject`; did you mean `subjects`\?/,
    ],
  ])('%s', async (_, file, expected, words) => {
    const { code, stdout, stderr } = await check(repository(before, { ...file, ...broken }))
    expect([code, stdout + stderr]).toEqual([expected, expect.stringMatching(words)])
  })
})

it('one run writes several outputs; the JSON is a baseline for the next', async () => {
  const folder = repository(before, { [ORDERS]: record(ID, NOTE) })
  const files = ['json', 'junit', 'sarif', 'gitlab', 'markdown']
  const outputs = files.flatMap((format) => ['--format', `${format}=out.${format}`])
  const first = await check(folder, 'schemas', '--against', 'main', '--format', 'text', ...outputs)
  expect([first.code, first.stdout]).toEqual([1, expect.stringContaining(MISSING_DEFAULT)])
  for (const format of files) {
    expect(readFileSync(join(folder, `out.${format}`), 'utf8')).toContain(MISSING_DEFAULT)
  }
  const json = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'))
  expect(errorsOf('schema-check', json)).toEqual([])
  const again = await check(folder, 'schemas', '--against', 'main', '--baseline', 'out.json')
  expect([again.code, again.stdout]).toEqual([
    ...[0, 'ok: 1 subject, 1 version, BACKWARD; 1 known before\n'],
  ])
})

it('without counterexamples none is looked for', async () => {
  const folder = repository(before, { [ORDERS]: record(ID, NOTE) })
  const { stdout } = await check(
    folder,
    'schemas',
    '--against',
    'main',
    '--no-counterexample',
    '--json',
  )
  const { findings } = JSON.parse(stdout) as { findings: { counterexample: unknown }[] }
  expect(findings.map((f) => f.counterexample)).toEqual([null])
})

describe('rules', () => {
  it('are listed, each with its format, severity and purpose', async () => {
    const { code, stdout } = await quipu(['schema', 'rules', '--format', 'json'])
    const { schema, rules } = JSON.parse(stdout) as {
      schema: string
      rules: { id: string; format: string | null; purpose: string; fix: string }[]
    }
    expect([code, schema]).toEqual([0, 'quipu.schema-rules/v1'])
    const ids = rules.map((r) => r.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(rules.map((r) => r.format))).toEqual(
      new Set(['avro', 'json-schema', 'protobuf', null]),
    )
    for (const { id, purpose, fix } of rules) {
      expect([id, purpose, fix]).toEqual([
        id,
        expect.stringMatching(/\.$/),
        expect.stringMatching(/\.$/),
      ])
    }
  })

  it('one is explained, in letters of any size', async () => {
    const { code, stdout } = await quipu(['schema', 'explain', 'schema-subject-deleted'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^SCHEMA_SUBJECT_DELETED\n[\s\S]*before\n[\s\S]*after\n[\s\S]*fix: /)
  })

  it('a misspelt one is answered with the nearest', async () => {
    const { code, stderr } = await quipu(['schema', 'explain', 'AVRO_TYPE_MISMACH'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('did you mean `AVRO_TYPE_MISMATCH`?'),
    ])
  })
})
