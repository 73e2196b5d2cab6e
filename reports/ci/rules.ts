/** What is told, by kind: names that stay, each with a sentence that holds for all of its kind. */
import type { DriftCode } from '../../src/drift/finding.ts'
import type { FindingCode } from '../../src/finding/finding.ts'
import type { Outcome } from './outcome.ts'
import type { OutcomeState } from './states.ts'

/** `objective-at-risk`, `edge-open` */
export const ruleOf = ({ of, state }: Pick<Outcome, 'of' | 'state'>): string =>
  `${of}-${state.replace('_', '-')}`

export const stateRules: Readonly<Record<OutcomeState, string>> = {
  breached: 'A promise is broken.',
  at_risk: 'A promise is kept, but its budget burns too fast.',
  indeterminate: 'Whether a promise is kept cannot be judged: evidence is missing.',
  open: 'No window is settled yet: nothing is proven, good or bad.',
  no_data: 'Nothing was expected and nothing came; that is not the same as all well.',
  met: 'A promise is kept.',
}

export const findingRules: Readonly<Record<FindingCode, string>> = {
  lost: 'Messages did not arrive by their deadline.',
  altered: 'Messages arrived with another content than the edge promises to preserve.',
  unacknowledged: 'A send resolved, but no answer names the partition of some of its messages.',
  duplicated: 'Messages arrived more often than they were sent.',
  unexpected: 'Messages arrived that nobody sent.',
  extra: 'Messages are too many: copies, or messages that nobody sent.',
  withdrawn_delivered: 'Messages of an aborted transaction were delivered.',
  landed_though_failed: 'Messages arrived whose send had failed.',
  recovered: 'Messages that were lost at their deadline arrived later.',
  copy_removed: 'Copies of messages were removed on the way.',
  unconfirmed: 'Whether messages were sent is not known.',
  undetermined: 'Evidence of messages that may be missing is incomplete.',
  undetermined_extra: 'Evidence of messages that may be too many is incomplete.',
  committed: 'Messages were handled, as the commits of the group say.',
  compacted: 'Messages may have been removed by compaction before they were read.',
  repetition_unknown: 'Messages may have been handled twice: a member ended without a word.',
  identity_not_carried: 'A service passed messages on without the id they came with.',
  integrity_unknown: 'Whether messages are unaltered cannot be told: digests are missing.',
  minted_not_here: 'A producer that fell silent had sent more than the topic holds.',
  undecodable: 'More messages differ than can be named.',
  params_differ: 'Tallies with unequal parameters cannot be compared.',
  hole: 'Evidence is missing: nobody watched.',
  in_flight: 'Messages are under way.',
  unidentified: 'Messages carry no id.',
  filtered_undeclared: 'Messages were dropped for a reason that the edge does not declare.',
  undeclared_producer: 'A producer sends to the topic that the pipeline does not declare.',
}

export const driftRules: Readonly<Record<DriftCode, string>> = {
  unregistered_schema: 'Messages name a schema that no registry knows.',
  foreign_schema: 'Messages name a schema that is not registered for their topic.',
  retired_version: 'Messages are of a version that was deleted or is not allowed.',
  undecodable_value: 'Messages cannot be decoded with the schema that they name.',
  unframed_value: 'Messages do not say which schema they were written with.',
  empty_value: 'Messages have a value of no bytes.',
  missing_field: 'Messages lack a field that is required.',
  type_changed: 'A field holds another type than was promised.',
  unseen_value: 'A field holds a value that is not in its list.',
  out_of_bounds: 'A field breaks a bound or a format that was promised.',
  field_dropped: 'A field that an edge promises to keep is gone behind it.',
  unknown_field: 'Messages hold a field that nobody declared.',
  ambiguous_framing: 'The first byte of messages may be a frame or data: nobody said which.',
  old_version: 'A producer still writes a version that others no longer write.',
  writer_differs: 'Hops of an edge hold messages of unequal schemas.',
  null_rate: 'A field is null more, or less, often than before.',
  presence_rate: 'A field is there more, or less, often than before.',
  cardinality: 'A field holds more, or fewer, distinct values than before.',
  length: 'A field is longer, or shorter, than before.',
  new_type: 'A field has a type that it never had.',
  new_version: 'Messages are of a version that was not seen before.',
  unread: 'Messages could not be read: nothing is known of their shape.',
}
