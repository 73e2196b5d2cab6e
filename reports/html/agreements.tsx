/** @jsxRuntime automatic @jsxImportSource preact */
/** What each consumer was promised, and whether it was kept: the part that is sent to them. */
import type { VNode } from 'preact'
import type { AgreementView, ObjectiveAssessment } from '../../src/objective/report.ts'
import { budgetWords, targetWords, valueWords } from '../promises.ts'
import { Mark } from './mark.tsx'
import type { View } from './view.ts'

export function Agreements({ view }: { readonly view: View }): VNode {
  const { agreements, objectives } = view.report
  const several = view.pipelines.length > 1
  return (
    <div class="cards">
      {agreements.flatMap((of) =>
        (of.agreement.consumers.length > 0
          ? of.agreement.consumers
          : [{ name: 'no consumer is named', contact: null }]
        ).map((consumer) => (
          <article class="card">
            <div class="card-head">
              <h3>
                {consumer.name}
                {consumer.contact === null ? null : <span class="dim"> {consumer.contact}</span>}
              </h3>
              <Mark verdict={of.verdict} />
            </div>
            {several ? <p class="dim">{of.pipeline}</p> : null}
            <ul class="promises">
              {of.objectives.map((id) => (
                <Promised
                  id={id}
                  of={objectives.find((o) => o.pipeline === of.pipeline && o.objective.id === id)}
                />
              ))}
            </ul>
            <Terms of={of} />
          </article>
        )),
      )}
    </div>
  )
}

function Promised(props: {
  readonly id: string
  readonly of: ObjectiveAssessment | undefined
}): VNode {
  const { id, of } = props
  if (of === undefined) return <li>{id}: not judged</li>
  const { verdict, sentence, objective, value, budget } = of
  return (
    <li>
      <Mark verdict={verdict} /> <strong>{id}</strong>
      <span class="sentence">{sentence}</span>
      <span class="sentence">
        {`${valueWords(value, objective.target)}, target ${targetWords(objective.target)}; ${budgetWords(budget)}`}
      </span>
    </li>
  )
}

function Terms({ of }: { readonly of: AgreementView }): VNode | null {
  const { driver, review, consequence } = of.agreement
  const parts = [
    ...(consequence === null ? [] : [`If it is breached: ${consequence}`]),
    ...(driver === null ? [] : [`Driver: ${driver}`]),
    ...(review === null ? [] : [`Reviewed again on ${review}`]),
  ]
  return parts.length === 0 ? null : <p class="about">{parts.join('. ')}.</p>
}
