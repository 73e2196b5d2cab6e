/**
 * What the messages of a day say that are looked into: JSON by a schema, framed by a header with its id,
 * which every group passes on. Like the fate of a message, what one looks like is a pure function of the
 * day, the service and the message.
 */
import type { IHeaders } from 'kafkajs'
import type { DrawnDrift, GameDay } from './day.ts'
import { chance } from './random.ts'

/** What is promised of every topic; `origin` may be missing, but not where an edge keeps it. */
export const ORDER_SCHEMA: string = JSON.stringify({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['id', 'amount', 'note'],
  properties: {
    id: { type: 'string' },
    amount: { type: 'integer' },
    origin: { type: 'string' },
    note: { type: 'string' },
  },
})
export const KEPT_FIELD = '/origin'

/** The header of a schema's id, and the ids of its versions. */
const ID_HEADER = '__value_schema_id'
export const PROMISED_ID = 1
export const NEW_ID = 2
/** Of another subject, and of none. */
export const FOREIGN_ID = 3
const UNREGISTERED_ID = 4
/** That of every topic, where there is a registry. */
export const SUBJECT = 'orders'
const PLACES = ['JFK', 'LHR', 'FRA', 'NRT'] as const

/** Of a message that its producer sends. */
export function orderOf({ drift }: GameDay, service: string, key: string, text: string): string {
  const amount = Math.floor(chance(0, 'amount', key) * 100)
  const origin = PLACES[Math.floor(chance(0, 'origin', key) * PLACES.length)] as string
  // In this order: what is cut off is the note.
  const order = { id: text, amount, origin, note: 'fine' }
  switch (isConcerned(drift, service, key) ? drift.kind : null) {
    case 'added':
      return JSON.stringify({ ...order, extra: 1 })
    case 'renamed':
      return JSON.stringify({ id: text, sum: amount, origin, note: order.note })
    case 'retyped':
      return JSON.stringify({ ...order, amount: String(amount) })
    case 'cut':
      return JSON.stringify(order).slice(0, -3)
    default:
      return JSON.stringify(order)
  }
}

/** Of a message that its producer sends. */
export function frameOf({ drift }: GameDay, service: string, key: string): IHeaders {
  if (drift === null) return {}
  const isDrifted = isConcerned(drift, service, key)
  if (isDrifted && drift.kind === 'unframed') return {}
  const id = Buffer.alloc(5)
  id.writeInt32BE(isDrifted ? idOf(drift) : PROMISED_ID, 1)
  return { [ID_HEADER]: id }
}

function idOf({ kind }: DrawnDrift): number {
  if (kind === 'version' || kind === 'added') return NEW_ID
  if (kind === 'foreign') return FOREIGN_ID
  return kind === 'unregistered' ? UNREGISTERED_ID : PROMISED_ID
}

/** Without a registry nobody knows whose an id is, or whether it is any. */
export const needsRegistry = ({ drift }: GameDay): boolean =>
  drift?.kind === 'foreign' || drift?.kind === 'unregistered'

/** Of a message that a group sends on. */
export function frameFrom(headers: IHeaders | undefined): IHeaders {
  const id = headers?.[ID_HEADER]
  return id === undefined ? {} : { [ID_HEADER]: id }
}

/** What a group sends on. */
export function passedOn({ drift }: GameDay, service: string, key: string, value: string): string {
  if (drift?.kind !== 'dropped' || !isConcerned(drift, service, key)) return value
  return value.replace(/"origin":"[A-Z]*",/, '')
}

/** Whether the service writes this message wrongly: those from some number on, whoever sent them first. */
function isConcerned(drift: DrawnDrift | null, service: string, key: string): drift is DrawnDrift {
  if (drift === null || drift.kind === null || drift.service !== service) return false
  return Number(key.slice(key.lastIndexOf('/') + 1)) >= drift.from
}

/** Everything that a message has wrong, as `code path`, by what it says and who sent it. */
export function driftsIn({ drift }: GameDay, value: string): readonly string[] {
  const key = /^\{"id":"([^#"]+)#/.exec(value)?.[1] ?? ''
  const isDrifted = drift !== null && isConcerned(drift, key.slice(0, key.lastIndexOf('/')), key)
  if (isDrifted && drift.kind === 'unframed') return ['unframed_value']
  if (isDrifted && drift.kind === 'foreign') return ['foreign_schema']
  if (isDrifted && drift.kind === 'unregistered') return ['unregistered_schema']
  const found = isDrifted && (drift.kind === 'version' || drift.kind === 'added') ? [NEWS] : []
  let order: Record<string, unknown>
  try {
    order = JSON.parse(value)
  } catch {
    return [...found, 'undecodable_value']
  }
  if (order.extra !== undefined) found.push('unknown_field /extra')
  if (order.sum !== undefined) found.push('unknown_field /sum')
  if (order.amount === undefined) found.push('missing_field /amount')
  else if (typeof order.amount !== 'number') found.push('type_changed /amount')
  return found
}

export const NEWS = 'new_version'

export const keepsField = (value: string): boolean => value.includes('"origin":')
