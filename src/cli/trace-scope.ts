/** Which pipelines and clusters a trace goes through: of the store, of the pipeline file, or of flags. */
import { QuipuError } from '../base/errors.ts'
import {
  type Cluster,
  type Config,
  DEFAULT_CLUSTER,
  DEFAULT_LATENESS_MS,
  DEFAULT_WINDOW_MS,
} from '../config/config.ts'
import { findConfig } from '../config/find.ts'
import { pipelineOfFlags } from '../config/flags.ts'
import { loadConfig } from '../config/load.ts'
import { brokersOf } from '../config/parse.ts'
import type { HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { IdentitySpec } from '../message/identity.ts'
import { DEFAULT_SEED } from '../sketch/sketch.ts'
import { unknown } from './store-reader.ts'

export interface ScopeFlags {
  readonly config?: string
  readonly brokers?: readonly string[]
  readonly topics?: readonly string[]
  readonly groups?: readonly string[]
  readonly pipeline?: string
  readonly identity?: IdentitySpec
}

export interface Scope {
  readonly pipelines: readonly Pipeline[]
  readonly clusters: Readonly<Record<string, Cluster>>
}

/**
 * `--topics` stand for a pipeline of their own. Else it is what was audited, else what the file declares:
 * a verdict is about what was audited.
 *
 * @throws QuipuError CONFIG, NOT_FOUND
 */
export function scopeOf(flags: ScopeFlags, audited: readonly Pipeline[]): Scope {
  const found = findConfig(flags.config, process.env, process.cwd())
  const config = found === null ? null : loadConfig(found, process.env, process.cwd())
  return { pipelines: pipelinesOf(flags, audited, config), clusters: clustersOf(flags, config) }
}

function pipelinesOf(
  { topics, groups = [], pipeline, identity }: ScopeFlags,
  audited: readonly Pipeline[],
  config: Config | null,
): readonly Pipeline[] {
  if (topics !== undefined) {
    const params = { windowMs: DEFAULT_WINDOW_MS, latenessMs: DEFAULT_LATENESS_MS }
    const made = pipelineOfFlags({
      ...{ topics, groups, services: [], seed: DEFAULT_SEED, thresholdsMs: [], ...params },
    })
    // Where it was audited under the same name, verdicts are about windows of that size.
    const known = audited.find(({ name }) => name === made.name)
    return [withIdentity(known ?? made, identity)]
  }
  const all = audited.length > 0 ? audited : (config?.pipelines ?? [])
  if (pipeline === undefined) return all
  const one = all.find(({ name }) => name === pipeline)
  if (one !== undefined) return [one]
  const names = all.map(({ name }) => name)
  throw unknown('pipeline', pipeline, names)
}

function withIdentity(pipeline: Pipeline, identity: IdentitySpec | undefined): Pipeline {
  if (identity === undefined) return pipeline
  const time = { by: 'timestamp' } as const
  const hops: readonly HopDeclaration[] = pipeline.hops.map((hop) =>
    hop.hop.role === 'topic' ? { ...hop, identity: { identity, time } } : hop,
  )
  return { ...pipeline, hops }
}

function clustersOf(
  { brokers }: ScopeFlags,
  config: Config | null,
): Readonly<Record<string, Cluster>> {
  const declared = config?.kafka?.clusters ?? {}
  if (brokers === undefined) return declared
  const addresses = brokersOf(brokers)
  if (addresses.length === 0) throw new QuipuError('CONFIG', '--brokers: expected HOST:PORT')
  const [first, ...others] = Object.keys(declared)
  if (others.length > 0)
    throw new QuipuError('CONFIG', '--brokers: the pipeline file has several clusters', {
      hint: 'Leave --brokers out, or correct the addresses in the file.',
    })
  const known = first === undefined ? { ssl: false, sasl: null } : declared[first]
  return { [first ?? DEFAULT_CLUSTER]: { ssl: false, sasl: null, ...known, brokers: addresses } }
}
