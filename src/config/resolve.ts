/** The configuration of one command: flags above the file, the file above the defaults. */

import { AUDIT_TOPIC } from '../base/audit-topic.ts'
import { parseDuration } from '../base/duration.ts'
import type { Environment } from '../base/environment.ts'
import { QuipuError } from '../base/errors.ts'
import { DEFAULT_SEED } from '../sketch/sketch.ts'
import {
  type Config,
  DEFAULT_CLUSTER,
  DEFAULT_LATENESS_MS,
  DEFAULT_WINDOW_MS,
  type KafkaConfig,
  latenessProblem,
  windowProblem,
} from './config.ts'
import { findConfig } from './find.ts'
import { pipelineOfFlags } from './flags.ts'
import { loadConfig } from './load.ts'
import { nothingPromised } from './objectives.ts'
import { brokersOf } from './parse.ts'

export interface ConfigFlags {
  readonly config?: string
  readonly brokers?: readonly string[]
  readonly topics?: readonly string[]
  readonly groups?: readonly string[]
  readonly services?: readonly string[]
  readonly window?: string
  readonly lateness?: string
  readonly auditTopic?: string
}

/** @throws QuipuError CONFIG: the file's mistakes, a flag that will not do, or nothing to audit */
export function resolveConfig(flags: ConfigFlags, env: Environment, cwd: string): Config {
  const config = flags.topics === undefined ? fromFile(flags, env, cwd) : fromFlags(flags)
  return { ...config, kafka: kafkaOf(config.kafka, flags) }
}

function fromFile(flags: ConfigFlags, env: Environment, cwd: string): Config {
  const { groups, services } = flags
  if (groups !== undefined || services !== undefined) {
    const flag = groups === undefined ? '--services' : '--groups'
    throw new QuipuError('CONFIG', `${flag} needs --topics`, {
      hint: 'Name the topics in the order in which messages travel: --topics a,b --groups g:a',
    })
  }
  const found = findConfig(flags.config, env, cwd)
  if (found === null) {
    throw new QuipuError('CONFIG', 'nothing to audit: no --topics, and no quipu.yaml here', {
      hint: 'Name topics and groups (--topics a,b --groups g:a), or a file (--config FILE).',
    })
  }
  const config = loadConfig(found, env, cwd)
  if (config.pipelines.length === 0) {
    throw new QuipuError('CONFIG', `nothing to audit: ${found.path} declares no pipelines`, {
      hint: 'Declare them in the file, or name topics and groups (--topics a,b --groups g:a).',
    })
  }
  // A window of its own would be compared with tallies of the file's window, and nothing would match.
  for (const [flag, value] of [
    ['--window', flags.window],
    ['--lateness', flags.lateness],
  ] as const) {
    if (value === undefined) continue
    throw new QuipuError(
      'CONFIG',
      `${flag} goes with --topics; with a file it is set in the file`,
      {
        hint: `Set \`${flag.slice(2)}:\` in ${found.path}, where the agents read it too.`,
      },
    )
  }
  return config
}

function fromFlags(flags: ConfigFlags): Config {
  if (flags.config !== undefined) {
    throw new QuipuError('CONFIG', '--config and --topics exclude each other', {
      hint: 'Declare the topics in the file, or leave --config out.',
    })
  }
  const params = {
    windowMs: duration('--window', flags.window, DEFAULT_WINDOW_MS, windowProblem),
    latenessMs: duration('--lateness', flags.lateness, DEFAULT_LATENESS_MS, latenessProblem),
    seed: DEFAULT_SEED,
    thresholdsMs: [],
  }
  const { topics = [], groups = [], services = [] } = flags
  const pipeline = pipelineOfFlags({ topics, groups, services, ...params })
  const promises = [nothingPromised(pipeline.name)]
  return { file: null, kafka: null, ...params, pipelines: [pipeline], promises }
}

function kafkaOf(declared: KafkaConfig | null, flags: ConfigFlags): KafkaConfig | null {
  const brokers = flags.brokers === undefined ? null : brokersOf(flags.brokers)
  if (brokers?.length === 0) throw new QuipuError('CONFIG', '--brokers: expected HOST:PORT')
  const topic = flags.auditTopic ?? declared?.audit.topic ?? AUDIT_TOPIC
  if (declared === null) {
    if (brokers === null) return null
    return {
      clusters: { [DEFAULT_CLUSTER]: { brokers, ssl: false, sasl: null } },
      audit: { cluster: DEFAULT_CLUSTER, topic },
    }
  }
  const { clusters, audit } = declared
  if (brokers === null) return { clusters, audit: { ...audit, topic } }
  const names = Object.keys(clusters)
  if (names.length > 1) {
    throw new QuipuError(
      'CONFIG',
      `--brokers: the file declares several clusters: ${names.join(', ')}`,
      {
        hint: 'Set the brokers of each cluster in the file; environment variables work there.',
      },
    )
  }
  const replaced = Object.entries(clusters).map(([name, cluster]) => [
    name,
    { ...cluster, brokers },
  ])
  return { clusters: Object.fromEntries(replaced), audit: { ...audit, topic } }
}

function duration(
  flag: string,
  text: string | undefined,
  fallback: number,
  problem: (ms: number | null) => string | null,
): number {
  if (text === undefined) return fallback
  const ms = parseDuration(text)
  const message = problem(ms)
  if (message !== null) throw new QuipuError('CONFIG', `${flag}: ${message}, got \`${text}\``)
  return ms as number
}
