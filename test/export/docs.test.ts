/** The examples of docs/exports.md are what the exports give. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import type { Promised } from '../../src/export/exported.ts'
import { exportOdcs } from '../../src/export/odcs.ts'
import { exportOpenSlo } from '../../src/export/openslo.ts'
import { exportPrometheusRules } from '../../src/export/prometheus-rules.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'exports.md'), 'utf8')
const [, ...sections] = page.split(/^## /m)
const blocksOf = (text: string): string[] =>
  [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block)

function example(): Promised {
  const [source = ''] = blocksOf(page)
  const result = parseConfig(source, 'quipu.yaml', {})
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  const { pipelines, promises } = result.config
  return { pipeline: pipelines[0], promises: promises[0] } as Promised
}

it.each([
  { section: 'OpenSLO', text: () => exportOpenSlo([example()]).text, blocks: 2 },
  { section: 'Open Data Contract Standard', text: () => exportOdcs(example()).text, blocks: 1 },
  { section: 'Prometheus rules', text: () => exportPrometheusRules([example()]).text, blocks: 3 },
])('$section', ({ section, text, blocks }) => {
  const found = blocksOf(sections.find((s) => s.startsWith(`${section}\n`)) ?? '')
  expect(found).toHaveLength(blocks)
  const whole = text()
  for (const block of found) expect(whole).toContain(block)
})
