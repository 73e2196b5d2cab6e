/** Every decoder of the project that is handed bytes, or values, of unknown origin. */
import { files, settings } from './files.ts'
import { bounds, frames, spans } from './frames.ts'
import { logs, siftedLogs } from './logs.ts'
import { digests, ids, stamps } from './messages.ts'
import { sketchTarget } from './sketches.ts'
import { latencies, memberships } from './small-sketches.ts'
import { stores } from './stores.ts'
import type { Target } from './target.ts'
import { values } from './values.ts'

export const targets: readonly Target[] = [
  sketchTarget(4),
  sketchTarget(5),
  ...memberships,
  latencies,
  frames,
  bounds,
  spans,
  logs,
  siftedLogs,
  stamps,
  ids,
  digests,
  files,
  settings,
  stores,
  ...values,
] as readonly unknown[] as readonly Target[]
