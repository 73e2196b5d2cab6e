/** Rules 1–15 as a table: what messages look like, and what is found, no more and no fewer. */
import { describe, expect, it } from 'vitest'
import type { DriftInput } from '../../../src/drift/judge.ts'
import { NO_FACTS, type RegistryFacts } from '../../../src/drift/registry-facts.ts'
import type { ShapePlan, Variant } from '../../../src/drift/shape.ts'
import {
  at,
  brief,
  facts,
  field,
  findingsOf,
  hop,
  inputOf,
  odd,
  of,
  plan,
  promised,
  START,
  unread,
  variant,
} from './build.ts'

interface Row {
  readonly plan?: ShapePlan
  readonly registry?: RegistryFacts
  /** Of one topic; one list for each minute. */
  readonly minutes: readonly (readonly Variant[])[]
  readonly found: readonly string[]
}

const down = { state: 'unreachable', why: 'it does not answer' } as const

const rows: Readonly<Record<string, Row>> = {
  'no message at all': { minutes: [[]], found: [] },
  'nothing is odd': { minutes: [[variant({ fields: [field('/a')] })]], found: [] },

  // Rules 1–3: what has no frame.
  'empty values': {
    minutes: [[variant(), variant({ claim: 'empty', count: 2 })]],
    found: ['empty_value t 2/12'],
  },
  'unframed values, which also cannot be read: one fault': {
    plan: promised,
    registry: facts({ 7: 3 }),
    minutes: [
      [of(7), variant({ claim: 'unframed', count: 4, oddities: [odd('undecodable', '')] })],
    ],
    found: ['unframed_value t 4/14'],
  },
  'unframed values that nobody could look into: known to be unframed': {
    plan: promised,
    minutes: [[variant({ claim: 'unframed', count: 4, unread: unread('no_schema', 4) })]],
    found: ['unframed_value t 4/4'],
  },
  'a first byte that may be a frame': {
    minutes: [[variant({ claim: 'ambiguous', count: 3, unread: unread('no_schema', 3) })]],
    found: ['ambiguous_framing t 3/3'],
  },

  // Rule 4: the registry's word, now or then.
  'an id that is in no registry': {
    plan: promised,
    registry: facts({ 7: 3 }, { schemas: { 9: { state: 'unregistered' } } }),
    minutes: [[of(7), of(9, 2, { unread: unread('unreachable', 2) })]],
    found: ['unregistered_schema t (id 9) 2/12'],
  },
  'an id that was in no registry when an agent asked, for some messages': {
    plan: promised,
    registry: facts({}, { schemas: { 9: down } }),
    minutes: [[of(9, 5, { invalid: 2, oddities: [odd('unregistered', '', { count: 2 })] })]],
    // Of the other three nobody knows whether they are under the subject.
    found: ['unregistered_schema t (id 9) 2/5', 'unread t (id 9) 3/5'],
  },
  'an id that was not registered then and is now: looked at too early': {
    registry: facts({ 9: 1 }),
    minutes: [[of(9, 5, { invalid: 2, oddities: [odd('unregistered', '', { count: 2 })] })]],
    found: ['unread t (version 1 (id 9)) 2/5'],
  },

  // Rule 5
  'an id of another subject': {
    plan: promised,
    registry: facts(
      { 7: 3 },
      {
        schemas: {
          8: { state: 'registered', places: [{ subject: 'other', version: 1 }], fields: [] },
        },
      },
    ),
    minutes: [[of(7), of(8, 1)]],
    found: ['foreign_schema t (id 8) 1/11'],
  },
  'an id of another subject, where none is promised': {
    plan: { ...plan, framing: 'confluent' },
    registry: facts({ 7: 3 }),
    minutes: [[of(7)]],
    found: [],
  },
  'a registry that does not tell where a schema is': {
    plan: promised,
    registry: facts({}, { schemas: { 7: { state: 'registered', places: [], fields: [] } } }),
    minutes: [[of(7)]],
    found: ['unread t (id 7) 10/10'],
  },

  // Rule 6
  'a version that is not allowed': {
    plan: { ...promised, versions: [4] },
    registry: facts({ 7: 3, 8: 4 }),
    minutes: [[of(8), of(7, 2)]],
    found: ['retired_version t (version 3 (id 7)) 2/12'],
  },
  'a version that was deleted': {
    plan: promised,
    registry: {
      ...facts({ 7: 3, 8: 4 }),
      subjects: {
        'flights-value': { state: 'registered', versions: [{ version: 4, id: '8' }] },
      },
    },
    minutes: [[of(8), of(7, 2)]],
    found: ['retired_version t (version 3 (id 7)) 2/12'],
  },
  'a schema that is two versions of the subject, of which one is allowed': {
    plan: { ...promised, versions: [5] },
    registry: facts(
      { 8: 5 },
      {
        schemas: {
          8: {
            state: 'registered',
            places: [
              { subject: 'flights-value', version: 3 },
              { subject: 'flights-value', version: 5 },
            ],
            fields: [],
          },
        },
      },
    ),
    minutes: [[of(8)]],
    found: [],
  },
  'what a foreign schema has wrong in its fields: explained by it': {
    plan: promised,
    registry: facts(
      {},
      {
        schemas: {
          8: { state: 'registered', places: [{ subject: 'other', version: 1 }], fields: [] },
        },
      },
    ),
    minutes: [[of(8, 3, { invalid: 3, oddities: [odd('missing_field', '/a', { count: 3 })] })]],
    found: ['foreign_schema t (id 8) 3/3'],
  },

  // A registry that is down: never drift.
  'the registry does not answer for an id': {
    plan: promised,
    registry: facts({}, { schemas: { 7: down } }),
    minutes: [[of(7)]],
    found: ['unread t (id 7) 10/10'],
  },
  'nobody has asked the registry': {
    plan: promised,
    registry: NO_FACTS,
    minutes: [[of(7)]],
    found: ['unread t (id 7) 10/10'],
  },
  'the registry is down, and no subject is promised: what was read was registered': {
    plan: { ...plan, framing: 'confluent' },
    registry: facts({}, { schemas: { 7: down } }),
    minutes: [[of(7)]],
    found: [],
  },
  'the registry tells of the schema and not of the subject': {
    plan: promised,
    registry: { ...facts({ 7: 3 }), subjects: { 'flights-value': down } },
    minutes: [[of(7)]],
    found: ['unread t (version 3 (id 7)) 10/10'],
  },

  // Rules 7–11
  'values that are none': {
    minutes: [[variant({ invalid: 2, oddities: [odd('undecodable', '', { count: 2 })] })]],
    found: ['undecodable_value t 2/10'],
  },
  'a text for a number: not also a value that is not declared': {
    minutes: [
      [
        variant({
          invalid: 3,
          oddities: [
            odd('type_changed', '/a', { count: 3 }),
            odd('unseen_value', '/a', { count: 3 }),
            odd('out_of_bounds', '/a', { count: 3 }),
          ],
        }),
      ],
    ],
    found: ['type_changed t /a 3/10'],
  },
  'a text for a number in three messages, and another value in two more': {
    minutes: [
      [
        variant({
          oddities: [
            odd('type_changed', '/a', { count: 3 }),
            // 3 of the 5 are explained: 2 are not.
            odd('unseen_value', '/a', { count: 5 }),
          ],
        }),
      ],
    ],
    found: ['type_changed t /a 3/10', 'unseen_value t /a 2/10'],
  },
  'a text for an object: its fields are not also missing': {
    minutes: [
      [
        variant({
          oddities: [
            odd('type_changed', '/a', { count: 2 }),
            odd('missing_field', '/a/b', { count: 2 }),
            // Within another field, whose name only begins alike.
            odd('missing_field', '/ab', { count: 2 }),
          ],
        }),
      ],
    ],
    found: ['missing_field t /ab 2/10', 'type_changed t /a 2/10'],
  },
  'out of bounds': {
    minutes: [[variant({ oddities: [odd('out_of_bounds', '/a', { count: 1 })] })]],
    found: ['out_of_bounds t /a 1/10'],
  },

  // Rule 12
  'a renamed field: two true findings': {
    minutes: [
      [
        variant({
          oddities: [odd('missing_field', '/old', { count: 4 })],
          fields: [field('/new', { declared: false, present: 4 })],
        }),
      ],
    ],
    found: ['missing_field t /old 4/10', 'unknown_field t /new 4/10'],
  },
  'an unknown field, and those within it': {
    minutes: [
      [
        variant({
          fields: [
            field('/x', { declared: false, present: 4 }),
            field('/x/y', { declared: false, present: 3 }),
          ],
        }),
      ],
    ],
    found: ['unknown_field t /x 4/10'],
  },
  'an unknown field within an object that should be a text': {
    minutes: [
      [
        variant({
          oddities: [odd('type_changed', '/x', { count: 4 })],
          fields: [field('/x'), field('/x/y', { declared: false, present: 4 })],
        }),
      ],
    ],
    found: ['type_changed t /x 4/10'],
  },

  // Rule 13
  'messages that were not looked into': {
    minutes: [[variant({ unread: { too_large: 1, full: 2 } })]],
    found: ['unread t 3/10'],
  },

  // Rules 14 and 15. Windows of a minute: a grace of 60.
  'a new version: told in its first window': {
    plan: promised,
    registry: facts({ 7: 3, 8: 4 }),
    minutes: [[of(7)], [of(7), of(8, 3)], [of(8)]],
    found: ['new_version t (version 4 (id 8)) 3/13'],
  },
  'two versions from the first window on: neither is new': {
    plan: promised,
    registry: facts({ 7: 3, 8: 4 }),
    minutes: [
      [of(7), of(8)],
      [of(7), of(8)],
    ],
    found: [],
  },
  'an old version 59 windows after the newer one: still rolling out': {
    plan: promised,
    registry: facts({ 7: 3, 8: 4 }),
    minutes: [[of(7), of(8)], ...Array.from({ length: 58 }, () => [of(8)]), [of(7, 2)]],
    found: [],
  },
  'an old version 60 windows after the newer one': {
    plan: promised,
    registry: facts({ 7: 3, 8: 4 }),
    minutes: [[of(7), of(8)], ...Array.from({ length: 59 }, () => [of(8)]), [of(7, 2)]],
    found: ['old_version t (version 3 (id 7)) 2/2'],
  },
  'an old version that the file allows beside the new one': {
    plan: { ...promised, versions: [3, 4] },
    registry: facts({ 7: 3, 8: 4 }),
    minutes: [[of(7), of(8)], ...Array.from({ length: 59 }, () => [of(8)]), [of(7, 2)]],
    found: [],
  },
  'an old version that comes back: no new one': {
    plan: promised,
    registry: facts({ 7: 3, 8: 4 }),
    minutes: [[of(8)], [of(8)], [of(7)]],
    found: [],
  },
  'a new id of which the registry says nothing: nobody knows whether it is a version': {
    plan: promised,
    registry: facts({ 7: 3 }, { schemas: { 9: down } }),
    minutes: [[of(7)], [of(9, 2)]],
    found: ['unread t (id 9) 2/2'],
  },
  'an id that no registry was asked for: new all the same': {
    plan: { ...plan, framing: 'confluent' },
    minutes: [[of(7)], [of(7), of(9, 1)]],
    found: ['new_version t (id 9) 1/11'],
  },
}

