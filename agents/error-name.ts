/**
 * What kind of error it was: its Kafka type, else its name. Never its message, which may hold data; and a
 * name that is no identifier may hold some too.
 */
const IDENTIFIER = /^[\w$.-]{1,100}$/

export function errorName(error: unknown): string {
  try {
    if (error === null || typeof error !== 'object') return typeof error
    const { type, name } = error as { readonly type?: unknown; readonly name?: unknown }
    for (const text of [type, name])
      if (typeof text === 'string' && IDENTIFIER.test(text)) return text
  } catch {
    // A getter or a proxy, which may throw what it likes.
  }
  return 'Error'
}
