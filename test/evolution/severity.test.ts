/** How bad a rule is held to be here. */
import { describe, expect, it } from 'vitest'
import type { ReportedFinding } from '../../src/evolution/report.ts'
import { type LevelSetting, withLevels } from '../../src/evolution/severity.ts'
import { finding } from './found.ts'

const set = (level: LevelSetting['level'], subject: string | null = null): LevelSetting => ({
  ...{ rule: 'AVRO_TYPE_MISMATCH', level, subject },
})

const severityOf = (one: ReportedFinding, ...settings: LevelSetting[]): string | null =>
  withLevels([one], settings)[0]?.severity ?? null

describe('levels', () => {
  it.each<[string, LevelSetting[], string | null]>([
    ['as the rule says', [], 'error'],
    ['another', [set('warning')], 'warning'],
    ['none at all', [set('off')], null],
    ['not of another rule', [{ ...set('off'), rule: 'AVRO_NAME_MISMATCH' }], 'error'],
    ['of its subjects', [set('info', 'orders-*')], 'info'],
    ['not of other subjects', [set('info', 'users-*')], 'error'],
    ['some subjects above all', [set('off'), set('info', 'orders-*')], 'info'],
    ['of equals the first', [set('warning', 'o*'), set('info', 'orders-*')], 'warning'],
  ])('%s', (_, settings, expected) => {
    expect(severityOf(finding(), ...settings)).toBe(expected)
  })

  it('a problem stays what it is: evidence is missing', () => {
    expect(severityOf(finding({ kind: 'problem' }), set('off'))).toBe('error')
  })
})
