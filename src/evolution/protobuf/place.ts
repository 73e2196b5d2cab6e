/** Where an element stands in the texts, and what it says there. */
import type { Position } from '../engine.ts'
import { FRAGMENT_CHARS_MAX } from './limits.ts'
import type { ProtobufSchema } from './model.ts'
import type { Outline, Place } from './outline.ts'
import { positionAt } from './tokens.ts'

/** The path of a file stands for its package; other paths are names of elements. */
export function positionOf(
  schema: ProtobufSchema,
  path: string,
): (Position & { readonly source: string }) | null {
  const file = schema.outlines.get(path)
  if (file !== undefined) return at(file, file.head)
  for (let name = path; name !== ''; name = parentOf(name)) {
    const found = find(schema, name)
    if (found !== null) return at(...found)
  }
  return null
}

export function fragmentOf(schema: ProtobufSchema, path: string): string | null {
  const file = schema.outlines.get(path)
  const [outline, place] = file === undefined ? (find(schema, path) ?? []) : [file, file.head]
  if (outline === undefined || place === undefined) return null
  // More than is shown is not looked at: a message may be as long as a file.
  const text = outline.text.slice(
    place.from,
    Math.min(place.to, place.from + 4 * FRAGMENT_CHARS_MAX),
  )
  const line = text.replace(/\s+/g, ' ').trim()
  const isCut = line.length > FRAGMENT_CHARS_MAX || place.to - place.from > text.length
  return isCut ? `${line.slice(0, FRAGMENT_CHARS_MAX - 1)}…` : line
}

function find({ outlines }: ProtobufSchema, name: string): [Outline, Place] | null {
  for (const outline of outlines.values()) {
    const place = outline.places.get(name)
    if (place !== undefined) return [outline, place]
  }
  return null
}

function at(outline: Outline, place: Place): Position & { readonly source: string } {
  return { ...positionAt(outline.lineStarts, place.from), source: outline.path }
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')))
}
