/**
 * Tells other systems what the auditor knows: `/metrics`, `/healthz`, `/readyz`, and OTLP where `OTEL_*`
 * asks for it.
 *
 * Snapshots are taken between turns of the auditor, every 2 s at most, and take a twentieth of its time
 * at most, however much there is to read; what takes long runs beside it. Who scrapes or pushes reads the
 * last one.
 */
import type { Environment } from '../base/environment.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Clock } from '../message/mint.ts'
import { type Format, metricsText } from '../telemetry/open-metrics.ts'
import { type Condition, whyNotReady } from '../telemetry/readiness.ts'
import { ReconcileSpans } from '../telemetry/reconcile-span.ts'
import { edgeAttributes } from '../telemetry/samples.ts'
import { isLoopback, type MetricsServer, startMetricsServer } from '../telemetry/server.ts'
import type { Snapshot } from '../telemetry/snapshot.ts'
import { apart } from './apart.ts'
import type { Listen } from './telemetry-address.ts'
import { type Otel, startOtel, wantedOfOtel } from './telemetry-otel.ts'
import { TelemetryReader, type TelemetryReaderOptions } from './telemetry-reader.ts'

export interface TelemetryOptions extends Omit<TelemetryReaderOptions, 'clock' | 'assess'> {
  /** Of the store, for whoever reads it beside the auditor. */
  readonly path: string
  /** Where to answer those who scrape; null: nowhere. */
  readonly listen: Listen | null
  readonly env: Environment
  readonly talk: (line: string) => void
  readonly clock?: Clock
  readonly assess?: TelemetryReaderOptions['assess']
}

const SNAPSHOT_MS = 2_000
const SHARE_MAX = 0.05
const CLOSE_MS = 5_000

export class Telemetry {
  readonly #options: TelemetryOptions
  readonly #clock: Clock
  readonly #reader: TelemetryReader
  readonly #end = new AbortController()
  #server: MetricsServer | null = null
  #otel: Otel | null = null
  readonly #spans = new ReconcileSpans()
  #snapshot: Snapshot | null = null
  /** Of the newest snapshot, written once however often it is asked for. */
  #texts = new Map<Format, string>()
  #condition: Condition = { isCaughtUp: false, seenUntil: null, storedAt: null }
  /** ms */
  #nextAt = 0
  /** ms: the latest that the clock has said */
  #clockAt = 0

  private constructor(options: TelemetryOptions) {
    const { path, clock = Date.now } = options
    this.#options = options
    this.#clock = clock
    const assess: TelemetryReaderOptions['assess'] = (since, now) =>
      apart({ kind: 'assess', path, since, now }, this.#end.signal)
    this.#reader = new TelemetryReader({ assess, ...options, clock })
  }

  /** Null where nobody asks for anything. @throws QuipuError: the address cannot be had */
  static async open(options: TelemetryOptions): Promise<Telemetry | null> {
    const { listen, env, onTrouble } = options
    const wanted = wantedOfOtel(env)
    if (listen === null && wanted.length === 0) return null
    const telemetry = new Telemetry(options)
    if (listen !== null) await telemetry.#listen(listen)
    if (wanted.length > 0)
      telemetry.#otel = await startOtel(wanted, () => telemetry.#snapshot, onTrouble)
    return telemetry
  }

  async #listen({ host, port }: Listen): Promise<void> {
    const { talk } = this.#options
    try {
      this.#server = await startMetricsServer({
        ...{ host, port },
        metrics: (format) => this.#text(format),
        whyNotReady: () => whyNotReady(this.#condition, this.#clock()),
      })
    } catch (error) {
      throw new QuipuError(
        'CONNECTION',
        `metrics cannot be served on ${host}:${port}: ${messageOf(error)}`,
        {
          hint: 'Name another address: --metrics HOST:PORT; port 0 takes any that is free.',
          cause: error,
        },
      )
    }
    talk(`metrics on http://${this.#server.address}/metrics, /healthz and /readyz beside it`)
    if (!isLoopback(host))
      talk(`warning: whoever can reach ${host} can read them; they name pipelines, hops and topics`)
  }

  #text(format: Format): string | null {
    if (this.#snapshot === null) return null
    const known = this.#texts.get(format)
    if (known !== undefined) return known
    const text = metricsText(this.#snapshot, format)
    this.#texts.set(format, text)
    return text
  }

  judged(verdicts: readonly EdgeVerdict[]): void {
    this.#reader.judged(verdicts)
    if (this.#tracer !== null) this.#spans.judged(verdicts, this.#clock())
  }

  /** Takes a snapshot if it is time to. Who audits goes on, whatever comes of it. */
  async turn(condition: Condition): Promise<void> {
    this.#condition = condition
    const now = this.#clock()
    // A clock that was set back: what it said before is no reason to wait.
    if (now < this.#clockAt) this.#nextAt = 0
    this.#clockAt = now
    if (now < this.#nextAt) return
    const begun = performance.now()
    await this.#take(false)
    const tookMs = performance.now() - begun
    this.#nextAt = this.#clock() + Math.max(SNAPSHOT_MS, tookMs / SHARE_MAX)
  }

  async #take(isLast: boolean): Promise<void> {
    try {
      this.#snapshot = await this.#reader.snapshot(isLast)
      this.#texts = new Map()
    } catch (error) {
      this.#options.onTrouble(`metrics: ${messageOf(error)}`)
    }
    try {
      await this.#emitSpans()
    } catch (error) {
      this.#options.onTrouble(`spans: ${messageOf(error)}`)
    }
  }

  get #tracer(): Otel['tracer'] {
    return this.#otel?.tracer ?? null
  }

  async #emitSpans(): Promise<void> {
    if (this.#tracer === null) return
    const { store, pipelines } = this.#options
    const { since } = this.#spans
    const until = Number.MAX_SAFE_INTEGER
    const mishaps = since === null ? [] : await store.mishaps({ since, until })
    this.#spans.emit(this.#tracer, mishaps, (pipeline, name) => {
      const own = pipelines.find((p) => p.name === pipeline)
      const edge = own?.edges.find((e) => e.name === name)
      return edge === undefined ? {} : edgeAttributes(pipeline, edge)
    })
  }

  /** Pushes the last of it; while the store is still open. Assesses for `CLOSE_MS` at most. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#end.abort(), CLOSE_MS)
    await this.#take(true)
    clearTimeout(timer)
    this.#end.abort()
    await this.#otel?.close()
    await this.#server?.close()
  }
}
