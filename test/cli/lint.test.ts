/** `quipu lint`: each rule on a file that breaks it and on one that does not; the formats; the command. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import type { ShapePlan } from '../../src/drift/shape.ts'
import { type LintFinding, lint } from '../../src/lint/lint.ts'
import { renderers } from '../../src/lint/render/formats.ts'
import { renderGithub } from '../../src/lint/render/github.ts'
import type { LintReport } from '../../src/lint/render/report.ts'
import { renderSarif } from '../../src/lint/render/sarif.ts'
import { rules } from '../../src/lint/rules.ts'
import { fileOf, good } from '../config/corpus.ts'

const env = { KAFKA_PASSWORD: 'hunter2' }

const COMPLETE = 'no-loss: { indicator: completeness, target: 99% }'
const FRESH = 'fresh: { indicator: freshness, threshold: 5m, target: 99% }'
const objectives = (...lines: readonly string[]): string =>
  `objectives:\n${lines.map((line) => `  ${line}`).join('\n')}`
const promising = (...lines: readonly string[]): string => fileOf({ more: objectives(...lines) })

/** A pipeline of its own hops and edges, as lines. */
const pipeline = (hops: string, edges: string, more = ''): string => `version: 1
pipelines:
  p:
    hops: { ${hops} }
    edges: [${edges}]
${more.replace(/^/gm, '    ')}`

const RETRY = pipeline(
  'api: { producer: a, service: api }, a: { topic: a }, work: { consumer: a, group: w }, done: { topic: d }, retry: { topic: r }, again: { consumer: r, group: w }',
  '{ from: [api, again], to: a }, { from: a, to: work }, { from: work, to: [done, retry] }, { from: retry, to: again }',
)
const keyed = (...lines: readonly string[]): string =>
  pipeline(
    's: { producer: a, service: s }, a: { topic: a, identity: key, time: { header: at } }, g: { consumer: a, group: g }',
    '{ from: s, to: a, preserve: value }, { from: a, to: g }',
    objectives(...lines, FRESH),
  )
const sampled = (target: string): string =>
  pipeline(
    's: { producer: a, service: s }, a: { topic: a, sample: 1/64 }, g: { consumer: a, group: g }',
    '{ from: s, to: a }, { from: a, to: g }',
    objectives(`one: { indicator: completeness, scope: { edge: a..g }, target: ${target} }`, FRESH),
  )

/** The way on from `enrich`. */
const split = (edges: string): string =>
  fileOf({
    edges: `- { from: checkin, to: flights }\n- { from: flights, to: enrich }\n${edges}\n- { from: enriched, to: store }`,
  })

/** Somebody looks into the messages of that topic. */
const looking = (topic: string, more = '', text: string = fileOf({ more })): string =>
  text.replace(`{ topic: ${topic} }`, `{ topic: ${topic}, schema: observe }`)

