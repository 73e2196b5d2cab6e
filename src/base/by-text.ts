/** The order of texts by code unit, whatever the locale: for `sort`. */
export function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
