/** What a client is measured with: nothing, one header, ours, or OpenTelemetry. */
import { createRequire } from 'node:module'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { Kafka, logLevel } from 'kafkajs'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import { PLAIN } from '../../src/hop/plan.ts'
import { promised } from './values.ts'

/**
 * `ours-unforwarded`: without the context that lets `eachMessage` forward ids. `ours-looking`: one message
 * in 64 is held against a JSON Schema.
 */
export type Variant = 'bare' | 'header' | 'ours' | 'ours-unforwarded' | 'ours-looking' | 'otel'

export const AUDIT_TOPIC = 'quipu.tallies'

/** A client as a service would make it. The flush is what the agent's timer would do. */
export function clientOf(
  variant: Variant,
  brokers: string[],
): { readonly kafka: Kafka; readonly flush: () => Promise<void> } {
  // OpenTelemetry sees modules that are loaded after it only: hence no import of kafkajs above.
  if (variant === 'otel') {
    new NodeTracerProvider({ sampler: new AlwaysOffSampler() }).register()
    registerInstrumentations({ instrumentations: [new KafkaJsInstrumentation()] })
  }
  const kafkajs = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs')
  const isPatched = '__wrapped' in kafkajs.Kafka.prototype.producer
  if (isPatched !== (variant === 'otel')) throw new Error(`${variant}: kafkajs is patched or not`)
  const silent: logLevel = kafkajs.logLevel.NOTHING
  const kafka = new kafkajs.Kafka({ brokers, logLevel: silent })
  if (!variant.startsWith('ours')) return { kafka, flush: () => Promise.resolve() }
  const onTrouble = (text: string): void => console.error(`trouble: ${text}`)
  const audit = { topic: AUDIT_TOPIC }
  const options = {
    ...{ service: 'bench', audit, timer: false, onTrouble },
    forwarding: variant !== 'ours-unforwarded',
    planOf: () => (variant === 'ours-looking' ? { ...PLAIN, shape: promised } : PLAIN),
  }
  return { kafka: audited(kafka, options), flush: flushAll }
}
