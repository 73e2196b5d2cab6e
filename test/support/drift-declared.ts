/** The pipeline of flights as a file declares it, with what is promised of its messages in files beside it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { subjectOf } from './drift-forms.ts'
import { enriched, extension, type Format, flights, schemaText } from './drift-schemas.ts'

export interface Names {
  /** Of the pipeline, and of its subjects. */
  readonly name: string
  readonly topics: { readonly flights: string; readonly enriched: string }
  readonly groups: { readonly enrich: string; readonly store: string }
}

export const plainNames: Names = {
  name: 'flights',
  topics: { flights: 'flights', enriched: 'enriched' },
  groups: { enrich: 'enrich', store: 'store' },
}

export interface DeclaredPipeline {
  readonly names: Names
  readonly format: Format
  readonly hasRegistry: boolean
  /** One message in so many is looked at, as the file says it. Default: all. */
  readonly sample?: string
  /** More about the messages of flights, as `versions: [1]`. */
  readonly more?: string
  /** The schema that is promised of flights; default: the one that they are written by. */
  readonly file?: string
}

export interface DeclaredFile {
  readonly folder: string
  /** Null: none. */
  readonly registry: string | null
  /** Lines at the top. */
  readonly head: string
  readonly pipelines: readonly DeclaredPipeline[]
}

/** The text of the file, and where it lies. */
export function declareFlights({ folder, registry, head, pipelines }: DeclaredFile): {
  readonly text: string
  readonly path: string
} {
  mkdirSync(folder, { recursive: true })
  const text = `version: 1
${head}
${registry === null ? '' : `schemas: { registry: { url: "${registry}" } }\n`}pipelines:
${pipelines.map((pipeline) => linesOf(folder, pipeline)).join('')}`
  const path = join(folder, 'quipu.yaml')
  writeFileSync(path, text)
  return { text, path }
}

function linesOf(
  folder: string,
  { names, format, hasRegistry, sample = 'all', more, file }: DeclaredPipeline,
): string {
  const { name, topics, groups } = names
  const schemaOf = (what: 'flights' | 'enriched'): string => {
    const own = `${what}${extension[format]}`
    const layout = what === 'flights' ? flights.promised : enriched.promised
    writeFileSync(join(folder, own), schemaText(format, layout))
    const keys = [
      `file: ${what === 'flights' ? (file ?? own) : own}`,
      ...(hasRegistry ? [`subject: ${subjectOf(name, what)}`] : []),
      `sample: ${sample}`,
      ...(what === 'flights' && more !== undefined ? [more] : []),
    ]
    return `schema: { ${keys.join(', ')} }`
  }
  return `  ${name}:
    hops:
      checkin: { producer: ${topics.flights}, service: checkin }
      flights: { topic: ${topics.flights}, ${schemaOf('flights')} }
      enrich: { consumer: ${topics.flights}, group: ${groups.enrich} }
      enriched: { topic: ${topics.enriched}, ${schemaOf('enriched')} }
      store: { consumer: ${topics.enriched}, group: ${groups.store} }
    edges:
      - { from: checkin, to: flights }
      - { from: flights, to: enrich }
      - { from: enrich, to: enriched, keep: [/origin, /delay] }
      - { from: enriched, to: store }
`
}
