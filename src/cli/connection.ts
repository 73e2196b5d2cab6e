/** How kafkajs is told to reach a cluster of the pipeline file. Secrets go no further than here. */
import { readFileSync } from 'node:fs'
import type { KafkaConfig as ClientConfig, SASLOptions } from 'kafkajs'
import { QuipuError } from '../base/errors.ts'
import type { Cluster } from '../config/config.ts'

export function connectionOf({
  brokers,
  ssl,
  sasl,
}: Cluster): Pick<ClientConfig, 'brokers' | 'ssl' | 'sasl' | 'retry' | 'connectionTimeout'> {
  return {
    brokers: [...brokers],
    connectionTimeout: 3_000,
    ...(ssl === false ? {} : { ssl: ssl === true ? true : pemFiles(ssl) }),
    ...(sasl === null ? {} : { sasl: { ...sasl } as SASLOptions }),
  }
}

function pemFiles(files: Exclude<Cluster['ssl'], boolean>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = files[name]
    if (path === undefined) continue
    try {
      out[name] = readFileSync(path, 'utf8')
    } catch (cause) {
      throw new QuipuError('CONFIG', `cannot read the ${name} file of kafka.ssl: ${path}`, {
        hint: 'expected the path of a PEM file that this user may read',
        cause,
      })
    }
  }
  return out
}
