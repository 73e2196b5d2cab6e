/** A mode by the name that registries give it. */
import { type Mode, modes } from '../modes.ts'

/** Null: there is none of that name. */
export function modeNamed(name: unknown): Mode | null {
  return modes.find((mode) => mode === name) ?? null
}
