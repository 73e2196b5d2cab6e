/** Subjects against their versions: who is compared with whom, what is said of each, and the exit code. */
import { describe, expect, it } from 'vitest'
import { applySettings, type CheckSettings } from '../../src/evolution/apply-settings.ts'
import { checkEvolution } from '../../src/evolution/check.ts'
import { checkSubjects } from '../../src/evolution/check-subjects.ts'
import type { Engine, SchemaFormat } from '../../src/evolution/engine.ts'
import { type Mode, modes } from '../../src/evolution/modes.ts'
import { type SchemaCheck, schemaCheckCode } from '../../src/evolution/report.ts'
import type { SubjectVersions } from '../../src/evolution/sources/source.ts'
import { fakeEngine } from './fake-engine.ts'

const version = (name: string, text: string, format: SchemaFormat = 'avro') => ({
  ...{ name, text, format, referencePaths: new Map<string, string>() },
})

/** Versions as texts, oldest first, the next one last; null: it is deleted. */
function subjectOf(name: string, ...texts: (string | null)[]): SubjectVersions {
  const next = texts.at(-1) ?? null
  return {
    ...{ subject: name, format: 'avro', path: next === null ? null : `${name}.avsc` },
    next: next === null ? null : version('next', next),
    previous: texts.slice(0, -1).map((text, i) => version(`v${i + 1}`, text ?? '')),
    referencePaths: new Map(),
  }
}

const check = (subjects: readonly SubjectVersions[], mode: Mode = 'BACKWARD'): SchemaCheck =>
  checkSubjects(subjects, {
    engineOf: () => fakeEngine as Engine<unknown>,
    termsOf: () => ({ mode, policy: 'STRICT' }),
    budget: { instancesMax: 1 },
  })

const codeOf = (checked: SchemaCheck, failOn: 'error' | 'warning' = 'error'): number =>
  schemaCheckCode({ ...checked, failOn })

const said = ({ findings }: SchemaCheck): string[] =>
  findings.map((f) => [f.rule, f.direction ?? '-', f.against ?? '-', f.path].join(' '))

describe('which versions are held against the next one, and in which direction', () => {
  // v1 writes a and b, v2 a and c, the next one a and d: each pair breaks in both directions.
  const subject = subjectOf('s', 'a b', 'a c', 'a d')
  const of = (direction: string, against: string, name: string): string =>
    `AVRO_NAME_NOT_READ ${direction} ${against} /${name}`
  const backward = [of('backward', 'v2', 'c'), of('backward', 'v1', 'b')]
  const forward = [of('forward', 'v2', 'd'), of('forward', 'v1', 'd')]
  const expected: Readonly<Record<Mode, readonly (string | undefined)[]>> = {
    BACKWARD: backward.slice(0, 1),
    BACKWARD_TRANSITIVE: backward,
    FORWARD: forward.slice(0, 1),
    FORWARD_TRANSITIVE: forward,
    FULL: [backward[0], forward[0]],
    FULL_TRANSITIVE: [backward[0], forward[0], backward[1], forward[1]],
    NONE: [],
  }

  it.each(modes)('%s', (mode) => {
    expect(said(check([subject], mode))).toEqual(expected[mode])
  })

  it.each<[Mode, number, number]>([
    ['BACKWARD', 1, 1],
    ['FULL', 1, 2],
    ['FULL_TRANSITIVE', 2, 4],
    ['NONE', 0, 0],
  ])('%s is held against %i versions, in %i comparisons', (mode, versions, comparisons) => {
    const [report] = check([subject], mode).subjects
    expect([report?.versions, report?.comparisons]).toEqual([versions, comparisons])
  })

  it('a counterexample stands beside the first difference of a pair, and at no other', () => {
    const { findings } = check([subjectOf('s', 'a b c', 'a')])
    expect(findings.map((f) => f.counterexample?.text ?? null)).toEqual(['"b"', null])
  })

  it('a fingerprint stays whatever version a finding is held against', () => {
    const { findings } = check([subjectOf('s', 'a b', 'a b', 'a')], 'BACKWARD_TRANSITIVE')
    expect(findings.map((f) => f.against)).toEqual(['v2', 'v1'])
    expect(new Set(findings.map((f) => f.fingerprint)).size).toBe(1)
  })
})

