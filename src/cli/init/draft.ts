/** What is known of a pipeline before there is a file, and its first file with comments. Pure. */
import { plural } from '../../base/words.ts'
import { pipelineOfFlags } from '../../config/flags.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../../hop/pipeline.ts'

export interface Draft {
  readonly pipeline: string
  readonly team: string | null
  readonly contact: string | null
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  /** `GROUP[:TOPIC[:NEXT]]` */
  readonly groups: readonly string[]
  /** `SERVICE[:TOPIC]` */
  readonly services: readonly string[]
}

const WINDOW = '1m'
const LATENESS = '2m'
/** Stands for a service that nobody named, so that there is an edge to judge. */
const SOME_SERVICE = 'name-of-the-sending-service'

/** @throws QuipuError CONFIG: names that do not fit together, as `quipu audit` would say it */
export function fileOf(draft: Draft): string {
  const { topics, groups } = draft
  const services =
    groups.length === 0 && draft.services.length === 0 ? [SOME_SERVICE] : draft.services
  const params = { windowMs: 60_000, latenessMs: 120_000, seed: 0, thresholdsMs: [] }
  const pipeline = pipelineOfFlags({ topics, groups, services, ...params })
  const names = namesOf(pipeline.hops)
  const edges = pipeline.edges.filter((edge) => edge.from.length > 0)
  const used = new Set(edges.flatMap((e) => [...e.from, ...e.to]))
  const nameOf = (hop: HopDeclaration): string => names.get(hop) as string
  return `# What is audited, and what is promised. Check it with: quipu lint
version: 1
window: ${WINDOW} # messages are judged together that were born in the same minute
lateness: ${LATENESS} # a window is judged so long after its end at the latest

# Put secrets into environment variables: password: "\${KAFKA_PASSWORD}"
kafka: { brokers: [${draft.brokers.map(quoted).join(', ')}] }

pipelines:
  ${quoted(draft.pipeline)}:
${ownerLine(draft)}

    # Points where messages are seen. Names are yours; places are topics, groups and services.
    # What messages look like is watched where a topic says so: { topic: NAME, schema: observe }
    hops:
${pipeline.hops.map((hop) => hopLine(nameOf(hop), hop, used.has(hop))).join('\n')}

    # Balances: what the hops in \`from\` saw, those in \`to\` must see. A list in \`to\` means one of them.
    edges:
${edges.map((edge) => edgeLine(edge, nameOf)).join('\n')}
${hintLines(pipeline, nameOf)}
    objectives:
      no-loss: { indicator: completeness, scope: end-to-end, target: 99.99%, period: 30d }
      # Without news nothing is lost either, so silence is watched as well.
      still-flowing: { indicator: freshness, threshold: 15m, target: 99%, period: 30d }
      # on-time: { indicator: timeliness, threshold: 60s, target: 99.5%, period: 30d }

    # agreement: # to whom it is promised
    #   consumers: [{ name: finance-bi, contact: "#bi" }]
    #   promises: [no-loss]
`
}

function ownerLine({ team, contact }: Draft): string {
  const known = [
    ...(team === null ? [] : [`team: ${quoted(team)}`]),
    ...(contact === null ? [] : [`contact: ${quoted(contact)}`]),
  ]
  if (known.length > 0) return `    owner: { ${known.join(', ')} }`
  return '    # owner: { team: NAME, contact: "#channel", runbook: https://… } # who is told'
}

function hopLine(name: string, { hop }: HopDeclaration, isUsed: boolean): string {
  const topic = quoted(hop.topic)
  const place =
    hop.role === 'producer'
      ? `{ producer: ${topic}, service: ${quoted(hop.name)} }${hop.name === SOME_SERVICE ? ' # who sends to it?' : ''}`
      : hop.role === 'consumer'
        ? `{ consumer: ${topic}, group: ${quoted(hop.group)} }`
        : `{ topic: ${topic} }`
  if (isUsed) return `      ${quoted(name)}: ${place}`
  return `      # ${quoted(name)}: ${place} # nobody is known to read it; name an edge to audit it`
}

function edgeLine({ from, to }: EdgeDeclaration, nameOf: (hop: HopDeclaration) => string): string {
  const list = (hops: readonly HopDeclaration[]): string => {
    const names = hops.map((hop) => quoted(nameOf(hop)))
    return names.length === 1 ? (names[0] as string) : `[${names.join(', ')}]`
  }
  return `      - { from: ${list(from)}, to: ${list(to)} }`
}

/**
 * What a group passes on is not guessed: an edge that is not there would accuse it of losing everything.
 */
function hintLines({ hops, edges }: Pipeline, nameOf: (hop: HopDeclaration) => string): string {
  const last = hops.filter(
    (hop) => hop.hop.role === 'consumer' && edges.every((e) => !e.from.includes(hop)),
  )
  const [first] = last
  if (first === undefined) return ''
  return `      # Where ${plural(last.length, 'group')} above ends, messages may go on, to a topic or a sink:
      # - { from: ${quoted(nameOf(first))}, to: NAME }
`
}

/** Names as the file takes them, each once. */
function namesOf(hops: readonly HopDeclaration[]): ReadonlyMap<HopDeclaration, string> {
  const taken = new Set<string>()
  return new Map(
    hops.map((hop) => {
      const plain = hop.name.replace(/[^\p{L}\p{N}_.-]/gu, '-').replace(/^[.-]+/, '')
      // What no map of the file may have for a key.
      const base = (plain === '__proto__' ? '' : plain.slice(0, 90)) || hop.hop.role
      let name = base
      for (let i = 2; taken.has(name); i++) name = `${base}-${i}`
      taken.add(name)
      return [hop, name]
    }),
  )
}

/** Plain where YAML reads a text, else in quotes. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z_][\w.-]*$/.test(text)
  return isPlain && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text)
}
