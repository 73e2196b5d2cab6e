/** Every rule, by number. A number that was given up is never given again. */
import type { LintRule } from './rule.ts'
import {
  lonelyDeadLetter,
  noWayThrough,
  undeclaredDeadLetter,
  unfedCycle,
  unusedHop,
} from './rules/graph.ts'
import { brokerTime, keysRepeat, sampledStrict } from './rules/identity.ts'
import {
  freshnessWithinWindow,
  minEventsUnreached,
  nobodyToPage,
  nothingFlows,
  shortBurnWindow,
  strictPeriod,
  thresholdBeyondLateness,
  unusedTimeZone,
} from './rules/objectives.ts'
import { inlineSecret } from './rules/secrets.ts'
import { keepUnseen, schemaUnusable, validityUnknown } from './rules/shapes.ts'

type Described = Omit<LintRule, 'check'>

/** What the reader of the file says: it cannot be used at all. */
export const unreadable: Described = {
  id: 'QL001',
  name: 'not-a-pipeline-file',
  severity: 'error',
  purpose: 'Auditor and agents refuse a file that they cannot read, or whose names do not fit.',
}

/** Where a file is checked its secrets often are not. */
export const unsetVariable: Described = {
  id: 'QL002',
  name: 'unset-variable',
  severity: 'warning',
  purpose: 'What a variable holds is checked only where it is set; without it nothing runs.',
}

export const checkedRules: readonly LintRule[] = [
  ...[unusedHop, unfedCycle, noWayThrough, undeclaredDeadLetter, lonelyDeadLetter],
  ...[keysRepeat, brokerTime, sampledStrict],
  ...[strictPeriod, minEventsUnreached, nothingFlows, thresholdBeyondLateness],
  ...[freshnessWithinWindow, validityUnknown, nobodyToPage, unusedTimeZone],
  ...[shortBurnWindow, inlineSecret, keepUnseen, schemaUnusable],
]

export const rules: readonly Described[] = [unreadable, unsetVariable, ...checkedRules]
