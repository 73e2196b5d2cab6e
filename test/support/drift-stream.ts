/** Values in their order, looked into at two hops of one topic, window after window, and judged. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Drift, type HopShape, judgeDrift } from '../../src/drift/judge.ts'
import { lookers } from '../../src/drift/lookers.ts'
import { NO_FACTS } from '../../src/drift/registry-facts.ts'
import type { OpenShape, ShapePlan } from '../../src/drift/shape.ts'
import { decodeShape } from '../../src/drift/shape-codec.ts'

export interface StreamOptions {
  readonly plan: Partial<ShapePlan>
  /** Messages a window. */
  readonly perWindow: number
  readonly values: readonly (Buffer | string)[]
}

export const STREAM_EPOCH: number = Date.UTC(2026, 0, 1)
export const STREAM_WINDOW_MS = 60_000

const OBSERVE: ShapePlan = {
  ...{ oneIn: 1, framing: null, format: null, file: null, message: null },
  ...{ subject: null, versions: null, registry: null, values: false },
}

const WRITER = { service: 'feed', instance: 'f'.repeat(32), client: 'feed/1.0.0', host: 'here' }

export async function judgeStream({ plan, perWindow, values }: StreamOptions): Promise<Drift> {
  const whole = { ...OBSERVE, ...plan }
  const troubles: string[] = []
  const tell = (text: string): unknown => troubles.push(text)
  const looker = lookers({ env: {}, onTrouble: tell, clock: Date.now })(whole)
  const shapes: HopShape[] = []
  let open: OpenShape = looker.open()
  for (const [i, value] of values.entries()) {
    looker.see({ value }, i.toString(16).padStart(32, '0'), () => open)
    // What is promised is read from its file while the first message waits.
    if (i === 0) await sleep(500)
    if ((i + 1) % perWindow !== 0 && i + 1 < values.length) continue
    const window = STREAM_EPOCH + Math.floor(i / perWindow) * STREAM_WINDOW_MS
    const shape = decodeShape(open.toBytes())
    shapes.push({ hop: 'feed', writer: WRITER, window, spanMs: STREAM_WINDOW_MS, shape })
    shapes.push({ hop: 'topic', writer: null, window, spanMs: STREAM_WINDOW_MS, shape })
    open = looker.open()
  }
  looker.giveUp()
  if (troubles.length > 0) throw new Error(troubles.join('; '))
  return judgeDrift({
    pipeline: 'stream',
    hops: [
      { hop: 'feed', role: 'producer', topic: 'topic', plan: whole },
      { hop: 'topic', role: 'topic', topic: 'topic', plan: whole },
    ],
    ...{ edges: [], shapes, registry: NO_FACTS, since: 0, now: Date.now() },
  })
}
