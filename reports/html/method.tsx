/** @jsxRuntime automatic @jsxImportSource preact */
/** How the numbers are made, for an auditor of the auditor, and what the words mean. */
import type { VNode } from 'preact'

const method: readonly string[] = [
  'Every message carries an id from birth on. At each hop an agent adds the ids that pass to a tally of the window in which the message was born; tallies of two hops are subtracted, and what remains are the missing and the extra ids, by name.',
  'A message is called lost only if the hop before passed it and the hop behind has seen the whole window. Where evidence is missing it is undetermined: neither accused nor acquitted. What is under way is in flight, and lag is never loss.',
  'Windows are spans of the time of birth, in UTC. Each is judged at its deadline, or as soon as both ends have passed it and agree; what comes later gives a new revision.',
  'An objective is met only if it is met with everything unknown counted as bad, and breached only if it is breached with everything unknown counted as good. Percentages are rounded down, so 100% means all.',
]

const glossary: readonly (readonly [string, string])[] = [
  ['Pipeline', 'A named graph of hops with an owner.'],
  [
    'Hop',
    'A point where an agent observes: a producer, a topic, a consumer group, a sink, a stream.',
  ],
  [
    'Edge',
    'A balance: what the hops before saw, the hops behind must see. Loss belongs to an edge.',
  ],
  ['Window', 'A span of birth time, from its start up to but not including its end.'],
  ['Expected', 'Messages that the hops before passed on. The dispositions add up to it.'],
  ['Delivered', 'Seen behind the edge; unaltered where that is promised and could be checked.'],
  ['Lost', 'Not seen by a hop that has seen the whole window.'],
  ['Altered', 'Seen with another content, on an edge that promises to preserve it.'],
  ['Filtered', 'Dropped on purpose, for a declared reason.'],
  ['Dead letter', 'Seen in the declared dead-letter topic instead.'],
  ['In flight', 'Not seen yet by a hop that has not passed the window.'],
  ['Undetermined', 'Evidence is missing, and named.'],
  ['Doubled', 'Delivered more often than passed on; counted beside the dispositions.'],
  ['Met', 'Proven to be well.'],
  ['At risk', 'Met, but its budget is burning too fast.'],
  ['Breached', 'Proven not to be well.'],
  ['Indeterminate', 'Evidence is missing: neither is proven.'],
  ['No data', 'Nothing was expected and nothing came, which is not the same as all well.'],
  ['Error budget', 'Bad events that the target allows: (1 − target) × events.'],
  ['Burn rate', 'How fast the budget is spent; at 1 it lasts exactly the period.'],
  ['Audit coverage', 'Share of hop windows that agents saw whole.'],
]

export function Method(): VNode {
  return (
    <>
      <ul class="method">
        {method.map((text) => (
          <li>{text}</li>
        ))}
      </ul>
      <h3>Words</h3>
      <dl class="glossary">
        {glossary.map(([word, meaning]) => (
          <div>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
