/** The rules one by one, at their boundaries. */
import { describe, expect, it } from 'vitest'
import type { Has } from '../../src/reconcile/members.ts'
import {
  type ExtraMeaning,
  extraRules,
  type Ground,
  type MissingMeaning,
  meaningOf,
  missingRules,
} from '../../src/reconcile/rules.ts'
import { hex } from './build.ts'

const A = hex(1)
const CHILD = hex(1, 1)
const NOBODY: ReadonlySet<string> = new Set()

/** Both ends complete, the deadline over, nothing else known. */
const CLEAR: Ground = {
  toCovers: 'passed',
  fromPassed: 'passed',
  due: true,
  copiesMissing: new Map(),
  copiesUnnamed: false,
  handledUntold: new Map(),
  fromRepeats: false,
  fromCompacted: false,
  rejected: NOBODY,
  withdrawn: NOBODY,
  unconfirmed: NOBODY,
  outcomesUnlisted: false,
  filteredUndeclared: new Map(),
  isOpen: true,
  heard: () => null,
  fromHas: () => 'maybe',
  toHas: () => 'maybe',
}
const only = new Set([A])
const one = new Map([[A, 1]])
/** Listed: A, and nothing else. */
const onlyA: Has = (id) => (id === A ? 'yes' : 'no')
const nothing: Has = () => 'no'
const stranger: Has = () => 'unheard'

describe('a missing id is', () => {
  it.each<[MissingMeaning, string, Partial<Ground>]>([
    ['lost', 'where all is complete and due', {}],
    ['undetermined', 'in a hole, even where the lag is over', { toCovers: 'hole' }],
    ['undetermined', 'out of scope', { toCovers: 'out_of_scope' }],
    ['in_flight', 'behind', { toCovers: 'behind' }],
    ['in_flight', 'before the deadline', { due: false }],
    ['in_flight', 'before the deadline, though a copy', { due: false, copiesMissing: one }],
    ['copy_removed', 'a copy', { copiesMissing: one }],
    [
      'copy_removed',
      'a copy, though others have no name',
      { copiesMissing: one, copiesUnnamed: true },
    ],
    ['undetermined', 'perhaps a copy without a name', { copiesUnnamed: true }],
    ['lost', 'where what arrived is listed without it', { copiesUnnamed: true, toHas: nothing }],
    ['filtered_undeclared', 'dropped by the code', { filteredUndeclared: new Map([[A, 'x']]) }],
    ['undetermined', 'handled by a commit only', { handledUntold: one }],
    ['lost', 'another one was handled by a commit only', { handledUntold: new Map([[CHILD, 1]]) }],
    [
      'in_flight',
      'handled by a commit only, before the deadline',
      { handledUntold: one, due: false },
    ],
    [
      'copy_removed',
      'a copy, handled by a commit only',
      { handledUntold: one, copiesMissing: one },
    ],
    // What came of it nobody told: that the code dropped it is of another handling.
    [
      'undetermined',
      'handled by a commit only, and dropped by the code as well',
      { handledUntold: one, filteredUndeclared: new Map([[A, 'x']]) },
    ],
  ])('%s: %s', (meaning, _, ground) => {
    expect(meaningOf(missingRules, A, { ...CLEAR, ...ground })).toBe(meaning)
  })
})

describe('an extra id is', () => {
  const early = { fromPassed: 'behind' } as const
  it.each<[ExtraMeaning, string, string, Partial<Ground>]>([
    ['undetermined_extra', 'not listed, of a producer that nobody can know', A, {}],
    ['duplicated', 'not listed, but derived', CHILD, {}],
    ['duplicated', 'in `from`', A, { fromHas: onlyA }],
    ['duplicated', 'derived from one in `from`', CHILD, { fromHas: onlyA }],
    [
      'duplicated',
      'the same before `from` has passed, once it is due',
      CHILD,
      { fromHas: onlyA, ...early },
    ],
    ['undetermined_extra', 'not yet due', CHILD, { fromHas: onlyA, ...early, due: false }],
    ['undetermined_extra', 'in `from`, which may count it again', A, { fromHas: onlyA, ...early }],
    ['undetermined_extra', 'whoever sent it may have failed', A, { outcomesUnlisted: true }],
    [
      'duplicated',
      'in `from`, whatever else failed',
      A,
      { outcomesUnlisted: true, fromHas: onlyA },
    ],
    ['unheard', 'of a sender to a topic that is not heard', A, { fromHas: stranger }],
    ['unheard', 'not listed, of a producer that is heard nowhere', A, { heard: () => false }],
    ['extra', 'not listed, of a producer that is heard', A, { heard: () => true }],
    ['extra', 'of nobody who could be heard there', A, { heard: () => false, isOpen: false }],
    ['unexpected', 'not in the topic that was read', A, { fromHas: nothing }],
    ['withdrawn_delivered', 'of an aborted transaction', A, { withdrawn: only, ...early }],
    ['landed_though_failed', 'of a failed send', A, { rejected: only, ...early }],
    ['duplicated', 'of a failed send that was done again', A, { rejected: only, fromHas: onlyA }],
    ['unconfirmed', 'of a send without outcome', A, { unconfirmed: only, ...early }],
    ['duplicated', 'of one that was done again', A, { unconfirmed: only, fromHas: onlyA }],
    // A member of `from` was killed.
    ['undetermined_extra', 'in `from`, perhaps twice', A, { fromRepeats: true, fromHas: onlyA }],
    [
      'undetermined_extra',
      'derived from one like that',
      CHILD,
      { fromRepeats: true, fromHas: onlyA },
    ],
    ['undetermined_extra', 'not listed: perhaps one like that', CHILD, { fromRepeats: true }],
    ['unexpected', 'not in `from`, whoever was killed', A, { fromRepeats: true, fromHas: nothing }],
    // Nobody knows its producer: nor what the member did.
    ['undetermined_extra', 'of a stranger', A, { fromRepeats: true, fromHas: stranger }],
    [
      'withdrawn_delivered',
      'aborted, whoever was killed',
      A,
      { fromRepeats: true, withdrawn: only },
    ],
    [
      'landed_though_failed',
      'failed, whoever was killed',
      A,
      { fromRepeats: true, rejected: only },
    ],
    // `from` is compacted.
    ['undetermined_extra', 'perhaps compacted away', A, { fromCompacted: true, fromHas: nothing }],
    ['undetermined_extra', 'not listed: perhaps the same', A, { fromCompacted: true }],
    ['duplicated', 'in `from`, compacted or not', A, { fromCompacted: true, fromHas: onlyA }],
    [
      'withdrawn_delivered',
      'aborted, compacted or not',
      A,
      { fromCompacted: true, withdrawn: only },
    ],
  ])('%s: %s', (meaning, _, id, ground) => {
    expect(meaningOf(extraRules, id, { ...CLEAR, ...ground })).toBe(meaning)
  })
})
