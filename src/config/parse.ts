/** The text of a `quipu.yaml` to a configuration, or to every mistake that it holds. Pure. */

import { dirname, resolve } from 'node:path'
import { AUDIT_TOPIC } from '../base/audit-topic.ts'
import { parseDuration } from '../base/duration.ts'
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import { THRESHOLDS_MAX } from '../hop/pipeline.ts'
import type { Promises } from '../objective/objective.ts'
import { DEFAULT_SEED } from '../sketch/sketch.ts'
import { alertingOf } from './alerting.ts'
import { burnRatesOf } from './burn-rates.ts'
import {
  type Cluster,
  type Config,
  type ConfigIssue,
  DEFAULT_CLUSTER,
  DEFAULT_LATENESS_MS,
  DEFAULT_WINDOW_MS,
  type KafkaConfig,
  type TlsFiles,
} from './config.ts'
import { FILE_BYTES_MAX, type Path, YamlFile } from './document.ts'
import { durationText } from './duration-text.ts'
import type { ClusterInput, KafkaInput } from './kafka-schema.ts'
import { promisesOf } from './objectives.ts'
import { type Complain, pipelineOf } from './pipelines.ts'
import { checkPlans } from './promises.ts'
import { checkShape, type FileInput, type ShapeIssue } from './schema.ts'
import { type SchemasContext, schemasOf } from './schemas-section.ts'
import { expectsAt, keysAt } from './shape-at.ts'
import { checkShapePlans } from './shape-plan.ts'

export type ParseResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] }

/** Keys of the design that this version does not know. Better an error than a promise not kept. */
const NOT_YET = new Set(['multiplicity'])

export interface ParsedFile {
  readonly result: ParseResult
  /** Where things are; null: the text is no YAML that could be read. */
  readonly yaml: YamlFile | null
}

/** @param file its path: relative paths in it start there, and errors name it */
export function parseConfig(source: string, file: string, env: Environment): ParseResult {
  return parseFile(source, file, env).result
}

/** @param unset whether variables that are not set are mistakes, or stay in the texts as they are */
export function parseFile(
  source: string,
  file: string,
  env: Environment,
  unset: 'refused' | 'left' = 'refused',
): ParsedFile {
  if (Buffer.byteLength(source) > FILE_BYTES_MAX) {
    return { result: failed([whole(`expected at most ${FILE_BYTES_MAX} bytes`)]), yaml: null }
  }
  try {
    const yaml = new YamlFile(source, env, unset)
    return { result: resultOf(yaml, file), yaml }
  } catch (error) {
    // The parser descends once per bracket: a stack overflow is the only thing it throws.
    const deep = error instanceof RangeError
    return { result: failed([whole(deep ? 'nested too deeply' : messageOf(error))]), yaml: null }
  }
}

function resultOf(yaml: YamlFile, file: string): ParseResult {
  if (yaml.data === undefined) return failed(yaml.issues)
  const issues = [...yaml.issues]
  const shape = checkShape(yaml.data)
  if (!shape.ok) {
    // Where a variable is not set, what the place should hold is not the news.
    const known = new Set([...issues, ...(yaml.unset ?? [])].map(placeOf))
    const found = shape.issues.flatMap((issue) => shapeIssues(yaml, issue))
    return failed([...issues, ...found.filter((issue) => !known.has(placeOf(issue)))])
  }
  const complain: Complain = (path, message) => issues.push(yaml.issueAt(path, message))
  const keyAt: SchemasContext['keyAt'] = (path, key) => {
    const { line, column } = yaml.issueAtKey(path, key, '')
    return { line, column }
  }
  const config = configOf(shape.input, file, complain, keyAt)
  return issues.length === 0 ? { ok: true, config } : failed(issues)
}

const whole = (message: string): ConfigIssue => ({ line: 1, column: 1, message })

const placeOf = ({ line, column }: Pick<ConfigIssue, 'line' | 'column'>): string =>
  `${line}:${column}`

function failed(issues: readonly ConfigIssue[]): ParseResult {
  const sorted = [...issues].sort((a, b) => a.line - b.line || a.column - b.column)
  const texts = new Set<string>()
  const once = sorted.filter(({ line, column, message }) => {
    const text = `${line}:${column} ${message}`
    return texts.has(text) ? false : texts.add(text)
  })
  return { ok: false, issues: once }
}

function shapeIssues(yaml: YamlFile, issue: ShapeIssue): ConfigIssue[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => yaml.issueAtKey(path, key, unknownKey(path, key)))
  }
  if (issue.code === 'invalid_key') {
    const key = String(path.at(-1))
    const parent = path.slice(0, -1)
    return [
      yaml.issueAtKey(parent, key, `\`${key}\`: expected letters, digits, \`.\`, \`_\`, \`-\``),
    ]
  }
  const came = yaml.describe(path)
  const where = wordsOf(path)
  if (issue.code === 'custom') {
    const message = issue.message === 'Invalid input' ? expected(path) : issue.message
    return [yaml.issueAt(path, `${where}: ${message}, got ${came}`)]
  }
  if (came === 'nothing') {
    return [yaml.issueAt(path, `${where} is missing: ${expected(path)}`)]
  }
  const words = (issue.values ?? []).filter((word) => typeof word === 'string')
  const near = suggestion(came.replaceAll('`', ''), words)
  return [yaml.issueAt(path, `${where}: ${expected(path)}, got ${came}${near}`)]
}

const expected = (path: Path): string => `expected ${expectsAt(path) ?? 'something else'}`

function unknownKey(path: Path, key: string): string {
  const known = keysAt(path)
  const supported = `supported here: ${known.map((k) => `\`${k}\``).join(', ')}`
  if (NOT_YET.has(key)) return `\`${key}\` is not supported yet; ${supported}`
  const near = suggestion(key, known)
  return `unknown key \`${key}\`${near === '' ? `; ${supported}` : near}`
}

