/** Rows as text: the columns are the keys, numbers stand to the right. */

export type Row = Readonly<Record<string, unknown>>

export function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cells = rows.map((row) => columns.map((column) => cell(row[column])))
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((line) => (line[i] ?? '').length)),
  )
  const right = columns.map((column) =>
    rows.every((row) => row[column] === undefined || typeof row[column] === 'number'),
  )
  const print = (line: readonly string[]): string =>
    line
      .map((text, i) => (right[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [print(columns), rule, ...cells.map(print)].join('\n')
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'number') return String(value)
  if (Number.isInteger(value)) return value.toLocaleString('en-US')
  // Three significant digits, never fewer than the integer part has.
  return value.toLocaleString('en-US', { maximumSignificantDigits: value >= 1_000 ? 5 : 3 })
}
