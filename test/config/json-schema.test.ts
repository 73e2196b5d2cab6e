/** `schemas/pipeline.schema.json`: what the code makes, and whether it says what the code says. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { pipelineSchema } from '../../src/config/json-schema.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { bad, beyondFile, beyondSchema, env, good } from './corpus.ts'

const FILE = resolve('schemas/pipeline.schema.json')
const published = JSON.parse(readFileSync(FILE, 'utf8'))
const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(
  published,
)

/** Whether [the code, the schema] takes a file. */
const verdicts = (text: string): [boolean, boolean] => [
  parseConfig(text, 'quipu.yaml', env).ok,
  validate(parse(text)),
]

describe('the published schema', () => {
  it('is what the code makes: npx tsx src/cli/main.ts lint --schema > schemas/pipeline.schema.json', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(pipelineSchema())))
  })

  it('says something of every key', () => {
    const silent: string[] = []
    const walk = (value: unknown, path: string): void => {
      if (value === null || typeof value !== 'object') return
      for (const [key, item] of Object.entries(value)) {
        // What only forbids, or asks for keys, has nothing to explain.
        if (['oneOf', 'allOf', 'not'].includes(key)) continue
        if (key === 'properties') {
          for (const [name, property] of Object.entries(item as object)) {
            if (property.description === undefined) silent.push(`${path}/${name}`)
          }
        }
        walk(item, `${path}/${key}`)
      }
    }
    walk(published, '')
    expect(silent).toEqual([])
  })
})

describe('code and schema agree', () => {
  it.each(good)('on $name', ({ text }) => {
    expect(verdicts(text)).toEqual([true, true])
  })

  it.each(bad)('against $name', ({ text }) => {
    expect(verdicts(text)).toEqual([false, false])
  })
})

describe('what JSON Schema cannot say', () => {
  it.each(beyondSchema)('$why: $name', ({ text }) => {
    expect(verdicts(text)).toEqual([false, true])
  })

  it.each(beyondFile)('what a variable holds: $name', ({ text }) => {
    expect(verdicts(text)).toEqual([true, false])
  })
})
