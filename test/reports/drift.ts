/** Drift by hand, as the judge would give it: what a report makes of it is tested, not how it is found. */
import type { DriftFinding, DriftProducer } from '../../src/drift/finding.ts'
import { driftCodes } from '../../src/drift/finding.ts'
import type { Drift, VersionSeen } from '../../src/drift/judge.ts'
import type { Shapes } from '../../src/objective/report.ts'
import { shapesOf } from '../../src/objective/shapes.ts'
import { idOf, START } from './build.ts'

const MINUTE = 60_000

export function driftFinding(
  code: DriftFinding['code'],
  parts: Partial<DriftFinding> = {},
): DriftFinding {
  return {
    ...{ code, severity: driftCodes[code], pipeline: 'flights' },
    ...{ hop: 'checkin', hops: ['checkin', 'flights', 'enrich'], topic: 'flights', edge: null },
    ...{ subject: 'flights-value', schema: 'version 3 (id 7)', path: '/delay' },
    ...{ since: START + 2 * MINUTE, until: START + 5 * MINUTE, open: true, windows: 3 },
    ...{ count: 384, of: 12_400, oneIn: 64, producers: [producer()], ids: [idOf(7)], args: {} },
    ...parts,
  }
}

export const producer = (parts: Partial<DriftProducer> = {}): DriftProducer => ({
  ...{ service: 'checkin', instance: 'a'.repeat(32), client: 'checkin/1.4.2 kafkajs/2.2.4' },
  ...{ host: 'pod-7', count: 384, of: 4_000, ...parts },
})

export function versionSeen(version: number, parts: Partial<VersionSeen> = {}): VersionSeen {
  return {
    ...{ pipeline: 'flights', topic: 'flights', subject: 'flights-value' },
    ...{ schema: `version ${version} (id ${version + 4})`, version },
    ...{ firstSeen: START, lastSeen: START + 10 * MINUTE, count: 9_000, of: 12_400, oneIn: 64 },
    ...{ services: ['checkin'], groups: ['enrich'], changes: [], ...parts },
  }
}

/** A number became a string with version 4, and a field came with it that nobody declared. */
export const drifted = (parts: Partial<Drift> = {}): Drift => ({
  pipeline: 'flights',
  findings: [
    driftFinding('type_changed', { args: { expected: 'integer', came: 'string' } }),
    driftFinding('unknown_field', { path: '/gate', count: 400, ids: [idOf(8)] }),
    driftFinding('new_version', { schema: 'version 4 (id 8)', path: '', ids: [idOf(9)] }),
  ],
  versions: [
    versionSeen(3, { lastSeen: START + 6 * MINUTE }),
    versionSeen(4, {
      ...{ firstSeen: START + 2 * MINUTE, count: 3_400 },
      changes: [
        { path: '/gate', change: 'added', before: '', after: 'string' },
        { path: '/delay', change: 'changed', before: 'int', after: 'string' },
      ],
    }),
  ],
  cells: [],
  ...parts,
})

/** As a report holds it, with sentences that stay: how drift is put into words is tested elsewhere. */
export function shapesIn(drift: Drift = drifted()): Shapes {
  const { findings, versions } = shapesOf([drift], { detail: 'ids' })
  return {
    versions,
    findings: findings.map((finding) => {
      const sentence = `So many messages: ${finding.code.replace(/_/g, ' ')}.`
      return { ...finding, sentence, certainty: 'It is known how sure.', next: 'Do something.' }
    }),
  }
}
