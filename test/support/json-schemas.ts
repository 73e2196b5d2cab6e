/** The published schemas of what commands print; here nothing may be there that they do not name. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'

const NAMES = [
  'report',
  'check',
  'wait',
  'losses',
  'coverage',
  'schema-check',
  'forecast',
  'replay-list',
  'explain',
  'trace',
  'top',
  'alert',
  'alert-test',
  'alert-status',
] as const

/** Readers pass over what they do not know; tests must not. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict)
  if (value === null || typeof value !== 'object') return value
  const part = Object.fromEntries(Object.entries(value).map(([name, of]) => [name, strict(of)]))
  const isListed = part.type === 'object' && part.properties !== undefined
  return isListed ? { ...part, additionalProperties: false } : part
}

const ajv = new Ajv2020({ strict: true, allErrors: true })
for (const name of NAMES) {
  const text = readFileSync(resolve(`schemas/${name}.schema.json`), 'utf8')
  ajv.addSchema(strict(JSON.parse(text)) as object, name)
}

/** Where the data is not what `schemas/NAME.schema.json` says; empty: it is. */
export function errorsOf(name: (typeof NAMES)[number], data: unknown): string[] {
  if (ajv.validate(name, data)) return []
  return (ajv.errors ?? []).map((e) => `${e.instancePath} ${e.message}`)
}
