import { describe, expect, it } from 'vitest'
import { renderGithub } from '../../reports/github.ts'
import { commandData, commandProperty } from '../../src/base/workflow-command.ts'
import type { ObjectiveVerdict, Report } from '../../src/objective/report.ts'
import { assessed, ciReport, ENRICH, HOSTILE } from './ci.ts'

describe('escaping', () => {
  it.each([
    // `%` first, else it would eat what the others become.
    { text: '100%', data: '100%25', property: '100%25' },
    { text: 'a\r\nb', data: 'a%0D%0Ab', property: 'a%0D%0Ab' },
    { text: '%0A', data: '%250A', property: '%250A' },
    { text: 'a:b,c', data: 'a:b,c', property: 'a%3Ab%2Cc' },
    { text: '::error::x', data: '::error::x', property: '%3A%3Aerror%3A%3Ax' },
    { text: 'é → ✓', data: 'é → ✓', property: 'é → ✓' },
    { text: '', data: '', property: '' },
  ])('$text', ({ text, data, property }) => {
    expect(commandData(text)).toBe(data)
    expect(commandProperty(text)).toBe(property)
  })
})

/** As the runner of GitHub reads a line: its command, properties and message. */
function read(line: string): { level: string; properties: Record<string, string>; text: string } {
  const match = /^::(\w+) (.*?)::(.*)$/.exec(line)
  if (match === null) throw new Error(`no command: ${line}`)
  const [, level = '', list = '', text = ''] = match
  const properties = list.split(',').map((pair) => {
    const [key = '', value = ''] = pair.split('=')
    return [key, plain(value)]
  })
  return { level, properties: Object.fromEntries(properties), text: plain(text) }
}

const plain = (text: string): string =>
  text
    .replace(/%0D/g, '\r')
    .replace(/%0A/g, '\n')
    .replace(/%3A/g, ':')
    .replace(/%2C/g, ',')
    .replace(/%25/g, '%')

const commands = (
  report: Report,
  options?: Parameters<typeof renderGithub>[1],
): ReturnType<typeof read>[] => renderGithub(report, options).split('\n').slice(0, -1).map(read)

const FILE = { file: 'ops/quipu.yaml' }

it('says nothing where all is met', () => {
  expect(renderGithub(ciReport({ objectives: [assessed('met')] }), FILE)).toBe('')
})

it('puts a breached objective at its line, with why and how bad', () => {
  expect(renderGithub(ciReport({ objectives: [assessed('breached')] }), FILE)).toBe(
    '::error file=ops/quipu.yaml,line=18,endLine=18,col=7,title=flights/no-loss::' +
      'breached: It is breached for a reason.%0A99.5000%25 of at least 99.99%25' +
      '%0A2 bad of 400 messages%0Aoverspent by 4,900%25\n',
  )
})

it('names no place that it does not know', () => {
  const objectives = [assessed('breached')]
  expect(commands(ciReport({ objectives }))[0]?.properties).toEqual({ title: 'flights/no-loss' })
  const placeless = [assessed('breached', { of: { place: null } })]
  expect(commands(ciReport({ objectives: placeless }), FILE)[0]?.properties).toEqual({
    ...{ file: 'ops/quipu.yaml', title: 'flights/no-loss' },
  })
})

it('annotates each bad edge of a pipeline that promises nothing', () => {
  const [only, ...rest] = commands(ciReport(), FILE)
  expect(rest).toEqual([])
  expect(only).toMatchObject({ level: 'error', properties: { title: `flights/${ENRICH}` } })
  expect(only?.text).toContain('398 of 400 delivered, 2 lost; 1 doubled')
})

it('puts the worst first, those that page before those that do not', () => {
  const of = (id: string, state: ObjectiveVerdict, severity: 'page' | 'ticket') =>
    assessed(state, { of: { id, severity } })
  const objectives = [
    of('a', 'indeterminate', 'page'),
    of('b', 'breached', 'ticket'),
    of('c', 'met', 'page'),
    of('d', 'at_risk', 'ticket'),
    of('e', 'breached', 'page'),
    of('f', 'no_data', 'page'),
  ]
  const shown = (options: Parameters<typeof renderGithub>[1]): string[] =>
    commands(ciReport({ objectives }), options).map(
      ({ level, properties }) => `${level} ${properties.title}`,
    )
  expect(shown({})).toEqual([
    ...['error flights/e', 'error flights/b'],
    ...['warning flights/d', 'warning flights/a', 'warning flights/f'],
  ])
  expect(shown({ atRiskFails: true, noDataAllowed: true })).toEqual([
    ...['error flights/e', 'error flights/b', 'error flights/d', 'warning flights/a'],
  ])
})

it.each([
  { errors: 10, warnings: 10, more: [null, null] },
  { errors: 11, warnings: 10, more: ['+1 more', null] },
  { errors: 37, warnings: 11, more: ['+27 more', '+1 more'] },
])('of $errors errors and $warnings warnings shows 10 each at most', (row) => {
  const many = (n: number, state: ObjectiveVerdict): Report['objectives'] =>
    Array.from({ length: n }, (_, i) => assessed(state, { of: { id: `${state}${i}` } }))
  const objectives = [...many(row.warnings, 'indeterminate'), ...many(row.errors, 'breached')]
  const all = commands(ciReport({ objectives }))
  const levels = ['error', 'warning'].map((level) => all.filter((c) => c.level === level))
  expect(levels.map((list) => list.length)).toEqual([10, 10])
  // The last one says so, and no other.
  const more = levels.map((list) => list.map(({ text }) => /\n(\+\d+ more)$/.exec(text)?.[1]))
  expect(more.map((list) => list.slice(0, -1).filter((m) => m !== undefined))).toEqual([[], []])
  expect(more.map((list) => list.at(-1) ?? null)).toEqual(row.more)
})

it.each(HOSTILE)('one line of one command comes of %j', (name) => {
  const objectives = [assessed('breached', { of: { id: name }, reasons: [name], pipeline: name })]
  const text = renderGithub(
    { ...ciReport({ verdicts: [] }), pipelines: [pipelineOf(name)], objectives },
    FILE,
  )
  expect(text.match(/\n|\r|\u2028|\u2029/g)).toEqual(['\n'])
  expect(text.length).toBeLessThan(10_000)
  const [only] = commands({ ...ciReport(), pipelines: [pipelineOf(name)], objectives }, FILE)
  expect(only?.level).toBe('error')
  expect(Object.keys(only?.properties ?? {})).toEqual(['file', 'line', 'endLine', 'col', 'title'])
  // Nothing hidden, nothing that moves a terminal that shows the log.
  expect(text.slice(0, -1)).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}/u)
})

const pipelineOf = (pipeline: string): Report['pipelines'][number] => ({
  ...(ciReport().pipelines[0] as Report['pipelines'][number]),
  pipeline,
})
