/**
 * Everything that keeps one schema from reading what another one wrote, in the order of the reader's.
 *
 * A pair of named types, unions or containers is reported once, at the first place where it is met.
 * Below a union only the branch that is missing is reported: which of the reader's branches was meant,
 * nobody knows.
 */
import type { Difference } from '../engine.ts'
import { Consequences } from './consequences.ts'
import type { Issue } from './issue.ts'
import { missingBranch } from './issues.ts'
import { DIFFERENCES_MAX, STEPS_MAX } from './limits.ts'
import { namesMatch } from './match.ts'
import { isPlain } from './name.ts'
import { isLink, type Link } from './pair.ts'
import { join, pointer, type Trail } from './trail.ts'
import { type AvroSchema, type AvroType, isNamed } from './type.ts'
import { Verdicts } from './verdicts.ts'

interface Step {
  readonly reader: AvroType
  readonly writer: AvroType
  readonly trails: Trails
}

interface Trails {
  readonly reader: Trail | null
  readonly writer: Trail | null
  readonly registry: Trail | null
}

/** All below a pair is done. */
interface Left {
  readonly left: number
}

const START: Trails = { reader: null, writer: null, registry: null }

export function compareAvro(reader: AvroSchema, writer: AvroSchema): readonly Difference[] {
  const [root, other] = [reader.root.type, writer.root.type]
  const verdicts = new Verdicts(root, other, writer.types.length, STEPS_MAX)
  if (!verdicts.isComplete) return [TOO_COMPLEX]
  const consequences = new Consequences(verdicts, writer.types.length)
  const differences: Difference[] = []
  const seen = new Set<number>()
  // What is left to do, the next one last: parts of a pair keep their order.
  const list: (Step | Difference | Left)[] = [{ reader: root, writer: other, trails: START }]
  for (let next = list.pop(); next !== undefined; next = list.pop()) {
    if (differences.length >= DIFFERENCES_MAX) break
    if ('rule' in next) {
      differences.push(next)
      continue
    }
    if ('left' in next) {
      consequences.around.delete(next.left)
      continue
    }
    const key = verdicts.key(next.reader, next.writer)
    if (verdicts.fits(next.reader, next.writer) || seen.has(key)) continue
    // Of plain types there is one in a schema, for all places.
    if (!isPlain(next.reader.kind) && !isPlain(next.writer.kind)) seen.add(key)
    const pair = verdicts.pair(next.reader, next.writer)
    if (pair.needs === 'any') {
      if (consequences.isOne(next.reader, next.writer)) continue
      list.push(differenceOf(branchIssue(next.writer, next.reader, verdicts, null), next.trails))
      continue
    }
    consequences.around.add(key)
    list.push({ left: key })
    for (const part of [...pair.parts].reverse()) {
      if (!isLink(part)) list.push(differenceOf(part, next.trails))
      else if (pair.needs === 'all') list.push(below(next.trails, part))
      else if (!verdicts.fits(part.reader.type, part.writer.type)) {
        if (consequences.isOne(part.reader.type, part.writer.type)) continue
        const index = part.writerKeys[0] as number
        const issue = branchIssue(part.writer.type, part.reader.type, verdicts, index)
        list.push(differenceOf(issue, next.trails))
      }
    }
  }
  return differences
}

function below(trails: Trails, link: Link): Step {
  return {
    reader: link.reader.type,
    writer: link.writer.type,
    trails: {
      reader: join(trails.reader, link.readerKeys),
      writer: join(trails.writer, link.writerKeys),
      registry: join(trails.registry, link.registryKeys),
    },
  }
}

/** @param index of the branch in the writer's union; null: the writer has no union */
function branchIssue(
  writer: AvroType,
  reader: AvroType,
  verdicts: Verdicts,
  index: number | null,
): Issue {
  const issue = missingBranch(writer, index ?? 0, reasonOf(writer, reader, verdicts))
  return index === null ? { ...issue, writer: [], registry: [] } : issue
}

/** The first thing that is wrong with the reader's branch of the same name or kind. */
function reasonOf(writer: AvroType, reader: AvroType, verdicts: Verdicts): string | null {
  if (reader.kind !== 'union') return null
  for (const { type } of reader.branches) {
    if (type.kind !== writer.kind) continue
    if (isNamed(type) && isNamed(writer) && !namesMatch(type, writer)) continue
    const issue = verdicts.pair(type, writer).parts.find((part) => !isLink(part))
    if (issue !== undefined && !isLink(issue)) return issue.message
  }
  return null
}

function differenceOf(issue: Issue, trails: Trails): Difference {
  const { rule, message, args } = issue
  return {
    rule,
    readerPath: issue.reader === null ? null : pointer(join(trails.reader, issue.reader)),
    writerPath: issue.writer === null ? null : pointer(join(trails.writer, issue.writer)),
    // Where the registry's own message says it is.
    args: { ...args, registryPath: pointer(join(trails.registry, issue.registry)) || '/' },
    message,
  }
}

const TOO_COMPLEX: Difference = {
  rule: 'AVRO_TOO_COMPLEX',
  readerPath: '',
  writerPath: '',
  args: {},
  message: 'The schemas hold more pairs of types than are compared, so nothing is proven of them.',
}
