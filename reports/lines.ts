/** Lines of a terminal: wrapped to a width, with a hanging indent. Plain text in and out. */

export const WIDTH = 100

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu

/** Columns that a text takes: two for East Asian wide characters, none for combining marks. */
export function columnsOf(text: string): number {
  return [...text.replace(/\p{M}/gu, '')].length + (text.match(WIDE)?.length ?? 0)
}

/** The part of `text` that fits into `columns`, with `…` where something is left out. */
export function cut(text: string, columns: number): string {
  return columnsOf(text) <= columns ? text : `${head(text, columns - 1)}…`
}

/** As much from the beginning of `text` as fits, one character at least. */
function head(text: string, columns: number): string {
  let out = ''
  for (const char of text) {
    if (out !== '' && columnsOf(out + char) > columns) break
    out += char
  }
  return out
}

/** Words broken over lines; each after the first begins with `indent`. Words too long are broken. */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  const room = (): number => columns - (lines.length === 0 ? 0 : columnsOf(indent))
  const push = (): void => {
    lines.push(lines.length === 0 ? line : indent + line)
    line = ''
  }
  for (let word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (columnsOf(joined) <= room()) {
      line = joined
      continue
    }
    if (line !== '') push()
    while (columnsOf(word) > room()) {
      line = head(word, room())
      word = word.slice(line.length)
      push()
    }
    line = word
  }
  if (line !== '' || lines.length === 0) push()
  return lines
}

/** A glyph in its colour and a wrapped text behind it. */
export function glyphed(
  glyph: string,
  text: string,
  tone: (s: string) => string,
  indent: string,
): string[] {
  const hang = `${indent}  `
  const [first = '', ...rest] = wrap(
    `${indent}${glyph} `.replace(/ /g, '\u00a0') + text,
    WIDTH,
    hang,
  )
  const plain = first.replace(/\u00a0/g, ' ')
  return [`${indent}${tone(glyph)}${plain.slice(indent.length + glyph.length)}`, ...rest]
}

/** A wrapped text, all of it behind `indent`. */
export function indented(text: string, indent: string): string[] {
  return wrap(text, WIDTH - indent.length, '  ').map((line) => indent + line)
}
