/** Why incidents are there, in the report of a store: all that is told without a log. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderHtml } from '../../reports/html.ts'
import { renderJson } from '../../reports/json.ts'
import { renderMarkdown } from '../../reports/markdown.ts'
import { readReport } from '../../src/cli/report-reader.ts'
import type { Report } from '../../src/objective/report.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { makeStore, thrown } from './explain-store.ts'

let dir = ''
const path = (name: string): string => join(dir, name)

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-report-causes-'))
  await makeStore(path('thrown.db'), { mishaps: thrown })
  await makeStore(path('untold.db'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const report = async (store: string, more = {}): Promise<Report> =>
  (await readReport({ store: path(store), why: true, ...more })).report

const causesOf = ({ incidents }: Report) =>
  incidents.map(({ causes }) => causes?.map(({ code, count }) => [code, count]) ?? null)

describe('the causes of an incident in a report', () => {
  it('are told where the store knows them', async () => {
    const found = await report('thrown.db')
    expect(causesOf(found)).toEqual([[['handler_threw', 18]]])
    expect(errorsOf('report', JSON.parse(renderJson(found)))).toEqual([])
    const sentence = found.incidents[0]?.causes?.[0]?.sentence ?? ''
    expect(sentence).toContain('TypeError')
    expect(renderMarkdown(found)).toMatch(/ - Why: .*TypeError/)
    expect(await renderHtml(found)).toMatch(/<p class="why">.*TypeError/)
  })

  it('are unknown where nobody saw why, and say what was lacking', async () => {
    const found = await report('untold.db')
    expect(causesOf(found)).toEqual([[['unknown', 18]]])
    expect(found.incidents[0]?.causes?.[0]?.why).not.toBe('')
  })

  it.each([
    ['nobody asks for them', { why: false }],
    ['a summary is asked for, which names nothing', { detail: 'summary' }],
  ])('are not told where %s', async (_, more) => {
    const found = await report('thrown.db', more)
    expect(causesOf(found)).toEqual([null])
    expect(errorsOf('report', JSON.parse(renderJson(found)))).toEqual([])
    expect(renderMarkdown(found)).not.toContain('Why:')
  })
})
