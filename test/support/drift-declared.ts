/** The pipeline of flights as a file, with what is promised of its messages in files beside it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { enriched, extension, type Format, flights, schemaText } from './drift-schemas.ts'

export interface DeclaredOptions {
  readonly folder: string
  readonly format: Format
  /** Null: none. */
  readonly registry: string | null
  /** Lines at the top. */
  readonly head?: string
  readonly topics?: { readonly flights: string; readonly enriched: string }
  readonly groups?: { readonly enrich: string; readonly store: string }
  /** More about the messages of flights, as `versions: [1]`. */
  readonly more?: string
  /** The schema that is promised; default: the one that flights are written by. */
  readonly file?: string
}

/** The text of the file, and where it lies. */
export function declareFlights({
  folder,
  format,
  registry,
  head = 'window: 60s\nlateness: 60s',
  topics = { flights: 'flights', enriched: 'enriched' },
  groups = { enrich: 'enrich', store: 'store' },
  more = '',
  file = `flights${extension[format]}`,
}: DeclaredOptions): { readonly text: string; readonly path: string } {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'quipu.yaml')
  const made = `enriched${extension[format]}`
  writeFileSync(join(folder, `flights${extension[format]}`), schemaText(format, flights.promised))
  writeFileSync(join(folder, made), schemaText(format, enriched.promised))
  const schemaOf = (name: string, promised: string, also: string): string => {
    const subject = registry === null ? '' : `, subject: ${name}-value`
    return `schema: { file: ${promised}${subject}, sample: all${also === '' ? '' : `, ${also}`} }`
  }
  const text = `version: 1
${head}
${registry === null ? '' : `schemas: { registry: { url: "${registry}" } }\n`}pipelines:
  flights:
    hops:
      checkin: { producer: ${topics.flights}, service: checkin }
      flights: { topic: ${topics.flights}, ${schemaOf('flights', file, more)} }
      enrich: { consumer: ${topics.flights}, group: ${groups.enrich} }
      enriched: { topic: ${topics.enriched}, ${schemaOf('enriched', made, '')} }
      store: { consumer: ${topics.enriched}, group: ${groups.store} }
    edges:
      - { from: checkin, to: flights }
      - { from: flights, to: enrich }
      - { from: enrich, to: enriched, keep: [/origin, /delay] }
      - { from: enriched, to: store }
`
  writeFileSync(path, text)
  return { text, path }
}
