/** What a receiver answers may repeat what it was sent: secrets are taken out before anybody keeps it. */
import type { AlertTarget } from '../config/alerting.ts'

/** Shorter ones would take letters out of words. */
const CHARS_MIN = 4

/** @param target as the file has it. @param filled the same with the values of its variables */
export function masked(text: string, target: AlertTarget, filled: AlertTarget): string {
  let out = text
  for (const secret of secretsOf(target, filled)) out = out.replaceAll(secret, '…')
  return out
}

function secretsOf(target: AlertTarget, filled: AlertTarget): string[] {
  const secrets: (string | null)[] = []
  if (filled.kind === 'webhook') secrets.push(filled.secret)
  if (filled.kind === 'alertmanager') secrets.push(filled.token)
  if (filled.kind === 'pagerduty') secrets.push(filled.routingKey)
  if (target.url.includes('${')) {
    const { pathname, search, password } = new URL(filled.url)
    // The whole first: what is left of it says nothing.
    secrets.push(filled.url, `${pathname}${search}`, password, ...pathname.split('/'))
  }
  return secrets.filter((s) => s !== null).filter((s) => s.length >= CHARS_MIN)
}