/** What breaks a rule, where it is told, and what comes nearest without breaking it. */
const table: readonly {
  readonly rule: string
  readonly broken: string
  readonly at: string
  readonly sound: string
}[] = [
  {
    rule: 'QL001',
    broken: promising('a: { indicator: volumes, target: 99% }'),
    at: '17:23',
    sound: fileOf({}),
  },
  {
    rule: 'QL002',
    broken: fileOf({ top: 'kafka: { brokers: "${BROKERS}" }' }),
    at: '2:19',
    sound: fileOf({ top: 'kafka: { brokers: "$${BROKERS}" }' }),
  },
  {
    rule: 'QL101',
    broken: fileOf({ hops: 'spare: { topic: spare }' }),
    at: '11:7',
    sound: fileOf({}),
  },
  {
    rule: 'QL102',
    broken: RETRY.replace('[api, again]', 'again').replace(
      'api: { producer: a, service: api }, ',
      '',
    ),
    at: '4:13',
    // A retry loop is a cycle, and fed.
    sound: RETRY,
  },
  {
    rule: 'QL103',
    // Two hops that feed each other: messages never come to an end.
    broken: pipeline(
      'a: { topic: a }, g: { consumer: a, group: g }',
      '{ from: a, to: g }, { from: g, to: a }',
      objectives(COMPLETE, FRESH),
    ),
    at: '7:16',
    sound: promising(COMPLETE, FRESH),
  },
  {
    rule: 'QL104',
    broken: fileOf({}).replace(', role: dead-letter', ''),
    at: '9:7',
    sound: fileOf({ hops: 'x: { topic: cradlquiet }', edges: '- { from: flights, to: x }' }),
  },
  {
    rule: 'QL105',
    broken: split('- { from: enrich, to: enriched }\n- { from: enrich, to: dlq }'),
    at: '15:9',
    // It is the other way of the edge, or the end of another one.
    sound: split('- { from: enrich, to: [enriched, dlq] }'),
  },
  {
    rule: 'QL201',
    broken: keyed('one: { indicator: uniqueness, target: 99% }'),
    at: '7:25',
    sound: keyed(COMPLETE),
  },
  {
    rule: 'QL202',
    broken: keyed(COMPLETE).replace(', time: { header: at }', ', time: timestamp'),
    at: '4:45',
    sound: keyed(COMPLETE),
  },
  { rule: 'QL203', broken: sampled('100%'), at: '7:70', sound: sampled('99.9%') },
  {
    rule: 'QL301',
    broken: promising('a: { indicator: completeness, target: 1, period: 7d }', FRESH),
    at: '17:56',
    sound: promising('a: { indicator: completeness, target: 100% }', FRESH),
  },
  {
    rule: 'QL302',
    broken: promising(
      'a: { indicator: volume, volume: { max: 1 }, target: 99% }',
      // 60 windows of at most one message
      'b: { indicator: completeness, target: 99%, period: 1h, minEvents: 61 }',
    ),
    at: '18:73',
    sound: promising(
      'a: { indicator: volume, volume: { max: 1 }, target: 99% }',
      'b: { indicator: completeness, target: 99%, period: 1h, minEvents: 60 }',
    ),
  },
  {
    rule: 'QL303',
    broken: promising(COMPLETE),
    at: '17:7',
    sound: promising(COMPLETE, 'v: { indicator: volume, volume: { min: 1 }, target: 99% }'),
  },
  {
    rule: 'QL304',
    broken: promising('t: { indicator: timeliness, threshold: 121s, target: 99% }'),
    at: '17:46',
    // As long as the lateness
    sound: promising('t: { indicator: timeliness, threshold: 2m, target: 99% }'),
  },
  {
    rule: 'QL305',
    broken: promising('f: { indicator: freshness, threshold: 59s, target: 99% }'),
    at: '17:45',
    // As long as a window
    sound: promising('f: { indicator: freshness, threshold: 1m, target: 99% }'),
  },
  {
    rule: 'QL306',
    broken: promising('v: { indicator: validity, target: 99% }'),
    at: '17:23',
    // Another topic of the same way.
    sound: looking('flights.enriched', objectives('v: { indicator: validity, target: 99% }')),
  },
  {
    rule: 'QL307',
    broken: promising('f: { indicator: freshness, threshold: 5m, target: 99%, severity: page }'),
    at: '17:7',
    sound: fileOf({
      more: `owner: { contact: "#flights" }\n${objectives(
        'f: { indicator: freshness, threshold: 5m, target: 99%, severity: page }',
      )}`,
    }),
  },
  {
    rule: 'QL308',
    broken: fileOf({ top: 'timezone: Asia/Tokyo', more: objectives(FRESH) }),
    at: '2:1',
    sound: fileOf({
      top: 'timezone: Asia/Tokyo',
      more: objectives(
        'f: { indicator: freshness, threshold: 5m, target: 99%, period: { calendar: week } }',
      ),
    }),
  },
  {
    rule: 'QL401',
    // Of 30d the short window of a page is 5m, of 12d it is 2m.
    broken: fileOf({
      more: `owner: { contact: "#a" }\n${objectives(
        'f: { indicator: freshness, threshold: 5m, target: 99%, severity: page, period: 287h }',
      )}`,
    }),
    at: '18:7',
    sound: fileOf({
      more: `owner: { contact: "#a" }\n${objectives(
        'f: { indicator: freshness, threshold: 5m, target: 99%, severity: page, period: 288h }',
      )}`,
    }),
  },
  {
    rule: 'QL501',
    broken: fileOf({
      top: 'kafka: { brokers: a, sasl: { mechanism: plain, username: u, password: hunter2 } }',
    }),
    at: '2:71',
    sound: fileOf({
      top: 'kafka: { brokers: a, sasl: { mechanism: plain, username: u, password: "${KAFKA_PASSWORD}" } }',
    }),
  },
  {
    rule: 'QL601',
    // Its consumer looks, and nobody where it comes out.
    broken: looking('flights').replace('filter: cancelled', 'keep: [/origin]'),
    at: '14:52',
    sound: looking('flights', '', looking('flights.enriched')).replace(
      'filter: cancelled',
      'keep: [/origin]',
    ),
  },
  {
    rule: 'QL602',
    broken: looking('flights').replace('observe', '{ sample: all, file: gone.json }'),
    at: '6:63',
    sound: looking('flights').replace('observe', '{ file: here.json }'),
  },
]

