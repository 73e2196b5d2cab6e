/** CloudEvents 1.0, structured mode: the event as `data` of an envelope. */
import { isoOf } from '../../objective/iso.ts'
import type { AlertEvent } from '../event.ts'

/** Of the product, so that it stays what it is wherever it is sent from. */
const TYPE = 'io.quipu-audit.alert'
const DATA_SCHEMA = 'urn:quipu-audit:schema:alert:v1'

/** @param now ms */
export function cloudEvent(event: AlertEvent, now: number): Readonly<Record<string, unknown>> {
  const source = event.pipeline === '' ? '' : `:${encodeURIComponent(event.pipeline)}`
  return {
    specversion: '1.0',
    id: event.id,
    source: `urn:quipu-audit${source}`,
    type: `${TYPE}.${event.status}.v1`,
    subject: event.key,
    time: isoOf(now),
    datacontenttype: 'application/json',
    dataschema: DATA_SCHEMA,
    data: event,
  }
}
