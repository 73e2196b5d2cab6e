/** Texts that come back from UTF-8 as they were. */

/** A half of a pair that stands alone. */
const LONE_SURROGATES = /\p{Surrogate}/gu

export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATES, '\ufffd')
}

/** Its first characters, as UTF-16 counts them. */
export function clipped(text: string, max: number): string {
  return wellFormed(text.length > max ? text.slice(0, max) : text)
}
