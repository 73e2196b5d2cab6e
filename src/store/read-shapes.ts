/** The shapes within a frame, read: all of them or none. */
import { QuipuError } from '../base/errors.ts'
import type { Shape } from '../drift/shape.ts'
import { decodeShape } from '../drift/shape-codec.ts'
import type { Frame } from '../hop/frame.ts'

/** Null if one of them is none. A frame of 1 MiB holds no more of them, read, than its agent did. */
export function readShapes({ shapes }: Frame): readonly Shape[] | null {
  try {
    return shapes.map(({ shape }) => decodeShape(shape))
  } catch (error) {
    if (error instanceof QuipuError && error.code === 'FORMAT') return null
    throw error
  }
}
