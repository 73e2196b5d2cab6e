/** Schemas of tests, and what is said of them. */
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import type { ProtobufSchema } from '../../../src/evolution/protobuf/model.ts'
import type { RuleSet } from '../../../src/evolution/protobuf/rule.ts'

const engine = protobufEngine()

/** Without a syntax it is proto3, or proto2 where a label of it is used. */
function withSyntax(text: string): string {
  if (/^\s*(?:syntax|edition)\b/.test(text)) return text
  const isProto2 = /\brequired\b|\bextensions\b|\bgroup\b|\[default/.test(text)
  return `syntax = "${isProto2 ? 'proto2' : 'proto3'}"; ${text}`
}

export function schemaOf(
  text: string,
  references: Readonly<Record<string, string>> = {},
): ProtobufSchema {
  const refs = Object.entries(references).map(([path, t]) => [path, withSyntax(t)] as const)
  const source = { name: 'orders.proto', text: withSyntax(text), references: new Map(refs) }
  const parsed = engine.parse(source)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.schema
}

export function filesOf(files: Readonly<Record<string, string>>): ProtobufSchema {
  const parsed = engine.parseFiles(new Map(Object.entries(files)))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.schema
}

/** Codes of the problems, or none. */
export function problemsOf(
  text: string,
  references: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  const parsed = engine.parse({ name: 'orders.proto', text, references })
  return parsed.ok ? [] : parsed.problems.map(({ code }) => code)
}

/** Ids of the rules that the change from `before` to `after` breaks, without the format. */
export function brokenBy(before: string, after: string, set: RuleSet = 'confluent'): string[] {
  const [from, to] = samePair(before, after)
  return protobufEngine(set)
    .compare(to, from, 'STRICT')
    .map(({ rule }) => short(rule))
}

export function risksOf(before: string, after: string): string[] {
  const [from, to] = samePair(before, after)
  return engine.risks(from, to).map(({ rule }) => short(rule))
}

/** Both in the syntax of the one that needs it. */
export function samePair(before: string, after: string): [ProtobufSchema, ProtobufSchema] {
  const isProto2 = [before, after].some((text) => withSyntax(text).startsWith('syntax = "proto2"'))
  const of = (text: string) =>
    isProto2 && !/^\s*(?:syntax|edition)\b/.test(text) ? `syntax = "proto2"; ${text}` : text
  return [schemaOf(of(before)), schemaOf(of(after))]
}

function short(rule: string): string {
  return rule.replace(/^PROTO_/, '')
}