/** Of files that are not there. */
const schemaTrouble = ({ file }: ShapePlan): string | null =>
  file?.endsWith('gone.json') ? 'it is gone' : null

const found = (text: string): string[] =>
  lint(text, 'quipu.yaml', env, { schemaTrouble }).findings.map(
    (f) => `${f.rule} ${f.line}:${f.column}`,
  )

describe('every rule', () => {
  it('is in the table', () => {
    expect(table.map(({ rule }) => rule)).toEqual(rules.map(({ id }) => id))
  })

  it.each(table)(
    '$rule is found where it is broken, and nothing else is',
    ({ rule, broken, at }) => {
      const beside = found(broken).filter((text) => !text.startsWith(rule))
      expect(found(broken)).toContain(`${rule} ${at}`)
      expect(beside).toEqual(BESIDE[rule] ?? [])
    },
  )

  it.each(table)('$rule is not found where it is kept', ({ rule, sound }) => {
    expect(found(sound).filter((text) => text.startsWith(rule))).toEqual([])
  })

  it.each(rules)('$id says why', ({ id, name, purpose }) => {
    expect(id).toMatch(/^QL\d{3}$/)
    expect(name).toMatch(/^[a-z-]+$/)
    expect(purpose).toMatch(/^[A-Z].*\.$/)
  })
})

/** What else is true of these files. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  QL103: ['QL102 4:13'],
  QL302: ['QL401 18:7'],
}

it('QL203 is about messages looked at where shape is promised', () => {
  const shape = (schema: string): string =>
    looking('flights', objectives('v: { indicator: validity, target: 100% }', FRESH)).replace(
      'schema: observe',
      `schema: ${schema}`,
    )
  expect(found(shape('observe'))).toContain('QL203 17:41')
  expect(found(shape('{ sample: all }')).filter((text) => text.startsWith('QL203'))).toEqual([])
})

describe('what a rule says', () => {
  it.each(table)('$rule', ({ rule, broken }) => {
    const messages = lint(broken, 'quipu.yaml', env, { schemaTrouble }).findings.filter(
      (f) => f.rule === rule,
    )
    expect(messages.map((f) => `${f.severity} ${f.subject}: ${f.message}`)).toMatchSnapshot()
  })

  it('never holds a secret', () => {
    const { broken } = table.find(({ rule }) => rule === 'QL501') as { broken: string }
    expect(JSON.stringify(lint(broken, 'quipu.yaml', env).findings)).not.toContain('hunter2')
  })

  it('is an error instead of a warning if asked for', () => {
    const severities = (strict: boolean): string[] =>
      lint(promising('a: { indicator: completeness, target: 1, period: 7d }'), 'q', env, {
        strict,
      }).findings.map((f) => `${f.rule} ${f.severity}`)
    expect(severities(false)).toEqual(['QL303 warning', 'QL301 note'])
    expect(severities(true)).toEqual(['QL303 error', 'QL301 note'])
  })
})

describe('a file with a piece cut out', () => {
  const texts = [...table.map(({ broken }) => broken), ...good.map(({ text }) => text)]
  const cut = fc
    .constantFrom(...texts)
    .chain((text) =>
      fc
        .tuple(fc.nat(text.length), fc.nat(40))
        .map(([at, length]) => text.slice(0, at) + text.slice(at + length)),
    )

  it('is told with places within it, in every format, and by error only if it cannot be used', () => {
    fc.assert(
      fc.property(cut, (text) => {
        const result = lint(text, 'quipu.yaml', env)
        const lines = text.split('\n')
        for (const { line, column } of result.findings) {
          expect(line).toBeLessThanOrEqual(lines.length)
          expect(column).toBeLessThanOrEqual((lines[line - 1] as string).length + 1)
        }
        const report = { ...result, file: 'quipu.yaml', version: '1.2.3' }
        for (const render of Object.values(renderers))
          expect(render(report)).not.toContain('\u202e')
        const rules = result.findings.map(({ rule }) => rule)
        const isFit = !rules.includes('QL001') && !rules.includes('QL002')
        expect(parseConfig(text, 'quipu.yaml', env).ok).toBe(isFit)
      }),
    )
  })
})

describe('variables that are not set', () => {
  it('are warnings; the rules are asked where they stand in texts', () => {
    const text = fileOf({
      top: 'kafka: { brokers: ["${A}", "${A}"], sasl: { mechanism: plain, username: "${B}", password: "${B}" } }',
      hops: 'spare: { topic: spare }',
    })
    expect(found(text)).toEqual([
      ...['QL002 2:20', 'QL002 2:28', 'QL002 2:73', 'QL002 2:91', 'QL101 12:7'],
    ])
  })

  it('hide no mistake beside them', () => {
    const text = fileOf({ top: 'window: "${W}"\nlateness: soon' })
    expect(found(text)).toEqual(['QL002 2:9', 'QL001 3:11'])
    const { findings, config } = lint(fileOf({ top: 'window: "${W}"' }), 'q', env)
    expect([findings.map((f) => f.rule), config]).toEqual([['QL002'], null])
  })

  it('that are broken are mistakes', () => {
    expect(found(fileOf({ top: 'kafka: { brokers: "${A" }' }))).toEqual(['QL001 2:19'])
  })
})

/** Names with everything that formats are taken apart by. */
const HOSTILE = 'a%b:c,d\n::error::e'
const hostile = (): LintReport => ({
  ...{ config: null, file: 'dir, one/quipu:1.yaml', version: '1.2.3' },
  findings: [
    {
      ...{ rule: 'QL101', name: 'unused-hop', severity: 'warning', line: 3, column: 7 },
      ...{ message: `100% of ${HOSTILE}\r\u202e`, subject: `hops.${HOSTILE}` },
    },
  ],
})

