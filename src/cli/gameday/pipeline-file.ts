/** The drawn pipeline as a file that anybody could write. */
import { type DrawnHop, type GameDay, isGroup, isTopic } from './day.ts'
import { KEPT_FIELD, SUBJECT } from './drift-values.ts'

/** Beside the pipeline file, where messages are looked into. */
export const SCHEMA_FILE = 'order.schema.json'
const SCHEMA = `file: ${SCHEMA_FILE}, framing: confluent, sample: all`

export interface FileOptions {
  readonly windowMs: number
  /** Before the name of every topic and group, so that runs on one cluster do not meet. */
  readonly prefix?: string
  /** Where schemas are looked up, if anywhere. */
  readonly registry?: string | null
  /** Bootstrap servers; without them the file names no cluster. */
  readonly brokers?: readonly string[]
}

export function pipelineFile(
  { edges, hops, latenessWindows, oneIn, drift }: GameDay,
  { windowMs, prefix = '', brokers = [], registry = null }: FileOptions,
): string {
  const looks = drift !== null
  const subject = registry === null ? '' : `, subject: ${SUBJECT}`
  const sample = oneIn > 1 ? `, sample: 1/${oneIn}` : ''
  const isGroupName = (name: string): boolean => hops.some((h) => isGroup(h) && h.name === name)
  const lines = [
    'version: 1',
    `window: ${windowMs}ms`,
    `lateness: ${latenessWindows * windowMs}ms`,
    ...(brokers.length > 0 ? [`kafka: { brokers: ${JSON.stringify(brokers)} }`] : []),
    ...(registry === null ? [] : [`schemas: { registry: { url: "${registry}" } }`]),
    'pipelines:',
    '  gameday:',
    '    owner: { team: gameday }',
    '    hops:',
    ...hops.map((hop) => {
      const schema = looks && isTopic(hop) ? `, schema: { ${SCHEMA}${subject} }` : ''
      return `      ${hop.name}: { ${placeOf(hop, prefix)}${sample}${schema} }`
    }),
    '    edges:',
    ...edges.map(({ from, to, filter, preserve }) => {
      const promises = [
        ...(filter.length > 0 ? [`filter: [${filter.join(', ')}]`] : []),
        ...(preserve ? ['preserve: [value]'] : []),
        ...(looks && from.some(isGroupName) ? [`keep: [${KEPT_FIELD}]`] : []),
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
