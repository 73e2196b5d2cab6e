/** `quipu init`: what it asks, what it makes of it, and that `quipu lint` takes it. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { draftOf, type InitFlags } from '../../src/cli/init/answers.ts'
import { type Draft, fileOf } from '../../src/cli/init/draft.ts'
import type { Found } from '../../src/cli/init/look.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { lint } from '../../src/lint/lint.ts'

const draft = (parts: Partial<Draft>): Draft => ({
  ...{ pipeline: 'flights', team: null, contact: null, brokers: ['a:9092'] },
  ...{ topics: ['flights'], groups: [], services: [] },
  ...parts,
})

const findings = (text: string): string[] =>
  lint(text, 'quipu.yaml', {}).findings.map((f) => `${f.rule} ${f.message}`)

function configOf(text: string) {
  const result = parseConfig(text, 'quipu.yaml', {})
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return result.config
}

describe('the file', () => {
  it('says what flags would have said', () => {
    const text = fileOf(
      draft({
        ...{ topics: ['flights', 'flights.enriched'], services: ['checkin'], team: 'ops' },
        ...{
          groups: ['enrich', 'store:flights.enriched:-'],
          contact: '#ops',
          brokers: ['a:1', 'b:2'],
        },
      }),
    )
    const { pipelines, kafka, promises } = configOf(text)
    expect(kafka?.clusters.default?.brokers).toEqual(['a:1', 'b:2'])
    expect(pipelines[0]?.owner).toEqual({ team: 'ops', contact: '#ops' })
    expect(pipelines[0]?.edges.map((e) => e.name)).toEqual([
      'checkin → flights',
      'flights → enrich',
      'enrich → flights.enriched',
      'flights.enriched → store',
    ])
    expect(promises[0]?.objectives.map((o) => o.indicator)).toEqual(['completeness', 'freshness'])
    expect(findings(text)).toEqual([])
  })

  it('names whom to name where nobody is known', () => {
    const text = fileOf(draft({}))
    expect(text).toContain('service: name-of-the-sending-service } # who sends to it?')
    expect(findings(text)).toEqual([])
  })

  it('leaves out what is in no edge, and says so', () => {
    const text = fileOf(draft({ topics: ['a', 'lonely'], groups: ['g:a:-'] }))
    expect(text).toContain('# lonely: { topic: lonely } # nobody is known to read it')
    expect(findings(text)).toEqual([])
  })

  it('does not guess where messages go on, and says where that would stand', () => {
    const text = fileOf(draft({ topics: ['a', 'b'], groups: ['g:a:-', 'h:b:-'] }))
    expect(configOf(text).pipelines[0]?.edges.map((e) => e.name)).toEqual(['a → g', 'b → h'])
    expect(text).toContain('# - { from: g, to: NAME }')
  })

  it.each([
    // Found by the test below
    ['-', 'g'],
    ['__proto__', 'g'],
    ['true', 'no'],
    ['1e3', '0'],
  ])('of the topic %s and the group %s holds both', (topic, group) => {
    const text = fileOf(draft({ topics: [topic], groups: [`${group}:${topic}:-`] }))
    const hops = configOf(text).pipelines[0]?.hops ?? []
    expect(hops.map((d) => [d.hop.topic, d.hop.group]).sort()).toEqual([
      [topic, ''],
      [topic, group],
    ])
  })

  it('of any names is one that lint takes, and holds them as they are', () => {
    const topic = fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/).filter((t) => !/^\.+$/.test(t))
    const group = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      // What parts them on the command line; `${` would be a variable, and C0 is none of a name.
      .filter((g) => !/[:,$\p{C}]/u.test(g) && g.trim() === g)
    fc.assert(
      fc.property(
        fc.uniqueArray(topic, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(group, { maxLength: 4 }),
        fc.option(group),
        (topics, groups, team) => {
          const text = fileOf(
            draft({ topics, groups: groups.map((g) => `${g}:${topics[0]}:-`), team }),
          )
          const [pipeline] = configOf(text).pipelines
          const read = pipeline?.hops.filter((d) => d.hop.role === 'consumer') ?? []
          expect(read.map((d) => hopKey(d.hop)).length).toBe(groups.length)
          // Names that are numbers come first in a map.
          expect(read.map((d) => d.hop.group).sort()).toEqual([...groups].sort())
          expect(pipeline?.owner.team ?? null).toBe(team)
          expect(findings(text)).toEqual([])
        },
      ),
    )
  })
})

describe('what is asked', () => {
  const found: Found = {
    topics: ['flights', 'other'],
    readers: [
      { group: 'enrich', topics: ['flights'] },
      { group: 'both', topics: ['flights', 'other'] },
    ],
  }
  const looked: string[] = []
  const look = async (brokers: readonly string[]): Promise<Found> => {
    looked.push(brokers.join())
    return found
  }
  beforeEach(() => {
    looked.length = 0
  })

  it('is nothing where nobody is there: an example, and no broker', async () => {
    expect(await draftOf({}, null, look)).toMatchObject({
      ...{ topics: ['orders'], groups: ['billing:orders:-'], services: ['shop:orders'] },
      ...{ brokers: ['localhost:9092'], pipeline: 'orders', team: null, contact: null },
    })
    expect(looked).toEqual([])
  })

  it('proposes nobody of the example for other topics', async () => {
    const ask = async (question: string, fallback: string): Promise<string> =>
      question.startsWith('Ask') ? 'no' : question.startsWith('Topics') ? 'a,b' : fallback
    const answered = { groups: [], services: [], pipeline: 'a' }
    expect(await draftOf({}, ask, look)).toMatchObject(answered)
    expect(looked).toEqual([])
    expect(await draftOf({ topics: ['orders'] }, null, look)).toMatchObject({ groups: [] })
  })

  it('is the broker, if it is named', async () => {
    expect(await draftOf({ brokers: ['a:1'] }, null, look)).toMatchObject({
      ...{ topics: ['flights', 'other'], services: [], pipeline: 'flights' },
      groups: ['enrich:flights:-', 'both:flights:-', 'both:other:-'],
    })
    expect(looked).toEqual(['a:1'])
  })

  it('is the broker for the groups of topics that are named', async () => {
    const { groups } = await draftOf({ brokers: ['a:1'], topics: ['other'] }, null, look)
    expect(groups).toEqual(['both:other:-'])
  })

  it('is no broker where flags say it all', async () => {
    await draftOf({ brokers: ['a:1'], topics: ['t'], groups: ['g'] }, null, look)
    expect(looked).toEqual([])
  })

  it('is answered, or taken as proposed', async () => {
    const asked: string[] = []
    const answers: Readonly<Record<string, string>> = {
      Brokers: 'b:2, c:3',
      'Services that': 'checkin',
      Team: 'network-ops',
    }
    const ask = async (question: string, fallback: string): Promise<string> => {
      asked.push(`${question} [${fallback}]`)
      return Object.entries(answers).find(([start]) => question.startsWith(start))?.[1] ?? fallback
    }
    expect(await draftOf({ contact: '#ops' }, ask, look)).toEqual({
      ...{ pipeline: 'flights', team: 'network-ops', contact: '#ops', brokers: ['b:2', 'c:3'] },
      ...{ topics: ['flights', 'other'], services: ['checkin'] },
      groups: ['enrich:flights:-', 'both:flights:-', 'both:other:-'],
    })
    expect(asked).toMatchInlineSnapshot(`
      [
        "Brokers, HOST:PORT, with commas between [localhost:9092]",
        "Ask them for topics and groups? yes/no [yes]",
        "Topics, in the order of the way, with commas between [flights,other]",
        "Groups, GROUP[:TOPIC[:NEXT]], with commas between [enrich:flights:-,both:flights:-,both:other:-]",
        "Services that send, SERVICE[:TOPIC], with commas between []",
        "Name [flights]",
        "Team that owns it []",
      ]
    `)
  })

  it.each<[string, InitFlags, Found, string]>([
    ['no topics', { brokers: ['a:1'] }, { topics: [], readers: [] }, 'there are no topics at a:1'],
    [
      'too many topics',
      { brokers: ['a:1'] },
      { topics: Array.from({ length: 31 }, (_, i) => `t${i}`), readers: [] },
      'there are 31 topics; a first file is for at most 30',
    ],
  ])('is answered by a broker with %s', async (_, flags, answer, message) => {
    await expect(draftOf(flags, null, async () => answer)).rejects.toThrow(message)
  })
})

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-init-'))
  writeFileSync(join(dir, 'mine.yaml'), 'mine')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const MAIN = ['--import', resolve('node_modules/tsx/dist/loader.mjs'), resolve('src/cli/main.ts')]

function quipu(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const { QUIPU_CONFIG: _, ...clean } = process.env
    const child = execFile(
      process.execPath,
      [...MAIN, ...args],
      { cwd: dir, env: { ...clean, NO_COLOR: '1' } },
      (_, out, err) => done({ code: child.exitCode ?? -1, out, err }),
    )
    child.stdin?.end()
  })
}

describe('quipu init', () => {
  it('writes a file that quipu lint takes', async () => {
    expect(await quipu('init', '--topics', 'a,b', '--groups', 'g:a:b')).toEqual({
      ...{ code: 0, out: '', err: 'wrote quipu.yaml; check it with: quipu lint\n' },
    })
    expect((await quipu('lint', '--strict')).out).toMatch(/^All good!/)
  })

  it('overwrites nothing unless it is told to', async () => {
    const { code, err } = await quipu('init', '--output', 'mine.yaml')
    expect([code, err]).toEqual([
      2,
      'quipu: there is a file already: mine.yaml\nhint: Overwrite it with --force, or write elsewhere with --output FILE.\n',
    ])
    expect(readFileSync(join(dir, 'mine.yaml'), 'utf8')).toBe('mine')
    expect((await quipu('init', '--output', 'mine.yaml', '--force')).code).toBe(0)
    expect(readFileSync(join(dir, 'mine.yaml'), 'utf8')).toContain('version: 1')
  })

  it('prints to stdout and says nothing else', async () => {
    const { code, out, err } = await quipu('init', '--output', '-', '--yes')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatchSnapshot()
  })

  it('tells editors of the schema where the package lies beside the file', async () => {
    const place = 'app/node_modules/quipu-audit/schemas'
    mkdirSync(join(dir, place), { recursive: true })
    const write = async (): Promise<string> => {
      expect((await quipu('init', '--output', 'app/quipu.yaml', '--force')).code).toBe(0)
      return readFileSync(join(dir, 'app/quipu.yaml'), 'utf8').split('\n')[0] as string
    }
    expect(await write()).toMatch(/^# What is audited/)
    writeFileSync(join(dir, place, 'pipeline.schema.json'), '{}')
    expect(await write()).toBe(
      '# yaml-language-server: $schema=node_modules/quipu-audit/schemas/pipeline.schema.json',
    )
  })

  it.each([
    ['a name that is none', ['--pipeline', 'a b'], 2, 'this would make no pipeline file'],
    ['a group of another topic', ['--topics', 'a', '--groups', 'g:b'], 2, '`b`'],
    ['a broker that is none', ['--brokers', '127.0.0.1:1'], 4, 'no Kafka broker answers'],
    ['a folder that is not there', ['--output', 'no/where.yaml', '--force'], 4, 'cannot write'],
  ])('refuses %s', async (_, args, expected, message) => {
    const { code, out, err } = await quipu('init', '--output', 'new.yaml', ...args)
    expect([code, out]).toEqual([expected, ''])
    expect(err).toContain(message)
    expect(err).toMatch(/^hint: /m)
  })
})