describe('annotations', () => {
  it('are one line each, whatever names hold', () => {
    expect(renderGithub(hostile())).toMatchInlineSnapshot(`
      "::warning file=dir%2C one/quipu%3A1.yaml,line=3,col=7,title=QL101 unused-hop::100%25 of a%25b:c,d\\u{a}::error::e\\u{d}\\u{202e}
      "
    `)
  })

  it('are ten of a kind; the tenth counts the rest', () => {
    const [one] = hostile().findings
    const findings = Array.from({ length: 13 }, (_, i) => ({
      ...(one as LintFinding),
      line: i + 1,
    }))
    const lines = renderGithub({ ...hostile(), findings })
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[8]).not.toContain('more of severity')
    expect(lines[9]).toContain('%0A3 more of severity warning')
    const ten = renderGithub({ ...hostile(), findings: findings.slice(0, 10) })
    expect(ten).not.toContain('more of severity')
  })
})

describe('SARIF', () => {
  // Of draft 4; nothing in it but these two keys means something else today.
  const {
    $schema: _,
    id: __,
    ...schema
  } = JSON.parse(
    readFileSync(
      resolve('node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'),
      'utf8',
    ),
  )
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
    schema,
  )
  const reportOf = (text: string): LintReport => ({
    ...lint(text, 'quipu.yaml', env),
    ...{ file: 'quipu.yaml', version: '1.2.3' },
  })

  it('is what the published schema asks for', () => {
    for (const report of [hostile(), ...table.map(({ broken }) => reportOf(broken))]) {
      const log = JSON.parse(renderSarif(report))
      expect([validate(log), validate.errors]).toEqual([true, null])
      expect(log.runs[0].results).toHaveLength(report.findings.length)
    }
    // The instrument itself: a log that is none.
    expect(validate({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false)
  })

  it('names rules that are declared, and files as URIs', () => {
    const [run] = JSON.parse(renderSarif(hostile())).runs
    const [result] = run.results
    expect(run.tool.driver.rules[result.ruleIndex].id).toBe('QL101')
    expect(result.locations[0].physicalLocation.artifactLocation.uri).toBe(
      'dir%2C%20one/quipu%3A1.yaml',
    )
    expect(result.message.text).toContain('\\u{202e}')
  })

  it('knows a finding again when the file has grown above it, and two apart', () => {
    const prints = (text: string): string[] =>
      JSON.parse(renderSarif(reportOf(text))).runs[0].results.map(
        (r: { partialFingerprints: object }) => Object.values(r.partialFingerprints)[0],
      )
    const one = fileOf({ hops: 'x: { topic: x }' })
    const two = fileOf({ top: '# more\n# and more', hops: 'x: { topic: x }\ny: { topic: y }' })
    const [first] = prints(one)
    expect(prints(two)[0]).toBe(first)
    expect(new Set(prints(two)).size).toBe(2)
  })
})

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-lint-'))
  writeFileSync(join(dir, 'good.yaml'), promising(COMPLETE, FRESH))
  writeFileSync(join(dir, 'warned.yaml'), promising(COMPLETE))
  writeFileSync(join(dir, 'here.json'), '{ "type": "object" }')
  const drifting = looking('flights').replace('observe', '{ file: gone.json }')
  const text = looking('flights.enriched', '', drifting).replace('observe', '{ file: here.json }')
  writeFileSync(join(dir, 'drifting.yaml'), text)
  writeFileSync(join(dir, 'bad.yaml'), promising('a: { indicator: completness, target: 99.99 }'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const MAIN = ['--import', resolve('node_modules/tsx/dist/loader.mjs'), resolve('src/cli/main.ts')]

function quipu(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const { QUIPU_CONFIG: _, GITHUB_WORKSPACE: __, ...clean } = process.env
    const child = execFile(
      process.execPath,
      [...MAIN, 'lint', ...args],
      { cwd: dir, env: { ...clean, NO_COLOR: '1' } },
      (_, out, err) => done({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

describe('quipu lint', () => {
  it('says that all is good', async () => {
    expect(await quipu('good.yaml')).toEqual({
      ...{ code: 0, err: '' },
      out: 'All good! good.yaml: 1 pipeline, 4 edges, 2 objectives.\n',
    })
  })

  it('reads the schema files that topics name', async () => {
    const { code, out } = await quipu('drifting.yaml')
    expect(code).toBe(1)
    expect(out.split('\n').filter((line) => line.includes('QL602'))).toEqual([
      expect.stringMatching(
        /^drifting\.yaml:6:\d+ error QL602 `gone\.json` cannot say what messages look like: it cannot be read: ENOENT/,
      ),
    ])
  })

  it('exits with 1 for errors, and with --strict for warnings', async () => {
    const bad = await quipu('bad.yaml')
    expect([bad.code, bad.err]).toEqual([1, ''])
    expect(bad.out).toMatchInlineSnapshot(`
      "bad.yaml:17:23 error QL001 \`pipelines.flights.objectives.a.indicator\`: expected one of \`completeness\`, \`uniqueness\`, \`integrity\`, \`timeliness\`, \`freshness\`, \`validity\`, \`volume\`, \`audit-coverage\`, got \`completness\`; did you mean \`completeness\`?
      bad.yaml:17:44 error QL001 \`pipelines.flights.objectives.a.target\`: expected \`99.99%\` in percent, or a number of at most 1, got the number 99.99

      2 errors; what depends on them was not checked
      "
    `)
    expect((await quipu('--config', 'warned.yaml')).code).toBe(0)
    expect((await quipu('warned.yaml', '--strict')).code).toBe(1)
  })

  it('writes several formats at once, one of them to stdout', async () => {
    const { code, out } = await quipu(
      ...[
        'warned.yaml',
        '--format',
        'github',
        '--format',
        'sarif=out.sarif',
        '--format=json=o.json',
      ],
    )
    expect(code).toBe(0)
    expect(out).toMatch(/^::warning file=warned.yaml,line=17,col=7,title=QL303 nothing-flows::/)
    const log = JSON.parse(readFileSync(join(dir, 'out.sarif'), 'utf8'))
    expect(log.runs[0].results[0].ruleId).toBe('QL303')
    expect(JSON.parse(readFileSync(join(dir, 'o.json'), 'utf8'))).toMatchObject({
      ...{ schema: 'quipu.lint/v1', file: 'warned.yaml', exitCode: 0, complete: true },
      ...{ counts: { error: 0, warning: 1, note: 0 }, findings: [{ rule: 'QL303', line: 17 }] },
    })
  })

  it('prints the schema of pipeline files', async () => {
    const { out } = await quipu('--schema')
    const published = readFileSync(resolve('schemas/pipeline.schema.json'), 'utf8')
    expect(JSON.parse(out)).toEqual(JSON.parse(published))
  })

  it.each([
    ['a file that is not there', ['nowhere.yaml'], 'there is no such file'],
    ['no file at all', [], 'there is no quipu.yaml here'],
    ['an unknown format', ['good.yaml', '--format', 'xml'], 'Expected one of text, json'],
    ['two formats to stdout', ['good.yaml', '--json', '--format', 'sarif'], 'both be printed'],
  ])('exits with 2 for %s', async (_, args, message) => {
    const { code, out, err } = await quipu(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    // Flags of other commands would lead nowhere.
    expect(err).not.toContain('--topics')
  })

  it('exits with 4 where a result cannot be written', async () => {
    const { code, err } = await quipu('good.yaml', '--format', 'sarif=nowhere/out.sarif')
    expect([code, err.split('\n')[1]]).toEqual([4, expect.stringMatching(/^hint: /)])
    expect(existsSync(join(dir, 'nowhere'))).toBe(false)
  })
})
