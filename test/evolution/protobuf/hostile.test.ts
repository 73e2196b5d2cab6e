/** Texts made to hurt: a verdict or a problem in bounded time, never an exception, never a full stack. */
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import { ruleSets } from '../../../src/evolution/protobuf/rule.ts'
import { problemsOf, schemaOf } from './support.ts'

const p3 = 'syntax = "proto3";'
const list = (count: number, of: (i: number) => string, separator = ' ') =>
  Array.from({ length: count }, (_, i) => of(i)).join(separator)

describe('too deep', () => {
  test.each([
    ['messages', `${p3} ${'message A { '.repeat(10_000)}`],
    ['messages, with their ends', `${p3} ${'message A { '.repeat(10_000)}${'}'.repeat(10_000)}`],
    ['options', `${p3} option (x) = ${'{ a: '.repeat(10_000)}${'}'.repeat(10_000)};`],
    ['a package', `${p3} package ${list(5_000, () => 'a', '.')};`],
  ])('%s', (_, text) => expect(problemsOf(text)).toEqual(['too_deep']))

  test('32 are not', () => {
    const text = `${p3} ${list(32, (i) => `message M${i} {`)} ${'}'.repeat(32)}`
    expect(problemsOf(text)).toEqual([])
    expect(problemsOf(text.replace('{', '{ message X {').concat('}'))).toEqual(['too_deep'])
  })
})

describe('too large', () => {
  test.each([
    ['10 MB', `${p3} ${'message A {}\n'.repeat(800_000)}`],
    [
      'one message with 30,000 fields',
      `${p3} message A { ${list(30_000, (i) => `int32 a${i} = ${i + 1};`)} }`,
    ],
    [
      'one message with 30,000 oneofs',
      `${p3} message A { ${list(30_000, (i) => `oneof o${i} { int32 a${i} = ${i + 1}; }`)} }`,
    ],
    [
      '100 oneofs with 300 fields each, in one message',
      `${p3} message A { ${list(100, (o) => `oneof o${o} { ${list(300, (i) => `int32 a${o}_${i} = ${300 * o + i + 1};`)} }`)} }`,
    ],
    [
      '30,000 reserved numbers',
      `${p3} message A { reserved ${list(30_000, (i) => `${i + 1}`, ',')}; }`,
    ],
    ['30,000 values', `${p3} enum A { ${list(30_000, (i) => `A${i} = ${i};`)} }`],
    [
      '30,000 options of a field',
      `${p3} message A { int32 a = 1 [${list(30_000, (i) => `(a${i}).b = 1`, ',')}]; }`,
    ],
    [
      '3,000 extensions waiting',
      `syntax = "proto2"; ${list(3_000, (i) => `extend Z { optional int32 e${i} = ${i + 1}; } message M${i} {}`)} message Z { extensions 1 to max; }`,
    ],
  ])('%s', (_, text) => expect(problemsOf(text)).toEqual(['too_large']))

  test('more files than a schema has', () => {
    const references = new Map(
      Array.from({ length: 2_500 }, (_, i) => [`${i}`, `${p3} import "${i + 1}";`]),
    )
    expect(problemsOf(`${p3} import "0";`, references)).toContain('too_large')
  })
})

describe('circles', () => {
  test('of imports', () => {
    const references = new Map([
      ['a.proto', `${p3} import "b.proto";`],
      ['b.proto', `${p3} import "a.proto";`],
    ])
    expect(problemsOf(`${p3} import "a.proto";`, references)).toEqual(['import_cycle'])
    expect(problemsOf(`${p3} import "orders.proto";`)).toEqual(['import_cycle'])
  })

  test('of messages, of which one needs itself', () => {
    const schema = schemaOf(
      'syntax = "proto2"; message A { required B b = 1; } message B { required A a = 1; }',
    )
    expect(protobufEngine().counterexample(schema, schema, [], { instancesMax: 100 })).toBeNull()
  })

  test('every message in every other, 20 times', () => {
    const text = list(
      50,
      (i) => `message M${i} { ${list(20, (j) => `M${(i + j) % 50} f${j} = ${j + 1};`)} }`,
    )
    const [before, after] = [schemaOf(text), schemaOf(text.replaceAll('M7 f0', 'string f0'))]
    const found = protobufEngine().compare(after, before, 'STRICT')
    expect(found.map(({ readerPath }) => readerPath)).toEqual(['M7.f0'])
  })
})

test('20 required messages in each, 30 deep, are not written out', () => {
  const text = list(
    30,
    (i) =>
      `message M${i} { ${i < 29 ? list(20, (j) => `required M${i + 1} f${j} = ${j + 1};`) : 'required int32 a = 1;'} }`,
  )
  const schema = schemaOf(`syntax = "proto2"; ${text}`)
  expect(protobufEngine().counterexample(schema, schema, [], { instancesMax: 100 })).toBeNull()
})

test('a chain of 3,000 messages, where the last one differs', () => {
  const references = (type: string) => ({
    'rest.proto': `${list(3_000, (i) => `message M${i} { ${i < 2_999 ? `M${i + 1} m` : `${type} m`} = 1; }`)}`,
  })
  const main = 'import "rest.proto"; message Order { M0 m = 1; }'
  const [before, after] = [
    schemaOf(main, references('int32')),
    schemaOf(main, references('string')),
  ]
  const found = protobufEngine().compare(after, before, 'STRICT')
  expect(found.map(({ readerPath }) => readerPath)).toEqual(['M2999.m'])
})

describe('odd texts', () => {
  test.each([
    ['nothing', '', []],
    ['a comment without end', `${p3} /*`, ['unparsable']],
    ['a string without end', `${p3} option a = "${'\\'.repeat(100_001)}`, ['unparsable']],
    ['brackets', '{{{{}}}}]]])))', ['unparsable']],
    ['a byte order mark', `\uFEFF${p3} message M {}`, []],
    ['bytes', '\u0000\u0001\u0002', ['unparsable']],
    ['a name of 100,000 letters', `${p3} message ${'A'.repeat(100_000)} {}`, []],
    [
      'a name of 100,000 parts',
      `${p3} message A { ${'a.'.repeat(100_000)}b c = 1; }`,
      ['unresolved_type'],
    ],
  ])('%s', (_, text, problems) => expect(problemsOf(text)).toEqual(problems))

  test('what the library says is cut', () => {
    const text = `${p3} message A { ${'a.'.repeat(100_000)}b c = 1; }`
    const parsed = protobufEngine().parse({ name: 'm', text })
    expect(parsed.ok ? '' : parsed.problems[0]?.message).toHaveLength(300)
  })

  test('names that JavaScript has a use for', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype']
    const fields = names.map((name, i) => `int32 ${name} = ${i + 1};`).join(' ')
    const messages = names.map((name) => `message ${name} { ${fields} }`).join(' ')
    const schema = schemaOf(messages)
    for (const set of ruleSets) {
      const engine = protobufEngine(set)
      expect(engine.compare(schema, schema, 'STRICT')).toEqual([])
      expect(engine.counterexample(schema, schema, [], { instancesMax: 100 })).toBeNull()
    }
  })
})
