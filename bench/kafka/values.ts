/** What the messages hold: JSON as services write it, as value.schema.json has it. */
import { fileURLToPath } from 'node:url'
import type { ShapePlan } from '../../src/drift/shape.ts'
import { VALUE_BYTES } from './jobs.ts'

const PLACES = ['FRA', 'JFK', 'ZRH', 'LIM', 'NRT', 'CPT', 'SYD', 'GRU']

export function valueAt(i: number): Buffer {
  const of = (shift: number): string => PLACES[(i >> shift) & 7] as string
  const flight = {
    flight: `QP${1000 + (i % 9000)}`,
    origin: of(0),
    destination: of(3),
    departed: new Date(1_767_225_600_000 + 1000 * (i % 1_000_000)).toISOString(),
    delay: (i * 7) % 240,
    distance: 100 + ((i * 13) % 9000) / 4,
    cancelled: i % 50 === 0,
    seats: { taken: i % 300, of: 300 },
    note: '',
  }
  const without = JSON.stringify(flight).length
  return Buffer.from(JSON.stringify({ ...flight, note: 'n'.repeat(VALUE_BYTES - without) }))
}

export const promised: ShapePlan = {
  ...{ oneIn: 64, framing: 'none', format: 'json', message: null, subject: null, versions: null },
  ...{ registry: null, values: false },
  file: fileURLToPath(new URL('./value.schema.json', import.meta.url)),
}
