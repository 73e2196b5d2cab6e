/**
 * One type of a reader against one of a writer, without what is below them: what is wrong with the two
 * themselves, and which other pairs it depends on.
 */

import type { Issue } from './issue.ts'
import {
  ambiguousField,
  enumSymbols,
  fieldMissing,
  fixedSize,
  nameMismatch,
  typeMismatch,
} from './issues.ts'
import { isPromoted, namesMatch, writerFieldsOf } from './match.ts'
import { type AvroType, isNamed, type NamedType, type RecordType, type Use } from './type.ts'
import { branchesFor } from './union-index.ts'

type Keys = readonly (string | number)[]

/** Another pair that this one depends on, and how to get there in each schema. */
export interface Link {
  readonly reader: Use
  readonly writer: Use
  readonly readerKeys: Keys
  readonly writerKeys: Keys
  readonly registryKeys: Keys
}

export interface Pair {
  /**
   * `all`: every pair it depends on has to fit, and nothing may be wrong itself. `any`: one of them.
   * `branches`: as `all`, but each one that does not fit is a branch that is missing.
   */
  readonly needs: 'all' | 'any' | 'branches'
  /** In the order of the reader's schema. */
  readonly parts: readonly (Issue | Link)[]
}

export const isLink = (part: Issue | Link): part is Link => 'readerKeys' in part

/** Nothing is wrong, and nothing depends on it. */
export const FITS: Pair = { needs: 'all', parts: [] }

/** Law: takes steps in proportion to fields, branches and symbols of the two. */
export function pairOf(reader: AvroType, writer: AvroType): Pair {
  if (writer.kind === 'union') {
    // Any branch may have been written: a reader has to read every one.
    const needs = reader.kind === 'union' ? 'branches' : 'all'
    const parts = writer.branches.map(
      (branch, i): Link => ({
        ...{ reader: { type: reader, site: branch.site }, writer: branch },
        ...{ readerKeys: [], writerKeys: [i], registryKeys: [i] },
      }),
    )
    return { needs, parts }
  }
  if (reader.kind === 'union') {
    // What cannot fit is not looked into: a topic of many events is a union of many records.
    const parts = branchesFor(reader, writer).map((i): Link => {
      const branch = reader.branches[i] as Use
      const link = { reader: branch, writer: { type: writer, site: branch.site } }
      return { ...link, readerKeys: [i], writerKeys: [], registryKeys: [] }
    })
    return { needs: 'any', parts }
  }
  if (reader.kind !== writer.kind) {
    return isPromoted(reader.kind, writer.kind) ? FITS : wrong(typeMismatch(reader, writer))
  }
  if (reader.kind === 'array' && writer.kind === 'array') {
    return { needs: 'all', parts: [link(reader.items, writer.items, 'items')] }
  }
  if (reader.kind === 'map' && writer.kind === 'map') {
    return { needs: 'all', parts: [link(reader.values, writer.values, 'values')] }
  }
  if (isNamed(reader) && isNamed(writer)) return named(reader, writer)
  return FITS
}

function named(reader: NamedType, writer: NamedType): Pair {
  const parts: (Issue | Link)[] = namesMatch(reader, writer) ? [] : [nameMismatch(reader, writer)]
  if (reader.kind === 'record' && writer.kind === 'record') parts.push(...fields(reader, writer))
  if (reader.kind === 'enum' && writer.kind === 'enum' && reader.default === null) {
    const missing = [...writer.symbols].filter((symbol) => !reader.symbols.has(symbol))
    if (missing.length > 0) parts.push(enumSymbols(reader, missing.sort()))
  }
  if (reader.kind === 'fixed' && writer.kind === 'fixed' && reader.size !== writer.size) {
    parts.push(fixedSize(reader, writer))
  }
  return { needs: 'all', parts }
}

function fields(reader: RecordType, writer: RecordType): (Issue | Link)[] {
  const parts: (Issue | Link)[] = []
  for (const field of reader.fields) {
    const [from, ...more] = writerFieldsOf(field, writer)
    if (from === undefined) {
      if (field.default === undefined) parts.push(fieldMissing(field, reader, writer))
    } else if (more.length > 0) {
      const names = [from, ...more].map((f) => f.name)
      parts.push(ambiguousField(field, writer, names))
    } else {
      parts.push({
        ...{ reader: field.use, writer: from.use },
        readerKeys: ['fields', field.index, 'type'],
        writerKeys: ['fields', from.index, 'type'],
        registryKeys: ['fields', field.index, 'type'],
      })
    }
  }
  return parts
}

function link(reader: Use, writer: Use, key: string): Link {
  return { reader, writer, readerKeys: [key], writerKeys: [key], registryKeys: [key] }
}

const wrong = (issue: Issue): Pair => ({ needs: 'all', parts: [issue] })
