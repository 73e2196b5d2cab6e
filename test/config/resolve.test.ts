import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findConfig } from '../../src/config/find.ts'
import { resolveConfig } from '../../src/config/resolve.ts'

const FILE =
  'version: 1\nkafka: { brokers: f:1 }\npipelines: {p: {hops: {a: {topic: a}, s: {sink: s}}, edges: [{from: a, to: s}]}}'

let full = ''
let empty = ''
beforeAll(() => {
  full = mkdtempSync(join(tmpdir(), 'quipu-config-'))
  empty = mkdtempSync(join(tmpdir(), 'quipu-config-'))
  writeFileSync(join(full, 'quipu.yaml'), FILE)
  writeFileSync(join(full, 'latin1.yaml'), Buffer.from([0x23, 0xe4]))
})
afterAll(() => {
  rmSync(full, { recursive: true })
  rmSync(empty, { recursive: true })
})

describe('which file', () => {
  it('is named by the flag, then by QUIPU_CONFIG, then looked for', () => {
    const env = { QUIPU_CONFIG: 'e.yaml' }
    expect(findConfig('f.yaml', env, '/d')).toEqual({ path: '/d/f.yaml', namedBy: '--config' })
    expect(findConfig(undefined, env, '/d')).toEqual({ path: '/d/e.yaml', namedBy: 'QUIPU_CONFIG' })
    expect(findConfig(undefined, {}, full)).toEqual({
      path: join(full, 'quipu.yaml'),
      namedBy: null,
    })
    expect(findConfig(undefined, {}, empty)).toBeNull()
  })

  it('that cannot be read is an error that says who named it', () => {
    const read = (config: string) => () => resolveConfig({ config }, {}, full)
    expect(read('none.yaml')).toThrow(
      'cannot read the pipeline file none.yaml, named by --config: there is no such file',
    )
    expect(read('.')).toThrow('it is no file')
    expect(read('latin1.yaml')).toThrow('it is not UTF-8 text')
  })

  it('of schemas alone has nothing to audit', () => {
    writeFileSync(join(full, 'schemas.yaml'), 'version: 1\nschemas: { path: schemas }')
    const read = () => resolveConfig({ config: 'schemas.yaml' }, {}, full)
    expect(read).toThrow(/schemas\.yaml declares no pipelines/)
  })
})

describe('flags', () => {
  it('stand above the file', () => {
    const config = resolveConfig({ brokers: ['b:1,c:2'], auditTopic: 't' }, {}, full)
    expect(config.kafka).toEqual({
      clusters: { default: { brokers: ['b:1', 'c:2'], ssl: false, sasl: null } },
      audit: { cluster: 'default', topic: 't' },
    })
  })

  it('stand for the file', () => {
    const flags = { brokers: ['b:1'], topics: ['a'], window: '250ms', lateness: '0s' }
    expect(resolveConfig(flags, {}, empty)).toMatchObject({
      file: null,
      windowMs: 250,
      latenessMs: 0,
      pipelines: [{ name: 'a' }],
    })
  })

  it.each([
    [{}, 'nothing to audit: no --topics, and no quipu.yaml here'],
    [{ groups: ['g'] }, '--groups needs --topics'],
    [{ topics: ['a'], window: '7s' }, '--window: expected a window that divides a day'],
    [{ topics: ['a'], lateness: 'soon' }, '--lateness: expected a duration'],
    [{ topics: ['a'], config: 'x' }, '--config and --topics exclude each other'],
    [{ topics: ['a'], brokers: [','] }, '--brokers: expected HOST:PORT'],
  ])('%j: %s', (flags, message) => {
    expect(() => resolveConfig(flags, {}, empty)).toThrow(message)
  })

  it('do not change the window of a file: the agents read it too', () => {
    expect(() => resolveConfig({ window: '1m' }, {}, full)).toThrow('--window goes with --topics')
  })
})
