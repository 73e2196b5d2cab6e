/**
 * An engine of a format made for tests: a schema is a list of names, and a reader needs every name that
 * was written. `!` is no schema; a name in capitals that comes new is a risk.
 */
import type { Difference, Engine, Rule } from '../../src/evolution/engine.ts'

interface Names {
  readonly source: string
  readonly names: readonly string[]
}

const rule: Omit<Rule, 'id' | 'kind' | 'severity'> = {
  ...{ format: 'avro', registryName: null, purpose: 'A name is read.', fix: 'Keep the name.' },
  example: { before: 'a b', after: 'a' },
}

const difference = (id: string, name: string, isInReader: boolean): Difference => ({
  rule: id,
  readerPath: isInReader ? `/${name}` : null,
  writerPath: isInReader ? null : `/${name}`,
  args: { name },
  message: `${name} ${isInReader ? 'is loud' : 'is not read'}`,
})

export const fakeEngine: Engine<Names> = {
  format: 'avro',
  rules: [
    { ...rule, id: 'AVRO_NAME_NOT_READ', kind: 'incompatible', severity: 'error' },
    { ...rule, id: 'AVRO_NAME_LOUD', kind: 'risk', severity: 'warning' },
  ],
  parse: ({ name: source, text }) =>
    text === '!'
      ? { ok: false, problems: [{ code: 'unparsable', message: 'is !', source, position: null }] }
      : { ok: true, schema: { source, names: text.split(' ').filter((word) => word !== '') } },
  compare: (reader, writer) =>
    writer.names
      .filter((name) => !reader.names.includes(name))
      .map((name) => difference('AVRO_NAME_NOT_READ', name, false)),
  risks: (before, after) =>
    after.names
      .filter((name) => /^[A-Z]+$/.test(name) && !before.names.includes(name))
      .map((name) => difference('AVRO_NAME_LOUD', name, true)),
  positionOf: ({ source }, path) => ({ source, line: 1, column: path.length }),
  fragmentOf: (_, path) => path.slice(1),
  counterexample: (_reader, _writer, [first]) => ({ text: `"${first?.args.name}"`, refusal: 'no' }),
}
