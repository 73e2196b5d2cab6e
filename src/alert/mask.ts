/** What a receiver answers may repeat what it was sent: secrets are taken out before anybody keeps it. */
import type { AlertTarget } from '../config/alerting.ts'

/** Shorter ones would take letters out of words. */
const CHARS_MIN = 4

/** @param target as the file has it. @param filled the same with the values of its variables */
export function masked(text: string, target: AlertTarget, filled: AlertTarget): string {
  const secrets = secretsOf(target, filled)
  let out = text
  for (const secret of secrets) out = out.replaceAll(secret, '…')
  // An answer is cut before it comes here, perhaps in the middle of one.
  for (const secret of secrets) out = withoutBeginning(out, secret)
  return out
}

/** `text` without the beginning of the secret that it ends in. */
function withoutBeginning(text: string, secret: string): string {
  for (let chars = secret.length - 1; chars >= CHARS_MIN; chars--)
    if (text.endsWith(secret.slice(0, chars))) return `${text.slice(0, -chars)}…`
  return text
}

function secretsOf(target: AlertTarget, filled: AlertTarget): string[] {
  const secrets: (string | null)[] = []
  if (filled.kind === 'webhook') secrets.push(filled.secret)
  if (filled.kind === 'alertmanager') secrets.push(filled.token)
  if (filled.kind === 'pagerduty') secrets.push(filled.routingKey)
  if (target.url.includes('${')) {
    const { pathname, search, searchParams, username, password } = new URL(filled.url)
    // The whole first: what is left of it says nothing.
    secrets.push(filled.url, `${pathname}${search}`, search, username, password)
    secrets.push(...pathname.split('/'), ...searchParams.values())
  }
  // Also as it was before it was put into an address, and as an answer in JSON repeats either.
  return secrets
    .filter((s) => s !== null)
    .flatMap((s) => [s, decoded(s)])
    .flatMap((s) => [s, JSON.stringify(s).slice(1, -1)])
    .filter((s) => s.length >= CHARS_MIN)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
