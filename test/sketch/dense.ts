/** A sparse encoding, of either width, written out: the library writes the shorter form only. */
export function denseOf(sparse: Uint8Array): Buffer {
  const cellBytes = sparse[0] === 3 ? 28 : 32
  const dense = Buffer.alloc(1 + 1168 * cellBytes)
  dense[0] = sparse[0]! - 1
  let at = 147
  for (let cell = 0; cell < 1168; cell++) {
    if ((sparse[1 + (cell >> 3)]! & (128 >> (cell & 7))) === 0) continue
    dense.set(sparse.subarray(at, at + cellBytes), 1 + cellBytes * cell)
    at += cellBytes
  }
  return dense
}
