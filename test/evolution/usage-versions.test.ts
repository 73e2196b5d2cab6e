import { describe, expect, test } from 'vitest'
import type { SubjectVersions } from '../../src/evolution/sources/source.ts'
import type { SubjectTraffic } from '../../src/evolution/usage.ts'
import { keptVersions } from '../../src/evolution/usage-versions.ts'

const DAY_MS = 86_400_000
const NOW = 100 * DAY_MS
const version = (name: string) => ({ name, text: '', format: 'avro' as const })
const subject: SubjectVersions = {
  ...{ subject: 's', format: 'avro', path: 's', referencePaths: new Map(), next: version('s') },
  previous: [1, 2, 3].map((n) => version(`s version ${n}`)),
}
const seen: SubjectTraffic = {
  ...{ topics: ['s'], groups: [], daysSeen: 30, oneIn: 1, looked: 30_000, read: 30_000 },
  ...{
    scaled: 30_000,
    hasMore: false,
    fields: new Map(),
    texts: new Map(),
    hasOtherSchemas: false,
    pathCharsMax: 200,
  },
  versions: new Map([
    [1, 0],
    [2, NOW - 8 * DAY_MS],
    [3, NOW - DAY_MS],
  ]),
}

const kept = (traffic: Partial<SubjectTraffic> | null, days = 7, of = subject) => {
  const { subjects, told } = keptVersions(
    [of],
    () => (traffic === null ? null : { ...seen, ...traffic }),
    days * DAY_MS,
    NOW,
  )
  return { names: subjects[0]?.previous.map(({ name }) => name.at(-1)).join(''), told }
}

describe('versions that nobody has written for longer than the topic keeps them', () => {
  test('are left out, told with when they were seen', () => {
    expect(kept({})).toEqual({
      names: '3',
      told: [
        's version 1 is left out: nobody wrote it in 30 days',
        's version 2 is left out: nobody has written it since 1970-04-03T00:00Z',
      ],
    })
  })

  test('are kept up to the day', () => {
    expect(kept({}, 8).names).toBe('23')
    expect(kept({}, 30).names).toBe('23')
  })

  test('but the latest stays', () => {
    const versions = new Map([1, 2, 3].map((n) => [n, 0]))
    expect(kept({ versions })).toEqual({
      names: '3',
      told: expect.arrayContaining(['s version 3 is compared all the same: it is the latest']),
    })
  })

  test('and what no registry numbers', () => {
    expect(kept({}, 7, { ...subject, previous: [version('main:s.avsc')] }).names).toBe('c')
    expect(kept({ versions: new Map([[3, NOW]]) }).names).toBe('123')
  })
})

test.each<[string, Partial<SubjectTraffic> | null, number, string]>([
  ['nothing of it was looked at', null, 7, 'nothing of it was looked at'],
  ['no registry is known', { versions: new Map() }, 7, 'no registry says which version'],
  ['a topic keeps them for longer than is looked back', {}, 31, 'only 30 days are looked back'],
  ['a day is missing', { daysSeen: 29 }, 7, 'it was looked at on 29 of 30 days only'],
  [
    'some messages do not tell',
    { hasOtherSchemas: true },
    7,
    'some messages do not tell their schema',
  ],
  ['they are too few', { looked: 29_957 }, 7, 'too few messages'],
])('all are compared where %s', (_, traffic, days, why) => {
  const { names, told } = kept(traffic, days)
  expect(names).toBe('123')
  expect(told).toEqual([expect.stringContaining(`s: all versions are compared: ${why}`)])
})
