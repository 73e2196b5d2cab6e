/**
 * Our own schemas, judged by our own rules: today's reader of frames reads what was promised. What binds
 * is the last release or, while there is none, the first commit that has them.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { applySettings } from '../../src/evolution/apply-settings.ts'
import { checkSubjects } from '../../src/evolution/check-subjects.ts'
import type { Engine } from '../../src/evolution/engine.ts'
import { loadEngines } from '../../src/evolution/engines.ts'
import { gatherSubjects } from '../../src/evolution/sources/gather.ts'
import type { Suppression } from '../../src/evolution/suppress.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Null: git has no answer. */
function git(...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : null
}

const added = ['log', '--reverse', '--diff-filter=A', '--format=%H', '--', 'schemas/*.avsc']
const isWhole = git('rev-parse', '--is-shallow-repository') === 'false'
const release = git('describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*')
const since = isWhole ? (release ?? git(...added)?.split('\n')[0] ?? null) : null

/** Where git cannot say what it was: the text of that first commit. */
const FIRST = 'test/evolution/first'

/** Fields that came before anything was released: no frame without them is stored anywhere. */
const beforeRelease: readonly Suppression[] = [
  ...[5, 6, 12, 13, 14, 15].map((i) => `/fields/11/type/items/fields/${i}`),
  '/fields/22',
].map((path) => ({
  ...{ rule: 'AVRO_READER_FIELD_MISSING_DEFAULT_VALUE', subject: 'frame', path },
  ...{ reason: 'nothing was released that wrote such frames', until: '2999-12-31', place: null },
}))

it.each(since === null ? [FIRST] : [FIRST, `git:${since}`])(
  'our schemas are compatible with %s',
  async (against) => {
    const paths = readdirSync(resolve(ROOT, 'schemas')).filter((name) => name.endsWith('.avsc'))
    const { subjects } = await gatherSubjects({
      paths: paths.map((name) => `schemas/${name}`),
      against: [against],
      workingFolder: ROOT,
    })
    const engines = await loadEngines(['avro'])
    const found = checkSubjects(subjects, {
      engineOf: () => engines.get('avro') as Engine<unknown>,
      termsOf: () => ({ mode: 'BACKWARD', policy: 'STRICT' }),
      budget: { instancesMax: 0 },
    })
    const { findings } = applySettings(found, {
      ...{ levels: [], baseline: new Set(), today: '2026-11-23', isPartial: false },
      suppressions: against === FIRST || release === null ? beforeRelease : [],
    })
    expect(found.subjects.map((s) => [s.subject, s.comparisons])).toContainEqual(['frame', 1])
    // A stale suppression is told as well: it would hide what comes next.
    const open = findings.filter((f) => f.standing === 'open')
    expect(open.map((f) => `${f.rule} ${f.path}`)).toEqual([])
  },
)
