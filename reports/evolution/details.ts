/** What stands below a finding: who reads what, both texts, the proof, and what to do. */
import type { Place } from '../../src/evolution/finding.ts'
import { directionWords, shown, type Told } from './group.ts'

/** Lines without an indent; those of a diff begin with `- ` or `+ `. */
export function detailsOf(told: Told): string[] {
  const { finding } = told
  const { path, before, after, placeBefore, counterexample, direction, fix, suppression } = finding
  const who = directionWords(told)
  const [writer, reader] = direction === 'forward' ? ['new', 'old'] : ['old', 'new']
  return [
    ...(who === null ? [] : [who]),
    ...(path === '' ? [] : [`at ${shown(path)}`]),
    // The same text on both sides shows nothing: what differs lies elsewhere.
    ...(before === after
      ? before === null
        ? []
        : [`  ${shown(before)}`]
      : [
          ...(before === null ? [] : [`- ${shown(before)}${placeWords(placeBefore)}`]),
          ...(after === null ? [] : [`+ ${shown(after)}`]),
        ]),
    ...(counterexample === null
      ? []
      : [
          `the ${writer} schema writes: ${shown(counterexample.text)}`,
          `the ${reader} schema refuses it: ${shown(counterexample.refusal)}`,
        ]),
    ...(suppression === null
      ? [`fix: ${shown(fix)}`]
      : [`suppressed until ${suppression.until}: ${shown(suppression.reason)}`]),
  ]
}

export const placeOf = (place: Place | null): string | null =>
  place === null ? null : shown(`${place.source}:${place.line}:${place.column}`)

const placeWords = (place: Place | null): string => (place === null ? '' : `  (${placeOf(place)})`)
