/** The topic to learn from, and the registry beside it, by the flags and the pipeline file. */
import { QuipuError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import type { Cluster, Config } from '../../config/config.ts'
import { findConfig } from '../../config/find.ts'
import { loadConfig } from '../../config/load.ts'
import { brokersOf } from '../../config/parse.ts'
import type { SchemaBook } from '../../drift/schemas/book.ts'
import { SchemaBooks } from '../../drift/schemas/books.ts'
import type { Framing } from '../../drift/shape.ts'
import { connectionOf } from '../connection.ts'
import { talk } from '../io.ts'
import type { LearnFlags } from './learn-flags.ts'
import { MessageReader } from './learn-read.ts'
import { TopicSource } from './learn-topic.ts'

export async function openTopic(
  flags: LearnFlags,
  topic: string,
): Promise<{ source: TopicSource; reader: MessageReader; end: () => void }> {
  const found = findConfig(flags.config, process.env, process.cwd())
  const config = found === null ? null : loadConfig(found, process.env, process.cwd())
  const [name, cluster] = clusterOf(config, flags)
  const { Kafka, logLevel } = await import('kafkajs').catch((cause: unknown) => {
    throw new QuipuError('MISSING_PART', 'kafkajs is not installed', {
      hint: 'run: npm install kafkajs',
      cause,
    })
  })
  const kafka = new Kafka({
    ...{ clientId: 'quipu-learn', logLevel: logLevel.NOTHING },
    ...connectionOf(cluster),
  })
  const book = bookOf(config)
  const { brokers } = cluster
  return {
    source: new TopicSource({ kafka, brokers, topic, since: flags.since ?? null, max: flags.max }),
    reader: new MessageReader(framingOf(config, name, topic), book),
    end: () => book?.close(),
  }
}

function clusterOf(config: Config | null, flags: LearnFlags): readonly [string, Cluster] {
  const clusters = Object.entries(config?.kafka?.clusters ?? {})
  const { cluster, brokers } = flags
  if (cluster !== undefined) {
    const named = clusters.find(([name]) => name === cluster)
    if (named !== undefined) return named
    const known = clusters.map(([name]) => name)
    const said = `no cluster \`${cluster}\` is declared${suggestion(cluster, known)}`
    throw new QuipuError('CONFIG', said, {
      hint:
        known.length === 0
          ? 'Leave it out and use --brokers, or name the pipeline file: --config.'
          : `The pipeline file declares ${known.join(', ')}.`,
    })
  }
  const [first, ...others] = clusters
  if (brokers !== undefined) {
    const addresses = brokersOf(brokers)
    if (addresses.length === 0) throw new QuipuError('CONFIG', '--brokers: expected HOST:PORT')
    const [name, declared] = first ?? ['default', { ssl: false, sasl: null }]
    return [name, { ...declared, brokers: addresses }]
  }
  if (first === undefined) {
    throw new QuipuError('CONFIG', 'no Kafka brokers are named', {
      hint: 'use --brokers HOST:PORT or `kafka: { brokers: [...] }` in quipu.yaml',
    })
  }
  if (others.length === 0) return first
  throw new QuipuError('CONFIG', 'the file declares several clusters', {
    hint: `Name one: --cluster ${first[0]}`,
  })
}

/** Null: the file names none. */
function bookOf(config: Config | null): SchemaBook | null {
  const place = config?.schemas?.registryPlace ?? null
  if (place === null) return null
  const onTrouble = (text: string): void => talk(`quipu: ${text}`)
  return new SchemaBooks({ env: process.env, clock: Date.now, onTrouble }).at(place)
}

/** What the file says of this topic; null: nothing. */
function framingOf(config: Config | null, cluster: string, topic: string): Framing | null {
  const hops = config?.pipelines.flatMap((pipeline) => pipeline.hops) ?? []
  const declared = hops.find(
    ({ hop }) => hop.role === 'topic' && hop.cluster === cluster && hop.topic === topic,
  )
  return declared?.shape?.framing ?? null
}
