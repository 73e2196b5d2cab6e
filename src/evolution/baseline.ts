/**
 * Findings of an earlier check: they stay visible and fail nothing, so that a check can begin in a house
 * that has some already.
 *
 * Law: a finding is known by its fingerprint, whatever its place in the file or its words; a problem is
 * never known, for it says that nothing was compared.
 */
import { z } from 'zod'
import { QuipuError } from '../base/errors.ts'
import type { ReportedFinding } from './report.ts'

export const SCHEMA_CHECK = 'quipu.schema-check/v1'

/** What is read of it; the rest may grow. */
const written = z.object({
  schema: z.literal(SCHEMA_CHECK),
  findings: z.array(z.object({ kind: z.string(), fingerprint: z.string() })),
})

/** @throws QuipuError CONFIG: it is no result of an earlier check */
export function baselineOf(text: string, file: string): ReadonlySet<string> {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (cause) {
    throw refused(file, 'it is no JSON', cause)
  }
  const parsed = written.safeParse(data)
  if (!parsed.success) throw refused(file, `it does not say \`${SCHEMA_CHECK}\``, parsed.error)
  const known = parsed.data.findings.filter((f) => f.kind !== 'problem')
  return new Set(known.map((f) => f.fingerprint))
}

const refused = (file: string, why: string, cause: unknown): QuipuError =>
  new QuipuError('CONFIG', `the baseline ${file} cannot be used: ${why}`, {
    hint: `Write one: quipu schema check … --format json=${file}`,
    cause,
  })

export function withBaseline(
  findings: readonly ReportedFinding[],
  known: ReadonlySet<string>,
): ReportedFinding[] {
  return findings.map((finding) =>
    finding.standing === 'open' && finding.kind !== 'problem' && known.has(finding.fingerprint)
      ? { ...finding, standing: 'known' }
      : finding,
  )
}
