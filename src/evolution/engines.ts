/** The engine of each format, loaded when a schema of it is met: their libraries take time to load. */
import { type Engine, formats, type SchemaFormat } from './engine.ts'
import { type DocumentedRule, generalRules } from './general-rules.ts'

const loaders: Readonly<Record<SchemaFormat, () => Promise<Engine<unknown>>>> = {
  avro: async () => (await import('./avro/engine.ts')).avroEngine,
  'json-schema': async () => (await import('./json-schema/engine.ts')).jsonSchemaEngine,
  protobuf: async () => (await import('./protobuf/engine.ts')).protobufEngine(),
}

export type Engines = ReadonlyMap<SchemaFormat, Engine<unknown>>

export async function loadEngines(wanted: Iterable<SchemaFormat> = formats): Promise<Engines> {
  const list = [...new Set(wanted)]
  return new Map(await Promise.all(list.map(async (one) => [one, await loaders[one]()] as const)))
}

/** Every rule of these engines and of none, in a fixed order. */
export function documentedRules(engines: Engines): readonly DocumentedRule[] {
  const known = formats.flatMap((format) => engines.get(format)?.rules ?? [])
  return [...known, ...generalRules]
}
