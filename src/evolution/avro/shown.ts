/** What stands in a schema, as it is quoted in a sentence. */

const SHOWN_LENGTH_MAX = 60

/** As JSON, bounded. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX - 1)}…`
}
