/** The contract of what can run a broker: a Java on this machine, or a container engine. */

import type { Running } from './process.ts'
import type { Seat } from './properties.ts'

export interface Engine {
  /** For people: what runs the brokers. */
  readonly name: string
  /** Prepares an empty data folder for the broker of `seat`. */
  format(seat: Seat, clusterId: string): Promise<void>
  /** Starts it; it is not ready yet. */
  start(seat: Seat, line: (text: string) => void): Promise<Running>
}

/** The configuration of a seat, written before `format`. */
export function configOf(seat: Seat): string {
  return `${seat.folder}/server.properties`
}
