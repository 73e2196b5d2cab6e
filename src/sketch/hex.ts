/** An element as hexadecimal digits, eight for each of its uint32 words, high first. */
export function hexOfWords(words: Iterable<number>): string {
  let hex = ''
  for (const word of words) hex += (word >>> 0).toString(16).padStart(8, '0')
  return hex
}
