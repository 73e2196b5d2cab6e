/**
 * OpenTelemetry's SDK, started only where `OTEL_*` asks for it. It pushes what the snapshots say.
 *
 * Law: whatever becomes of it, the audit goes on; what goes wrong is told.
 */
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import { registerInstruments } from '../telemetry/instruments.ts'
import type { Snapshot } from '../telemetry/snapshot.ts'
import { versionOf } from './version.ts'

export interface Otel {
  /** Pushes what there is, within `CLOSE_MS`. */
  close(): Promise<void>
}

/** ms: a collector that does not answer keeps nobody longer. */
const CLOSE_MS = 2_000
/** Troubles told, and how much of each. */
const TOLD_MAX = 20
const TEXT_CHARS_MAX = 300
const SCOPE = 'quipu-auditor'

/** As the variables of OpenTelemetry are read: empty is as good as not set. */
export function wantsOtel(env: Environment): boolean {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false
  const exporter = env.OTEL_METRICS_EXPORTER?.trim() ?? ''
  if (exporter !== '') return exporter !== 'none'
  return [env.OTEL_EXPORTER_OTLP_ENDPOINT, env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT].some(
    (endpoint) => (endpoint?.trim() ?? '') !== '',
  )
}

/** Null where it cannot be started. @param read the newest snapshot; null: none yet */
export async function startOtel(
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
      // Metrics alone, and nothing that follows each call of this process.
      ...{ spanProcessors: [], logRecordProcessors: [], instrumentations: [] },
      textMapPropagator: null,
    })
    sdk.start()
    const end = registerInstruments(api.metrics.getMeter(SCOPE, versionOf()), read)
    return {
      close: async () => {
        await within(sdk.shutdown(), CLOSE_MS).catch((error: unknown) => trouble(messageOf(error)))
        end()
      },
    }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException | null)?.code === 'ERR_MODULE_NOT_FOUND'
    onTrouble(
      isMissing
        ? 'OTEL_* asks for metrics, but @opentelemetry/sdk-node is not installed; run: npm install @opentelemetry/sdk-node'
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
