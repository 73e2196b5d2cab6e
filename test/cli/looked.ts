/** The flights pipeline, of which a topic is looked at. */
import type { ShapePlan } from '../../src/drift/shape.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { FLIGHTS } from '../reports/build.ts'

const OBSERVED: ShapePlan = {
  ...{ oneIn: 1, framing: null, format: null, file: null, message: null, subject: null },
  ...{ versions: null, registry: null, values: false },
}

/** @param plan of the topic `flights` */
export function lookedAt(plan: Partial<ShapePlan> = {}): Pipeline {
  const shape = { ...OBSERVED, ...plan }
  const hops = FLIGHTS.hops.map((hop) => (hop.name === 'flights' ? { ...hop, shape } : hop))
  return { ...FLIGHTS, hops }
}
