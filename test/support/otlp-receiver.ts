/** Takes what OTLP exporters push over HTTP and reads it as protobuf: only the fields that are asked for. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'

/** Numbers of fields as opentelemetry-proto 1.x has them. */
const PROTO = `syntax = "proto3";
message Request { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Scope { string name = 1; string version = 2; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9;
}
message Gauge { repeated Point data_points = 1; }
message Sum { repeated Point data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { int32 aggregation_temporality = 2; }
message Point {
  repeated KeyValue attributes = 7; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
}
message KeyValue { string key = 1; Value value = 2; }
message Value { oneof value { string string_value = 1; int64 int_value = 3; } }
message TraceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Link links = 13;
}
message Link { bytes trace_id = 1; bytes span_id = 2; }`

const { root } = protobuf.parse(PROTO, { keepCase: true })
const Request = root.lookupType('Request')
const TraceRequest = root.lookupType('TraceRequest')

export interface PushedMetric {
  readonly name: string
  readonly unit: string
  readonly kind: 'counter' | 'gauge' | 'other'
  /** By attributes, as JSON with its keys sorted. */
  readonly points: ReadonlyMap<string, number>
}

export interface PushedSpan {
  readonly name: string
  /** 1: INTERNAL. */
  readonly kind: number
  /** Hex; empty: a root. */
  readonly parent: string
  /** ms */
  readonly start: number
  readonly end: number
  readonly attributes: Readonly<Record<string, string>>
  /** `TRACE/SPAN`, hex. */
  readonly links: readonly string[]
}

export interface OtlpReceiver {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Paths asked for, each once. */
  readonly paths: ReadonlySet<string>
  /** Of the newest push, by name; empty: nothing was pushed yet. */
  metrics(): ReadonlyMap<string, PushedMetric>
  /** Of all pushes, in their order. */
  spans(): readonly PushedSpan[]
  resource(): Readonly<Record<string, string>>
  pushes(): number
  close(): Promise<void>
}

interface KeyValue {
  readonly key: string
  readonly value?: { readonly string_value?: string; readonly int_value?: string }
}
interface Point {
  readonly attributes?: readonly KeyValue[]
  readonly as_double?: number
  readonly as_int?: string
}
interface Metric {
  readonly name: string
  readonly unit?: string
  readonly gauge?: { readonly data_points?: readonly Point[] }
  readonly sum?: {
    readonly data_points?: readonly Point[]
    readonly aggregation_temporality?: number
    readonly is_monotonic?: boolean
  }
}
interface Decoded {
  readonly resource_metrics?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scope_metrics?: readonly { readonly metrics?: readonly Metric[] }[]
  }[]
}

interface Span {
  readonly name: string
  readonly kind: number
  readonly parent_span_id?: Uint8Array
  readonly start_time_unix_nano: string
  readonly end_time_unix_nano: string
  readonly attributes?: readonly KeyValue[]
  readonly links?: readonly { readonly trace_id: Uint8Array; readonly span_id: Uint8Array }[]
}
interface DecodedSpans {
  readonly resource_spans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scope_spans?: readonly { readonly spans?: readonly Span[] }[]
  }[]
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let newest: ReadonlyMap<string, PushedMetric> = new Map()
  let resource: Readonly<Record<string, string>> = {}
  const spans: PushedSpan[] = []
  let pushes = 0
  const paths = new Set<string>()
  const server = createServer(async (request, response) => {
    paths.add(request.url ?? '')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const whole = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole
    const options = { longs: String, defaults: false }
    response.setHeader('Content-Type', 'application/x-protobuf')
    if (request.url === '/v1/traces') {
      const decoded = TraceRequest.toObject(TraceRequest.decode(body), options) as DecodedSpans
      for (const { resource: of, scope_spans = [] } of decoded.resource_spans ?? []) {
        resource = attributesOf(of?.attributes)
        spans.push(...scope_spans.flatMap((scope) => (scope.spans ?? []).map(spanOf)))
      }
      response.end()
      return
    }
    const decoded = Request.toObject(Request.decode(body), options) as Decoded
    const [first] = decoded.resource_metrics ?? []
    resource = attributesOf(first?.resource?.attributes)
    const metrics = (first?.scope_metrics ?? []).flatMap((scope) => scope.metrics ?? [])
    newest = new Map(metrics.map((metric) => [metric.name, pushedOf(metric)]))
    pushes++
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    metrics: () => newest,
    spans: () => spans,
    resource: () => resource,
    pushes: () => pushes,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const attributesOf = (list: readonly KeyValue[] = []): Record<string, string> =>
  Object.fromEntries(
    list.map(({ key, value }) => [key, value?.string_value ?? value?.int_value ?? '']),
  )

const hex = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString('hex')

function spanOf({ name, kind, attributes, links = [], ...rest }: Span): PushedSpan {
  return {
    ...{ name, kind, parent: hex(rest.parent_span_id) },
    start: Number(BigInt(rest.start_time_unix_nano) / 1_000_000n),
    end: Number(BigInt(rest.end_time_unix_nano) / 1_000_000n),
    attributes: attributesOf(attributes),
    links: links.map((link) => `${hex(link.trace_id)}/${hex(link.span_id)}`),
  }
}

function pushedOf({ name, unit = '', gauge, sum }: Metric): PushedMetric {
  const isCounter = sum?.is_monotonic === true && sum.aggregation_temporality === 2
  const points = (sum ?? gauge)?.data_points ?? []
  return {
    ...{ name, unit, kind: isCounter ? 'counter' : gauge === undefined ? 'other' : 'gauge' },
    points: new Map(
      points.map((p) => [keyOf(attributesOf(p.attributes)), p.as_double ?? Number(p.as_int ?? 0)]),
    ),
  }
}

const keyOf = (attributes: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
