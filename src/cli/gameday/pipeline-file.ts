/** The drawn pipeline as a file that anybody could write. */
import type { DrawnHop, GameDay } from './day.ts'

export interface FileOptions {
  readonly windowMs: number
  /** Before the name of every topic and group, so that runs on one cluster do not meet. */
  readonly prefix?: string
  /** Bootstrap servers; without them the file names no cluster. */
  readonly brokers?: readonly string[]
}

export function pipelineFile(
  { edges, hops, latenessWindows, oneIn }: GameDay,
  { windowMs, prefix = '', brokers = [] }: FileOptions,
): string {
  const sample = oneIn > 1 ? `, sample: 1/${oneIn}` : ''
  const lines = [
    'version: 1',
    `window: ${windowMs}ms`,
    `lateness: ${latenessWindows * windowMs}ms`,
    ...(brokers.length > 0 ? [`kafka: { brokers: ${JSON.stringify(brokers)} }`] : []),
    'pipelines:',
    '  gameday:',
    '    owner: { team: gameday }',
    '    hops:',
    ...hops.map((hop) => `      ${hop.name}: { ${placeOf(hop, prefix)}${sample} }`),
    '    edges:',
    ...edges.map(({ from, to, filter, preserve }) => {
      const promises = [
        ...(filter.length > 0 ? [`filter: [${filter.join(', ')}]`] : []),
        ...(preserve ? ['preserve: [value]'] : []),
      ]
      const ends = [`from: [${from.join(', ')}]`, `to: [${to.join(', ')}]`]
      return `      - { ${[...ends, ...promises].join(', ')} }`
    }),
  ]
  return `${lines.join('\n')}\n`
}

function placeOf(hop: DrawnHop, prefix: string): string {
  switch (hop.kind) {
    case 'producer':
      return `producer: ${prefix}${hop.topic}, service: ${hop.service}`
    case 'topic':
      return `topic: ${prefix}${hop.topic}${hop.isDeadLetter ? ', role: dead-letter' : ''}`
    case 'group':
      return `consumer: ${prefix}${hop.topic}, group: ${prefix}${hop.group}`
    case 'sink':
      return `sink: ${hop.sink}`
  }
}
