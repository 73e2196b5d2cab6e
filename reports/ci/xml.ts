/** XML 1.0 by hand: elements and text, well-formed whatever the names are. */

/** What no XML 1.0 document may hold, not even escaped. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu

/** `>` as well, so that no `]]>` is left; line breaks, which attributes would lose, by number. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

const written = (char: string): string => `\\u{${(char.codePointAt(0) as number).toString(16)}}`

const attribute = (text: string): string =>
  text.replace(FORBIDDEN, written).replace(/[&<>"\t\n\r]/g, (char) => ESCAPES[char] as string)

const content = (text: string): string =>
  text.replace(FORBIDDEN, written).replace(/[&<>\r]/g, (char) => ESCAPES[char] as string)

/** Lines of an element; each child is the lines of one. A text stands alone, on its own lines. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly (readonly string[])[] | string = [],
): string[] {
  const list = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${attribute(String(value))}"`,
  )
  const open = `<${name}${list.join('')}`
  if (typeof children === 'string') return [`${open}>${content(children)}</${name}>`]
  if (children.length === 0) return [`${open}/>`]
  return [`${open}>`, ...children.flat(), `</${name}>`]
}