describe('what is said of a subject', () => {
  it.each<[string, SubjectVersions, Mode, string, string[], number]>([
    ['compatible', subjectOf('s', 'a', 'a b'), 'BACKWARD', 'compatible', [], 0],
    [
      'incompatible',
      subjectOf('s', 'a', 'b'),
      'BACKWARD',
      'incompatible',
      ['AVRO_NAME_NOT_READ backward v1 /a'],
      1,
    ],
    // A risk fails nothing unless asked to.
    ['a risk', subjectOf('s', 'a', 'a B'), 'BACKWARD', 'compatible', ['AVRO_NAME_LOUD - v1 /B'], 0],
    // What breaks at a place is told; that it may be misread there as well is no news.
    [
      'no risk where something breaks',
      subjectOf('s', 'a', 'a B'),
      'FORWARD',
      'incompatible',
      ['AVRO_NAME_NOT_READ forward v1 /B'],
      1,
    ],
    ['new', subjectOf('s', 'a'), 'BACKWARD', 'new', [], 0],
    [
      'new, and no schema',
      subjectOf('s', '!'),
      'BACKWARD',
      'unknown',
      ['SCHEMA_UNPARSABLE - - '],
      3,
    ],
    [
      'deleted',
      subjectOf('s', 'a', null),
      'BACKWARD',
      'deleted',
      ['SCHEMA_SUBJECT_DELETED - v1 '],
      1,
    ],
    // Nobody asked for a verdict, and none is given.
    ['mode NONE', subjectOf('s', 'a', 'b'), 'NONE', 'not_compared', [], 3],
    [
      'an earlier version that cannot be read',
      subjectOf('s', '!', 'a'),
      'BACKWARD',
      'unknown',
      ['SCHEMA_UNPARSABLE - v1 '],
      3,
    ],
    // What is proven stands above what is not known.
    [
      'one version cannot be read, another is broken',
      subjectOf('s', '!', 'a', 'b'),
      'BACKWARD_TRANSITIVE',
      'incompatible',
      ['AVRO_NAME_NOT_READ backward v2 /a', 'SCHEMA_UNPARSABLE - v1 '],
      1,
    ],
  ])('%s', (_, subject, mode, status, findings, code) => {
    const checked = check([subject], mode)
    expect(checked.subjects.map((s) => s.status)).toEqual([status])
    expect(said(checked)).toEqual(findings)
    expect(codeOf(checked)).toBe(code)
  })

  it('a risk fails where warnings do', () => {
    expect(codeOf(check([subjectOf('s', 'a', 'a B')]), 'warning')).toBe(1)
  })

  it('nothing found to check is not all right', () => {
    expect(codeOf(check([]))).toBe(3)
  })

  it('a new subject beside one that was compared is fine', () => {
    expect(codeOf(check([subjectOf('s', 'a', 'a'), subjectOf('t', 'a')]))).toBe(0)
  })
})

describe('a subject that changes its format', () => {
  const changed: SubjectVersions = {
    ...subjectOf('s', 'a', 'a', 'a'),
    previous: [version('v1', 'a'), version('v2', 'a', 'protobuf')],
  }

  it('is refused, once for each version of another format', () => {
    const checked = check([changed])
    expect(said(checked)).toEqual(['SCHEMA_FORMAT_CHANGED - v2 '])
    expect(checked.subjects.map((s) => [s.status, s.comparisons])).toEqual([['incompatible', 1]])
  })

  it('is still compared with its versions of the same format', () => {
    const broken = { ...changed, previous: [version('v1', 'b'), version('v2', 'a', 'protobuf')] }
    expect(said(check([broken], 'BACKWARD_TRANSITIVE'))).toEqual([
      'SCHEMA_FORMAT_CHANGED - v2 ',
      'AVRO_NAME_NOT_READ backward v1 /b',
    ])
  })
})

describe('places are in files, by the names that people know', () => {
  // An engine that finds everything in what is referred to.
  const elsewhere: Engine<unknown> = {
    ...(fakeEngine as Engine<unknown>),
    positionOf: () => ({ source: 'ref', line: 1, column: 1 }),
  }
  const subject = { ...subjectOf('s', 'a B', 'a C'), path: 'schemas/s.avsc' }
  const places = (engine: Engine<unknown>): (string | undefined)[] => {
    const [old] = subject.previous
    const { findings } = checkSubjects(
      [
        {
          ...subject,
          previous: old
            ? [{ ...old, referencePaths: new Map([['ref', 'main:schemas/r.avsc']]) }]
            : [],
          referencePaths: new Map([['ref', 'schemas/r.avsc']]),
        },
      ],
      {
        engineOf: () => engine,
        termsOf: () => ({ mode: 'BACKWARD', policy: 'STRICT' }),
        budget: { instancesMax: 0 },
      },
    )
    return findings.map((f) => f.place?.source ?? f.placeBefore?.source)
  }

  it('of the schema itself', () => {
    expect(places(fakeEngine as Engine<unknown>)).toEqual(['v1', 'schemas/s.avsc'])
  })

  it('of what it refers to, then and now', () => {
    expect(places(elsewhere)).toEqual(['main:schemas/r.avsc', 'schemas/r.avsc'])
  })
})

describe('with the settings of a house', () => {
  const settings = (parts: Partial<CheckSettings>): CheckSettings => ({
    ...{ levels: [], suppressions: [], baseline: new Set(), today: '2026-11-23', isPartial: false },
    ...parts,
  })
  const off = { rule: 'AVRO_NAME_NOT_READ', level: 'off', subject: null } as const

  it('a subject whose rules are off is as good as compatible', () => {
    const checked = applySettings(check([subjectOf('s', 'a', 'b')]), settings({ levels: [off] }))
    expect([checked.subjects[0]?.status, checked.findings, codeOf(checked)]).toEqual([
      ...['compatible', [], 0],
    ])
  })

  it('a suppressed finding stays, and fails nothing', () => {
    const entry = {
      ...{ rule: 'AVRO_NAME_NOT_READ', subject: 's', path: null },
      ...{ reason: 'a', until: '2026-11-23', place: null },
    }
    const found = check([subjectOf('s', 'a', 'b')])
    const checked = applySettings(found, settings({ suppressions: [entry] }))
    expect(checked.findings.map((f) => f.standing)).toEqual(['suppressed'])
    expect([checked.subjects[0]?.status, codeOf(checked)]).toEqual(['incompatible', 0])
  })
})

it('the same input gives the same result', () => {
  const request = {
    ...({ mode: 'FULL_TRANSITIVE', policy: 'STRICT', budget: { instancesMax: 1 } } as const),
    ...{ previous: [version('v1', 'a b'), version('v2', 'c')], next: version('next', 'd') },
  }
  const [once, again] = [checkEvolution(fakeEngine, request), checkEvolution(fakeEngine, request)]
  expect(once.findings).toHaveLength(5)
  expect(again).toEqual(once)
})