const inputOfRow = ({ plan: its = plan, registry = NO_FACTS, minutes }: Row): DriftInput =>
  inputOf(
    [hop('t', { plan: its })],
    minutes.map((variants, minute) => at('t', minute, variants)),
    { registry },
  )

describe('rules', () => {
  it.each(Object.entries(rows))('%s', (_, row) => {
    expect(findingsOf(inputOfRow(row)).map(brief)).toEqual(row.found)
  })

  it('hints at a field that got another name', () => {
    const row = rows['a renamed field: two true findings'] as Row
    const [gone, came] = findingsOf(inputOfRow(row))
    expect(gone?.args.renamedTo).toBe('/new')
    expect(came?.args.renamedFrom).toBe('/old')
  })

  it('does not hint where counts differ, or where two fields are new', () => {
    const missing = odd('missing_field', '/old', { count: 4 })
    const fresh = (path: string, present: number) => field(path, { declared: false, present })
    for (const fields of [[fresh('/new', 3)], [fresh('/new', 4), fresh('/newer', 4)]]) {
      const minutes = [[variant({ oddities: [missing], fields })]]
      expect(findingsOf(inputOfRow({ minutes, found: [] }))[0]?.args).not.toHaveProperty(
        'renamedTo',
      )
    }
  })

  it('tells only of windows from `since` on, and since when it showed before', () => {
    const drifting = [variant({ oddities: [odd('undecodable', '', { count: 1 })] })]
    const row: Row = { minutes: [drifting, [variant()], drifting, drifting], found: [] }
    const later = { ...inputOfRow(row), since: START + 120_000 }
    const [found] = findingsOf(later)
    expect(found).toMatchObject({
      since: START + 120_000,
      windows: 2,
      count: 2,
      of: 20,
      open: true,
    })
    expect(found?.args.earlier).toBe(START)
    expect(findingsOf({ ...later, since: START + 240_000 })).toEqual([])
  })

  it('is not open once the newest window is clean', () => {
    const drifting = [variant({ oddities: [odd('undecodable', '', { count: 1 })] })]
    const [found] = findingsOf(inputOfRow({ minutes: [drifting, [variant()]], found: [] }))
    expect(found).toMatchObject({ open: false, until: START + 60_000, windows: 1 })
  })
})
