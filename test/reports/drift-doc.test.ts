/** The page for owners has every finding, with the words that Quipu has for it, and the limits that hold. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explainDrift } from '../../src/drift/explain.ts'
import {
  DRIFT_IDS_MAX,
  type DriftCode,
  driftCodes,
  PRODUCERS_MAX,
} from '../../src/drift/finding.ts'
import { DEPTH_MAX, NODES_MAX, VALUE_BYTES_MAX } from '../../src/drift/read/reader.ts'
import * as shape from '../../src/drift/shape.ts'
import { driftExample } from './drift-examples.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/drift.md'), 'utf8')
/** However its lines are broken. */
const told = page.replace(/\s+/g, ' ')

const headings = { error: 'Errors:', warning: 'Warnings:', info: 'Notes:' } as const

const codes = Object.keys(driftCodes) as DriftCode[]

describe('docs/drift.md', () => {
  it.each(codes)('says what %s says, and what to do', (code) => {
    const { sentence, next } = explainDrift(driftExample(code))
    const [says] = sentence.split(/: (?:at least )?384 /)
    expect(page).toContain(
      `| \`${code}\` | ${says} | ${next ?? 'Nothing: a change, not a mistake.'} |`,
    )
    // Under the heading of its weight: the last one before it.
    const before = page.slice(0, page.indexOf(`| \`${code}\` |`))
    const last = Object.values(headings).reduce((a, b) =>
      before.lastIndexOf(b) > before.lastIndexOf(a) ? b : a,
    )
    expect(last).toBe(headings[driftCodes[code]])
  })

  it('has the figures that follow as they are told', () => {
    const { sentence } = explainDrift(driftExample('missing_field'))
    expect(told).toContain(`\`${sentence.slice(sentence.indexOf(': 384') + 2, -1)}\``)
  })

  it('names no finding that there is not', () => {
    const named = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code)
    expect(named.sort()).toEqual([...codes].sort())
  })

  it('has the limits that hold', () => {
    const kib = VALUE_BYTES_MAX / 1_024
    expect(page).toContain(`| ${kib} KiB, ${NODES_MAX / 1_000},000, ${DEPTH_MAX} |`)
    expect(page).toContain(`| ${shape.VARIANTS_MAX} | counted together |`)
    expect(page).toContain(`| ${shape.FIELDS_MAX}, declared ones first |`)
    expect(page).toContain(`| ${shape.ODDITIES_MAX} | counted |`)
    expect(page).toContain(`| ${shape.SHAPE_IDS_MAX} in a window; ${DRIFT_IDS_MAX} in a finding |`)
    expect(page).toContain(`| producers named with a finding | ${PRODUCERS_MAX} |`)
    expect(page).toContain(`one in ${shape.LOOK_ONE_IN}`)
    expect(page).toContain(`cut to ${shape.VALUE_CHARS_MAX} characters`)
    expect(told).toContain(`the ${shape.SKETCH_MAX} lowest 32-bit hashes`)
  })
})
