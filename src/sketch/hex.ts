/** An id as its four uint32 words, high first, and as 32 hexadecimal digits. */
export function hexOfWords(w0: number, w1: number, w2: number, w3: number): string {
  return hex8(w0) + hex8(w1) + hex8(w2) + hex8(w3)
}

function hex8(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
