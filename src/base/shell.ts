/** Commands that people copy: names come from other people, and stay one word of a shell. */

export function shellWord(text: string): string {
  return /^[\w./:@=+][\w./:@=+-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
