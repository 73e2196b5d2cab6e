/**
 * Text of others inside Markdown.
 *
 * Laws: nothing of it is markup, a link, a mention or a command of the place where it is pasted; hidden
 * characters are written out; one line stays one line, and one cell one cell.
 */
import { visible } from '../../src/base/visible.ts'

/** Characters: a comment has to keep below the limits of its place. */
const TEXT_MAX = 300

/**
 * Emphasis, code, links, tables, HTML, entities, strike-through, mathematics; a list at the beginning;
 * `@team` calls people, `#12` is an issue, and an address becomes a link.
 */
const SPECIAL =
  /[\\`*[\]<>|~$&]|(?<!\w)_|_(?!\w)|^[-+#=]|@(?=\w)|#(?=\d)|:(?=\/\/)|(?<=^|\W)www(?=\.)|^\d+(?=[.)])/gi

export function escaped(text: string): string {
  return shortened(visible(text)).replace(SPECIAL, (sign, at: number) => {
    // Told apart by an entity or an empty comment; a zero-width character would be hidden.
    if (sign === '&') return '&amp;'
    if (sign === '<') return '&lt;'
    if (sign === '>') return '&gt;'
    if (sign === '|') return '&#124;'
    if (sign === ':') return '&#58;'
    if (sign === '@' || sign === '#') return at === 0 && sign === '#' ? '\\#' : `${sign}<!-- -->`
    return /\w/.test(sign) && sign !== '_' ? `${sign}<!-- -->` : `\\${sign}`
  })
}

/** Inside of a fence nothing is markup but its end. */
export const fenced = (text: string): string => shortened(visible(text)).replace(/`/g, "'")

/** Characters of a label in a drawing. */
const LABEL_MAX = 100

/** A text in double quotes of a mermaid graph, which has entities of its own. */
export function mermaidText(text: string): string {
  return shortened(fenced(text), LABEL_MAX).replace(
    /["#;<>&\\[\](){}|%]/g,
    (sign) => `#${sign.charCodeAt(0)};`,
  )
}

function shortened(text: string, max = TEXT_MAX): string {
  if (text.length <= max) return text
  return `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…`
}
