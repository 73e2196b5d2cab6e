/** `quipu export` as users run it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quipu } from '../support/quipu.ts'
import { flightsFile, NO_LOSS } from './promised.ts'

const EXACT = 'exact: { indicator: completeness, target: 100% }'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quipu-export-'))
  // Its variable for brokers is not set, and need not be.
  writeFileSync(join(folder, 'quipu.yaml'), flightsFile({ objectives: [NO_LOSS, EXACT] }))
  const two = flightsFile({ objectives: [NO_LOSS] })
  const second = two.slice(two.indexOf('  flights:')).replace('  flights:', '  cargo:')
  writeFileSync(join(folder, 'two.yaml'), two + second)
  for (const name of ['bare', 'empty']) mkdirSync(join(folder, name))
  const bare = two.slice(0, two.indexOf('    objectives:'))
  writeFileSync(join(folder, 'bare', 'quipu.yaml'), bare)
  writeFileSync(join(folder, 'bad.yaml'), 'version: 1\npipelnes: {}\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]): ReturnType<typeof quipu> => quipu(['export', ...args], folder)

it.each([
  { format: 'openslo', begins: 'apiVersion: openslo/v1' },
  { format: 'odcs', begins: 'apiVersion: v3.1.0' },
  { format: 'prometheus-rules', begins: 'groups:' },
])('writes $format to stdout, and what it cannot say to stderr', async ({ format, begins }) => {
  const { code, stdout, stderr } = await run(format)
  expect(code).toBe(0)
  const comments = stdout.split('\n').filter((line) => line.startsWith('# Not expressed: '))
  const body = stdout.split('\n').filter((line) => !line.startsWith('#'))
  expect(body[0]).toBe(begins)
  expect(stderr.split('\n').slice(0, -1)).toEqual(
    comments.map((line) => line.replace('# Not expressed: ', 'quipu: not expressed: ')),
  )
  if (format === 'openslo') expect(stderr).toContain('flights/exact: a target of 100%')
})

it('writes text and warnings as JSON', async () => {
  const [plain, json] = [await run('openslo'), await run('openslo', '--json')]
  expect([json.code, json.stderr]).toEqual([0, ''])
  const { warnings, ...rest } = JSON.parse(json.stdout)
  expect(rest).toEqual({ schema: 'quipu.export/v1', format: 'openslo', text: plain.stdout })
  expect(warnings.map((w: string) => `quipu: not expressed: ${w}\n`).join('')).toBe(plain.stderr)
})

it('writes to a file, and nothing to stdout', async () => {
  expect(await run('odcs', '-o', 'contract.yaml')).toMatchObject({ code: 0, stdout: '' })
  expect(readFileSync(join(folder, 'contract.yaml'), 'utf8')).toContain('kind: DataContract')
})

it('writes one pipeline where one is named', async () => {
  const both = (await run('prometheus-rules', '--config', 'two.yaml')).stdout
  expect(both).toContain('name: quipu/cargo/no-loss')
  expect(both).toContain('name: quipu/flights/no-loss')
  const args = ['prometheus-rules', '--config', 'two.yaml', '--pipeline', 'cargo']
  expect((await run(...args)).stdout).not.toContain('quipu/flights')
})

describe('what cannot be done', () => {
  it.each([
    { args: ['openslo', '--pipeline', 'flihgts'], code: 2, says: ['did you mean `flights`?'] },
    { args: ['odcs', '--config', 'two.yaml'], code: 2, says: ['--pipeline', 'flights, cargo'] },
    { args: ['openslo', '--config', 'bare/quipu.yaml'], code: 2, says: ['no objective'] },
    { args: ['openslo', '--config', 'bad.yaml'], code: 2, says: ['bad.yaml:2:1', 'pipelines'] },
    { args: ['openslo', '-o', 'nowhere/x.yaml'], code: 4, says: ['cannot write nowhere/x.yaml'] },
  ])('$args ends with $code and says why', async ({ args, code, says }) => {
    const ended = await run(...args)
    expect([ended.code, ended.stdout]).toEqual([code, ''])
    for (const text of says) expect(ended.stderr).toContain(text)
  })

  it('where there is no file at all, it says how to name one', async () => {
    const { code, stderr } = await quipu(['export', 'openslo'], join(folder, 'empty'))
    expect(code).toBe(2)
    expect(stderr).toContain('--config FILE')
  })
})
