/** Topics whose messages do not look as they should; one alert of each, whatever is wrong with it. */
import { formatCount } from '../../base/words.ts'
import type { ShapeFinding } from '../../objective/report.ts'
import type { Condition } from '../condition.ts'
import { SAMPLES_MAX } from '../event.ts'
import { type Known, ownerOf } from '../known.ts'
import { factsOf, quoted, summaryOf } from '../words.ts'

export function driftConditions(known: Known): Condition[] {
  const severity = known.alerting.drift
  if (severity === 'off') return []
  const topics = new Map<string, ShapeFinding[]>()
  for (const finding of known.report.drift.findings) {
    // Warnings are changes worth a look at the report, and nothing that is wrong now.
    if (finding.severity !== 'error') continue
    const key = `${finding.pipeline}/${finding.topic}/drift`
    topics.set(key, [...(topics.get(key) ?? []), finding])
  }
  return [...topics].map(([key, list]) => ({ ...conditionOf(list, known), key, severity }))
}

function conditionOf(
  list: readonly ShapeFinding[],
  known: Known,
): Omit<Condition, 'key' | 'severity'> {
  // Worst first, and what still shows before what is over.
  const [worst] = [...list].sort((a, b) => Number(b.open) - Number(a.open)) as [ShapeFinding]
  const { pipeline, edge } = worst
  const sinces = list.map(({ since }) => since).sort()
  const untils = list.map(({ until }) => until).sort()
  const more = list.length > 1 ? ` (and ${list.length - 1} more)` : ''
  return {
    ...{ kind: 'drift', pipeline, objective: null, edge },
    ...ownerOf(known, pipeline),
    since: Date.parse(sinces[0] ?? ''),
    windows: {
      ...{ first: sinces[0] ?? '', last: untils.at(-1) ?? '' },
      count: Math.max(...list.map(({ windows }) => windows)),
    },
    summary: summaryOf(`${pipeline}: ${worst.sentence}${more}`),
    facts: factsOf([
      ['topic', worst.topic],
      ['first seen at', worst.hop],
      ['messages', `${formatCount(worst.count)} of ${formatCount(worst.of)}`],
      ['certainty', worst.certainty],
      ['field', worst.path === '' ? null : worst.path],
      ['schema', worst.schema === '' ? null : worst.schema],
      ['still shows', worst.open ? 'yes' : 'no'],
    ]),
    samples: list
      .flatMap(({ ids }) => ids)
      .slice(0, SAMPLES_MAX)
      .map((id) => ({ id, traceId: null })),
    evidence: worst.oneIn > 1 ? 'sampled' : 'exact',
    next: `quipu report --pipeline ${quoted(pipeline)}`,
    isGoingOn: worst.open,
    tally: {
      bad: list.reduce((sum, { count }) => sum + count, 0),
      until: Date.parse(untils.at(-1) ?? ''),
    },
    forMs: 0,
  }
}
