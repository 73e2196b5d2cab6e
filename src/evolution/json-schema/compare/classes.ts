/** Two schemas by their classes: what fits whatever is in it, what cannot fit, and who looks further. */
import { get, isObject } from '../json.ts'
import { type CombinedNode, type Solid, solid } from '../model.ts'
import { compareArrays } from './arrays.ts'
import { compareCombined } from './combined.ts'
import { compareConditionals } from './conditionals.ts'
import { compareNumbers } from './numbers.ts'
import { compareObjects } from './objects.ts'
import type { PairResult } from './result.ts'
import type { Scope } from './scope.ts'
import { compareStrings } from './strings.ts'
import { compareValues } from './values.ts'

export function compareClasses(scope: Scope, writer: Solid, reader: Solid): void {
  const branch = fittingBranch(scope, writer, reader)
  if (branch !== null) scope.add(branch, '')
  else if (!fitsAnyway(writer, reader) && !compareAlike(scope, writer, reader)) {
    scope.change('TYPE_CHANGED', '', { writer: nameOf(writer), reader: nameOf(reader) })
  }
}

function fitsAnyway(writer: Solid, reader: Solid): boolean {
  if (writer.kind === 'false' || reader.kind === 'true') return true
  return writer.kind !== reader.kind && isConnectBytes(writer) && isConnectBytes(reader)
}

/** Of one class, whose keywords can be compared. false: of two. */
function compareAlike(scope: Scope, writer: Solid, reader: Solid): boolean {
  if (isValues(writer) && isValues(reader)) compareValues(scope, writer, reader)
  else if (writer.kind === 'string' && reader.kind === 'string') {
    compareStrings(scope, writer, reader)
  } else if (writer.kind === 'number' && reader.kind === 'number') {
    compareNumbers(scope, writer, reader)
  } else if (writer.kind === 'object' && reader.kind === 'object') {
    compareObjects(scope, writer, reader)
  } else if (writer.kind === 'array' && reader.kind === 'array') {
    compareArrays(scope, writer, reader)
  } else if (writer.kind === 'combined' && reader.kind === 'combined') {
    compareCombined(scope, writer, reader)
  } else if (writer.kind === 'conditional' && reader.kind === 'conditional') {
    compareConditionals(scope, writer, reader)
  } else if (writer.kind === 'not' && reader.kind === 'not') {
    // What is forbidden: no more than the writer keeps from.
    if (!scope.attempt(reader.not, writer.not).compatible) {
      scope.change('NOT_TYPE_EXTENDED', 'not', {})
    }
  } else if (writer.kind === 'meta' && reader.kind === 'meta') return writer.uri === reader.uri
  else return writer.kind === reader.kind
  return true
}

/**
 * Of a union on one side only, one branch is enough: any of the reader's that fits, or, where all of
 * the writer's hold at once, any of the writer's. null: there is none, or both sides are unions.
 */
function fittingBranch(scope: Scope, writer: Solid, reader: Solid): PairResult | null {
  if (writer.kind !== 'combined' && reader.kind === 'combined') {
    if (reader.parts.length !== 1 && reader.criterion === 'all') return null
    return firstFit(reader, (part) => scope.attempt(writer, part))
  }
  if (writer.kind === 'combined' && reader.kind !== 'combined') {
    if (writer.parts.length !== 1 && writer.criterion !== 'all') return null
    return firstFit(writer, (part) => scope.attempt(part, reader))
  }
  return null
}

function firstFit(of: CombinedNode, compare: (part: Solid) => PairResult): PairResult | null {
  for (const part of of.parts) {
    const result = compare(solid(part))
    if (result.compatible) return result
  }
  return null
}

function isValues(node: Solid): node is Extract<Solid, { kind: 'enum' | 'const' }> {
  return node.kind === 'enum' || node.kind === 'const'
}

/** Kafka Connect writes decimals as text or as numbers, and says so beside the type. */
function isConnectBytes({ raw }: Solid): boolean {
  return isObject(raw) && get(raw, 'connect.type') === 'bytes'
}

/** As people call it. */
function nameOf(node: Solid): string {
  switch (node.kind) {
    case 'combined': {
      // Of keywords side by side, or a list of types, the names say more.
      const parts = node.parts.filter((part) => part.raw === node.raw)
      if (parts.length === 0 || parts.length < node.parts.length) return `${node.criterion}Of`
      // A reference may lead back to here.
      const names = parts.map((part) => (part.kind === 'reference' ? '$ref' : nameOf(part)))
      return names.join(node.criterion === 'all' ? ' and ' : ' or ')
    }
    case 'number':
      return node.isInteger ? 'integer' : 'number'
    case 'true':
      return 'anything'
    case 'false':
      return 'nothing'
    case 'conditional':
      return 'if/then/else'
    case 'meta':
      return node.uri
    default:
      return node.kind
  }
}
