import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, describe, expect, test } from 'vitest'
import { loadDeclared } from '../../src/drift/declared/load.ts'
import { VALUE_BYTES_MAX } from '../../src/drift/read/reader.ts'
import { quipu, startQuipu } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-learn-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, lines.join('\n'))
  return path
}

const flight = (i: number): object => ({
  flight: `QP${i}`,
  origin: ['ABQ', 'SEA', 'JFK'][i % 3],
  delay: i % 7 === 0 ? null : i,
  scheduled: new Date(1_700_000_000_000 + 60_000 * i).toISOString(),
  ...(i === 3 ? { note: 'late' } : {}),
})
const flights = Array.from({ length: 150 }, (_, i) => flight(i))
const lines = flights.map((one) => JSON.stringify(one))

describe.concurrent('quipu schema learn', () => {
  test('writes a draft that accepts what it was learned from, and says what is not sure', async () => {
    const from = file('flights.ndjson', [...lines, '', '{"half":'])
    const { code, stdout, stderr } = await quipu(['schema', 'learn', '--file', from])
    expect(code).toBe(0)
    const draft = JSON.parse(stdout)
    expect(draft).toMatchObject({
      title: 'flights.ndjson',
      required: ['delay', 'flight', 'origin', 'scheduled'],
      properties: {
        scheduled: { format: 'date-time' },
        delay: { type: ['integer', 'null'] },
        note: { 'x-quipu': { messages: 150, present: 1 } },
      },
    })
    expect(stdout).not.toContain('ABQ')
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    expect(flights.filter((one) => !ajv.validate(draft, one))).toEqual([])
    expect(stderr).toBe(`quipu: learned from 150 messages of flights.ndjson
quipu: what all of them have, at least 98.02% of such messages have (95% confidence)
quipu: left out: 1 message not readable: cut short
quipu: not sure:
quipu:   /note: seen 1 time only; it may be null
quipu: once you have read it, promise it under \`hops\` in quipu.yaml:
quipu:   TOPIC: { topic: TOPIC, schema: { file: schemas/TOPIC.schema.json } }
`)
  })

  test('writes it to a file that can be promised, with values and bounds if asked', async () => {
    const from = file('more.ndjson', lines)
    const to = join(folder, 'flights.schema.json')
    const flags = ['--out', to, '--values', '--bounds', '--max', '100', '--json']
    const { code, stdout, stderr } = await quipu(['schema', 'learn', '--file', from, ...flags])
    expect(code).toBe(0)
    const draft = JSON.parse(readFileSync(to, 'utf8'))
    expect(draft.properties.origin.enum).toEqual(['ABQ', 'JFK', 'SEA'])
    expect(draft.properties.delay).toMatchObject({ minimum: 1, maximum: 99 })
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'quipu.schema-learn/v1',
      seen: { messages: 100, isCut: true },
      draft,
      doubts: [{ kind: 'few', path: '/note' }],
    })
    expect(stderr).toContain('there are more: --max 100')

    const { check } = loadDeclared({ file: to, message: null, format: 'json' })
    expect(check(flight(99) as never)).toEqual([])
    const found = check({ ...flight(99), origin: 'XXX', delay: 'late' } as never)
    expect((found ?? []).map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual([
      'type_changed /delay',
      'unseen_value /origin',
    ])
  })

  test('takes lines that are far too long for no messages', async () => {
    const from = file('long.ndjson', [`"${'x'.repeat(VALUE_BYTES_MAX)}"`, lines[0] as string])
    const { code, stdout, stderr } = await quipu(['schema', 'learn', '--file', from])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)['x-quipu']).toMatchObject({ messages: 1 })
    expect(stderr).toContain('left out: 1 message too large')
  })

  test('is refused without a message that can be read, and writes nothing', async () => {
    const from = file('none.txt', ['hello', 'world'])
    const to = join(folder, 'none.schema.json')
    const { code, stdout, stderr } = await quipu(['schema', 'learn', '--file', from, '--out', to])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('no message of none.txt can be read: 2 not readable: no JSON')
    expect(stderr).toContain('hint: Give one message of JSON on each line.')
    expect(readdirSync(folder)).not.toContain('none.schema.json')
  })

  test.each([
    [['--topic', 'flights', '--file', 'x'], 'expected either --topic or --file'],
    [['--topic', 'flights', '--max', '0'], 'Expected a whole number from 1'],
    [['--topic', 'flights', '--since', 'soon'], 'Expected a duration such as 1h'],
    [['--file', '-', '--since', '1h'], '--since is about a topic, and --file names none'],
    [['--file', '-', '--brokers', 'a:9092'], '--brokers is about a topic'],
    [['--topic', 'flights', '--cluster', 'x'], 'no cluster `x` is declared'],
    [['--topic', 'flights', '--config', 'nowhere.yaml'], 'there is no such file'],
  ])('is refused with wrong flags: %j', async (flags, message) => {
    const { code, stdout, stderr } = await quipu(['schema', 'learn', ...flags])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('says at once that there is no folder for its draft, and reads nothing', async () => {
    const to = join(folder, 'nowhere', 'flights.schema.json')
    const flags = ['--file', join(folder, 'not-there.ndjson'), '--out', to]
    const { code, stderr } = await quipu(['schema', 'learn', ...flags])
    expect(code).toBe(4)
    expect(stderr).toContain(`cannot write ${to}`)
  })

  test('names its draft as the pipeline file has to', async () => {
    const from = file('named.ndjson', lines)
    const config = file('named.yaml', [])
    mkdirSync(join(folder, 'my schemas'))
    const out = relative(process.cwd(), join(folder, 'my schemas', 'named.json'))
    const flags = ['--file', from, '--config', config, '--out', out]
    const { stderr } = await quipu(['schema', 'learn', ...flags])
    expect(stderr).toContain('schema: { file: "my schemas/named.json" } }')
  })

  test('writes nothing once it is stopped', async () => {
    const from = join(folder, 'pipe')
    const to = join(folder, 'stopped.schema.json')
    spawnSync('sh', ['-c', 'mkfifo "$1"', 'sh', from])
    const run = startQuipu(['schema', 'learn', '--file', from, '--out', to])
    const pipe = await open(from, 'w')
    // More than a pipe holds: once it is written, all of this but the end was read.
    const line = `${lines[0]}\n`
    await pipe.write(line.repeat(Math.ceil(200_000 / line.length)))
    run.child.kill('SIGINT')
    for (let look = 0; !run.stderr().includes('stopping') && look < 600; look++) await sleep(50)
    await pipe.close()
    expect(await run.ended).toBe(130)
    expect(run.stdout()).toBe('')
    expect(readdirSync(folder)).not.toContain('stopped.schema.json')
  })
})
