/**
 * Compatibility modes, as the Confluent Schema Registry means them: which earlier versions are held
 * against the next one, and in which direction. Unlike the registry, all of them are.
 */
export const modes = [
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
  'NONE',
] as const
export type Mode = (typeof modes)[number]

/** `backward`: the next version reads what an earlier one wrote. `forward`: the other way round. */
export type Direction = 'backward' | 'forward'

export function directionsOf(mode: Mode): readonly Direction[] {
  if (mode === 'NONE') return []
  if (mode.startsWith('FULL')) return ['backward', 'forward']
  return mode.startsWith('BACKWARD') ? ['backward'] : ['forward']
}

/** Indexes of those held against the next one, newest first. @param count earlier versions */
export function heldAgainst(mode: Mode, count: number): readonly number[] {
  if (mode === 'NONE' || count === 0) return []
  if (!mode.endsWith('_TRANSITIVE')) return [count - 1]
  return Array.from({ length: count }, (_, i) => count - 1 - i)
}
