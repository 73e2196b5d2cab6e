/** Hops and edges that do not make the pipeline that was meant. */
import type { HopDeclaration, Pipeline } from '../../hop/pipeline.ts'
import { endsOf, type Hit, type LintRule, objectivesOf } from '../rule.ts'

export const unusedHop: LintRule = {
  id: 'QL101',
  name: 'unused-hop',
  severity: 'warning',
  purpose: 'A hop in no edge is watched and never judged.',
  check: ({ config }) =>
    config.pipelines.flatMap((pipeline) => {
      const used = new Set(pipeline.edges.flatMap(endsOf))
      return pipeline.hops
        .filter((hop) => !used.has(hop))
        .map((hop) =>
          atHop(
            pipeline,
            hop,
            `the hop \`${hop.name}\` is in no edge: name it in one, or remove it`,
          ),
        )
    }),
}

export const unfedCycle: LintRule = {
  id: 'QL102',
  name: 'unfed-cycle',
  severity: 'warning',
  purpose:
    'Messages cannot enter a cycle that no other hop feeds; a retry loop is fed from outside.',
  check: ({ config }) =>
    config.pipelines.flatMap((pipeline) => {
      const fed = reachable(pipeline, sourcesOf(pipeline))
      const unfed = pipeline.hops.filter(
        (hop) => !fed.has(hop) && pipeline.edges.some((e) => e.from.includes(hop)),
      )
      const [first] = unfed
      if (first === undefined) return []
      const names = unfed.map(({ name }) => `\`${name}\``).join(', ')
      const message = `nothing feeds the cycle of ${names}: name the hop that does in \`from\` of its edge`
      return [atHop(pipeline, first, message)]
    }),
}

export const noWayThrough: LintRule = {
  id: 'QL103',
  name: 'no-way-through',
  severity: 'error',
  purpose: 'An objective from end to end needs a way from a source of the pipeline to a last hop.',
  check: (subject) =>
    objectivesOf(subject)
      .filter(({ objective }) => objective.scope.kind === 'end-to-end')
      .filter(({ pipeline }) => {
        const last = [...reachable(pipeline, sourcesOf(pipeline))]
        return !last.some((hop) => pipeline.edges.every((e) => !e.from.includes(hop)))
      })
      .map(({ path, objective }) => ({
        path,
        message: `\`${objective.id}\`: no way leads from a first hop to a last one; give it \`scope: { edge: … }\``,
      })),
}

/** Names that people give to topics of messages that were given up. */
const DEAD_LETTER = /(^|[._-])(dlq|dlt|dead[._-]?letters?)([._-]|$)/i

export const undeclaredDeadLetter: LintRule = {
  id: 'QL104',
  name: 'undeclared-dead-letter',
  severity: 'warning',
  purpose:
    'What was given up counts as delivered, unless its topic is declared as a dead-letter topic.',
  check: ({ config }) =>
    config.pipelines.flatMap((pipeline) =>
      pipeline.hops
        .filter(({ hop, deadLetter }) => hop.role === 'topic' && !deadLetter)
        .filter(({ hop }) => DEAD_LETTER.test(hop.topic))
        .map((hop) =>
          atHop(
            pipeline,
            hop,
            `\`${hop.hop.topic}\` looks like a topic of dead letters: add \`role: dead-letter\``,
          ),
        ),
    ),
}

export const lonelyDeadLetter: LintRule = {
  id: 'QL105',
  name: 'lonely-dead-letter',
  severity: 'warning',
  purpose:
    'Edges are copies, lists are choices: a dead-letter topic on an edge of its own would have to see every message.',
  check: ({ config }) =>
    config.pipelines.flatMap(({ name, edges }) =>
      edges.flatMap(({ from, to }, i): Hit[] => {
        const [only] = to
        if (only === undefined || to.length > 1 || !only.deadLetter) return []
        const other = edges.find((e, j) => j !== i && e.from.some((hop) => from.includes(hop)))
        if (other === undefined) return []
        const list = [...other.to, only].map((hop) => hop.name).join(', ')
        const message = `every message would have to reach \`${only.name}\`, and \`${other.name}\` as well; where it is one or the other, write one edge with \`to: [${list}]\``
        return [{ path: ['pipelines', name, 'edges', i], message }]
      }),
    ),
}

function atHop({ name }: Pipeline, hop: HopDeclaration, message: string): Hit {
  return { path: ['pipelines', name, 'hops'], key: hop.name, message }
}

/** Hops in an edge that are `to` of none. */
function sourcesOf({ edges }: Pipeline): readonly HopDeclaration[] {
  const fed = new Set(edges.flatMap((e) => e.to))
  return [...new Set(edges.flatMap((e) => e.from))].filter((hop) => !fed.has(hop))
}

/** These hops, and all that their messages can come to. */
function reachable({ edges }: Pipeline, from: readonly HopDeclaration[]): Set<HopDeclaration> {
  const found = new Set(from)
  // A set that grows while it is walked: each hop once.
  for (const hop of found) {
    for (const edge of edges) {
      if (edge.from.includes(hop)) for (const next of edge.to) found.add(next)
    }
  }
  return found
}
