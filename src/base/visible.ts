/**
 * Names and ids come from other people's configuration and messages. Before a person reads them,
 * control, bidirectional and zero-width characters are written out, so that no name can move the
 * cursor, colour the line or show itself backwards.
 */

/** C0, DEL and C1; soft hyphen; Arabic letter mark; zero-width; bidi; separators; BOM; tags; lone surrogates. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

/** `text` with every hidden character as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u{${(char.codePointAt(0) as number).toString(16)}}`)
}

/** JSON text with the hidden characters as `\uXXXX`: the same data, safe to print. */
export function visibleJson(json: string): string {
  return json.replace(HIDDEN, (char) => {
    // Line breaks between the tokens are layout; inside of strings JSON has escaped them already.
    if (char === '\n') return char
    let out = ''
    for (let i = 0; i < char.length; i++) {
      out += `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`
    }
    return out
  })
}