/** `pipelines.flights.edges[0].from` */
function wordsOf(path: Path): string {
  if (path.length === 0) return 'the file'
  let out = ''
  for (const step of path) {
    out += typeof step === 'number' ? `[${step}]` : `${out === '' ? '' : '.'}${String(step)}`
  }
  return `\`${out}\``
}

function configOf(
  input: FileInput,
  file: string,
  complain: Complain,
  keyAt: SchemasContext['keyAt'],
): Config {
  const named = Object.entries(input.pipelines ?? {})
  const windowMs = parseDuration(input.window ?? '') ?? DEFAULT_WINDOW_MS
  const burnRates = burnRatesOf(input.alerting?.burnRate, complain)
  const context = { windowMs, timeZone: input.timezone ?? 'UTC', burnRates, keyAt, complain }
  const promises = named.map(([name, pipeline]) => promisesOf(name, pipeline, context))
  const params = {
    windowMs,
    latenessMs: parseDuration(input.lateness ?? '') ?? DEFAULT_LATENESS_MS,
    seed: input.seed ?? DEFAULT_SEED,
    thresholdsMs: withPromised(thresholdsOf(input.thresholds ?? [], complain), promises, complain),
  }
  const kafka = input.kafka === undefined ? null : kafkaOf(input.kafka, file, complain)
  if (input.pipelines !== undefined && named.length === 0)
    complain(['pipelines'], '`pipelines`: expected one pipeline or more')
  const schemas =
    input.schemas === undefined ? null : schemasOf(input.schemas, { file, keyAt, complain })
  const around = { file, kafka, registry: schemas?.registryPlace ?? null }
  const pipelines = named.flatMap(
    ([name, pipeline]) => pipelineOf(name, pipeline, params, around, complain) ?? [],
  )
  checkPlans(pipelines, complain)
  checkShapePlans(pipelines, complain)
  const alerting = alertingOf(input.alerting, complain)
  const said = { ...params, pipelines, promises, alerting }
  return { file, kafka, ...said, ...(schemas === null ? {} : { schemas }) }
}

/** Ascending. */
function thresholdsOf(texts: readonly string[], complain: Complain): number[] {
  const ms = texts.map((text) => parseDuration(text) as number)
  for (const [i, one] of ms.entries()) {
    if (ms.indexOf(one) < i) complain(['thresholds', i], `\`${texts[i]}\` is there twice`)
  }
  return [...new Set(ms)].sort((a, b) => a - b)
}

/** Only what agents count exactly can be judged exactly, so they count what is promised. */
function withPromised(
  declared: readonly number[],
  promises: readonly Promises[],
  complain: Complain,
): number[] {
  const all = new Set(declared)
  for (const { pipeline, objectives } of promises) {
    for (const { id, indicator, thresholdMs } of objectives) {
      if (indicator !== 'timeliness' || thresholdMs === null || all.has(thresholdMs)) continue
      all.add(thresholdMs)
      if (all.size !== THRESHOLDS_MAX + 1) continue
      const listed = [...all].map((ms) => `\`${durationText(ms)}\``).join(', ')
      complain(
        ['pipelines', pipeline, 'objectives', id, 'threshold'],
        `latencies are counted up to at most ${THRESHOLDS_MAX} thresholds, those of \`thresholds\` ` +
          `and of all objectives together; with this one they are ${listed}`,
      )
    }
  }
  return [...all].sort((a, b) => a - b)
}

function kafkaOf(input: KafkaInput, file: string, complain: Complain): KafkaConfig {
  const { clusters, audit = {}, ...single } = input
  const all: [string, Cluster][] = []
  if (clusters !== undefined) {
    for (const key of Object.keys(single)) {
      complain(['kafka', key], `\`${key}\` beside \`clusters\`: move it into one of the clusters`)
    }
    for (const [name, { brokers, ...rest }] of Object.entries(clusters)) {
      all.push([name, clusterOf(brokers, rest, file)])
    }
    if (all.length === 0) complain(['kafka', 'clusters'], '`clusters`: expected one or more')
  } else if (single.brokers === undefined) {
    complain(['kafka'], '`kafka`: expected `brokers`, or `clusters`')
  } else all.push([DEFAULT_CLUSTER, clusterOf(single.brokers, single, file)])
  const names = all.map(([name]) => name)
  const cluster = audit.cluster ?? names[0] ?? DEFAULT_CLUSTER
  if (audit.cluster !== undefined && !names.includes(cluster)) {
    const near = suggestion(cluster, names)
    complain(['kafka', 'audit', 'cluster'], `the cluster \`${cluster}\` is not declared${near}`)
  }
  return {
    clusters: Object.fromEntries(all),
    audit: { cluster, topic: audit.topic ?? AUDIT_TOPIC },
  }
}

function clusterOf(
  brokers: readonly string[],
  { ssl = false, sasl }: Pick<ClusterInput, 'ssl' | 'sasl'>,
  file: string,
): Cluster {
  return { brokers: brokersOf(brokers), ssl: tlsOf(ssl, file), sasl: sasl ?? null }
}

/** An environment variable often holds several, with commas. */
export function brokersOf(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((b) => b.trim())
    .filter((b) => b !== '')
}

function tlsOf(ssl: NonNullable<ClusterInput['ssl']>, file: string): boolean | TlsFiles {
  if (typeof ssl === 'boolean') return ssl
  const paths = Object.entries(ssl).filter((e): e is [string, string] => e[1] !== undefined)
  return Object.fromEntries(paths.map(([key, path]) => [key, resolve(dirname(file), path)]))
}
