/**
 * OpenTelemetry's SDK, started only where `OTEL_*` asks for it. It pushes what the snapshots say, and a
 * span for what was judged together.
 *
 * Law: whatever becomes of it, the audit goes on; what goes wrong is told.
 */
import type { Tracer } from '@opentelemetry/api'
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import { registerInstruments } from '../telemetry/instruments.ts'
import type { Snapshot } from '../telemetry/snapshot.ts'
import { versionOf } from './version.ts'

export interface Otel {
  /** For spans; null: nobody asks for them. */
  readonly tracer: Tracer | null
  /** Pushes what there is, within `CLOSE_MS`. */
  close(): Promise<void>
}

/** ms: a collector that does not answer keeps nobody longer. */
const CLOSE_MS = 2_000
/** Troubles told, and how much of each. */
const TOLD_MAX = 20
const TEXT_CHARS_MAX = 300
const SCOPE = 'quipu-auditor'

const signals = ['METRICS', 'TRACES'] as const
type Signal = (typeof signals)[number]

/** As the variables of OpenTelemetry are read: empty is as good as not set. */
export function wantedOfOtel(env: Environment): readonly Signal[] {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return []
  const said = (name: string): string => env[name]?.trim() ?? ''
  return signals.filter((signal) => {
    const exporter = said(`OTEL_${signal}_EXPORTER`)
    if (exporter !== '') return exporter !== 'none'
    return ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`].some(
      (name) => said(name) !== '',
    )
  })
}

/** Null where it cannot be started. @param read the newest snapshot; null: none yet */
export async function startOtel(
  wanted: readonly Signal[],
  read: () => Snapshot | null,
  onTrouble: (text: string) => void,
): Promise<Otel | null> {
  try {
    const { api, NodeSDK, resources } = await import('@opentelemetry/sdk-node')
    const trouble = once((text) => onTrouble(`OpenTelemetry: ${text}`))
    const quiet = (): void => {}
    api.diag.setLogger(
      { error: trouble, warn: trouble, info: quiet, debug: quiet, verbose: quiet },
      { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
    )
    const sdk = new NodeSDK({
      resource: resources.resourceFromAttributes({
        'service.name': SCOPE,
        'service.version': versionOf(),
      }),
      // Neither host nor command line goes out unless somebody says so in OTEL_RESOURCE_ATTRIBUTES.
      resourceDetectors: [resources.envDetector],
      // What is asked for, and nothing that follows each call of this process.
      ...{ logRecordProcessors: [], instrumentations: [], textMapPropagator: null },
      ...(wanted.includes('METRICS') ? {} : { metricReaders: [] }),
      ...(wanted.includes('TRACES') ? {} : { spanProcessors: [] }),
    })
    sdk.start()
    const end = registerInstruments(api.metrics.getMeter(SCOPE, versionOf()), read)
    return {
      tracer: wanted.includes('TRACES') ? api.trace.getTracer(SCOPE, versionOf()) : null,
      close: async () => {
        await within(sdk.shutdown(), CLOSE_MS).catch((error: unknown) => trouble(messageOf(error)))
        end()
      },
    }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException | null)?.code === 'ERR_MODULE_NOT_FOUND'
    onTrouble(
      isMissing
        ? 'OTEL_* asks for metrics or spans, but @opentelemetry/sdk-node is not installed; run: npm install @opentelemetry/sdk-node'
        : `OpenTelemetry cannot be started: ${messageOf(error)}`,
    )
    return null
  }
}

/** A collector that is down is down at every push: each trouble is told once. */
function once(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>()
  return (said) => {
    const text = visible(said.slice(0, TEXT_CHARS_MAX))
    const kind = text.replace(/\d+/g, '#')
    if (told.has(kind) || told.size >= TOLD_MAX) return
    told.add(kind)
    tell(text)
  }
}

function within(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the last push took more than ${ms} ms`)), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
