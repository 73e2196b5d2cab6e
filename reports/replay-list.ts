/** What repairs a loss, for programs: one JSON object a line, or one document. */
import type { EdgeReplay, Lost, Repair } from '../src/diagnose/replay.ts'
import { replayCode, shownIdOf } from '../src/diagnose/replay.ts'
import { isoOf } from '../src/objective/iso.ts'

/** It only grows: schemas/replay-list.schema.json says what is in it. */
const SCHEMA = 'quipu.replay-list/v1'

export function replayJson(
  edges: readonly EdgeReplay[],
  now: number,
  exitCode: 0 | 3 = replayCode(edges),
): object {
  return {
    ...{ schema: SCHEMA, at: isoOf(now), exitCode },
    edges: edges.map(({ pipeline, edge, repair, unnamed, ...rest }) => ({
      ...{ pipeline, edge, repair },
      ranges: rest.ranges.map((range) => ({ ...range, ids: range.ids.map(shownIdOf) })),
      resends: rest.resends.map(({ topic, instance, service, ...lost }) => ({
        ...shownOf(lost),
        ...{ topic, instance, service },
      })),
      notFound: rest.notFound.map(({ why, ...lost }) => ({ ...shownOf(lost), why })),
      unnamed,
    })),
  }
}

/** `what` tells the lines apart: `range`, `resend`, `not_found`, `unnamed`. */
export function* replayLines(edges: readonly EdgeReplay[]): Generator<object> {
  for (const { pipeline, edge, repair, ranges, resends, notFound, unnamed } of edges) {
    const of = { pipeline, edge }
    for (const range of ranges)
      yield { what: 'range', ...of, ...range, ids: range.ids.map(shownIdOf), repair }
    for (const { topic, instance, service, ...lost } of resends)
      yield { what: 'resend', ...of, ...shownOf(lost), topic, instance, service, repair }
    for (const { why, ...lost } of notFound)
      yield { what: 'not_found', ...of, ...shownOf(lost), why }
    if (unnamed > 0) yield { what: 'unnamed', ...of, count: unnamed }
  }
}

const shownOf = ({ id, born }: Lost): { readonly id: string; readonly born: string } => ({
  id: shownIdOf(id),
  born: isoOf(born),
})

/** What to do, in one sentence for each edge. */
export function adviceOf({ edge, repair, ranges, resends }: EdgeReplay): string | null {
  if (ranges.length === 0 && resends.length === 0) return null
  return `${edge}: ${sentenceOf(repair)}`
}

function sentenceOf(repair: Repair): string {
  switch (repair.by) {
    case 'seek':
      return (
        `let group ${repair.group} handle these offsets again: in its own code with consumer.seek(), or ` +
        'stop it and run the script of --format kafkajs. What else it has handled from there on is done twice'
      )
    case 'produce':
      return `copy these records into ${repair.topic}: --produce says what would be sent, --produce --yes sends it`
    case 'producer':
      return `only ${repair.services.join(' or ')} has the values: it sends them again with the header quipu as it was`
    case 'hand':
      return repair.why
  }
}
