/** The sentences of drift, in few words. */
import type { DriftFinding } from '../drift/finding.ts'

export function explainDrift({ code, count, of, hop, path, oneIn }: DriftFinding): {
  readonly sentence: string
  readonly certainty: string
  readonly next: string | null
} {
  const where = path === '' ? hop : `${path} at ${hop}`
  return {
    sentence: `${code.replace(/_/g, ' ')} of ${where}: ${count} of ${of} messages.`,
    certainty:
      oneIn === 1 ? 'Every message was looked at.' : `One message in ${oneIn} was looked at.`,
    next: null,
  }
}
