/**
 * By what a server tells that two runs speak of the same thing.
 *
 * Law: the same as long as pipeline, objective or edge, and rule are; whatever the counts, the place in
 * the file and the version of the tool. Made of raw names: what is cut to be shown would collide.
 */
import { createHash } from 'node:crypto'

/** 64 hex digits. */
export const fingerprintOf = (...parts: readonly (string | number | boolean | null)[]): string =>
  createHash('sha256')
    .update(JSON.stringify(['quipu/v1', ...parts]))
    .digest('hex')
