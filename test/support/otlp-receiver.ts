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
message Value { string string_value = 1; }`

const Request = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Request')

export interface PushedMetric {
  readonly name: string
  readonly unit: string
  readonly kind: 'counter' | 'gauge' | 'other'
  /** By attributes, as JSON with its keys sorted. */
  readonly points: ReadonlyMap<string, number>
}

export interface OtlpReceiver {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Paths asked for, each once. */
  readonly paths: ReadonlySet<string>
  /** Of the newest push, by name; empty: nothing was pushed yet. */
  metrics(): ReadonlyMap<string, PushedMetric>
  resource(): Readonly<Record<string, string>>
  pushes(): number
  close(): Promise<void>
}

interface KeyValue {
  readonly key: string
  readonly value?: { readonly string_value?: string }
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

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let newest: ReadonlyMap<string, PushedMetric> = new Map()
  let resource: Readonly<Record<string, string>> = {}
  let pushes = 0
  const paths = new Set<string>()
  const server = createServer(async (request, response) => {
    paths.add(request.url ?? '')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const whole = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole
    const options = { longs: String, defaults: false }
    const decoded = Request.toObject(Request.decode(body), options) as Decoded
    const [first] = decoded.resource_metrics ?? []
    resource = attributesOf(first?.resource?.attributes)
    const metrics = (first?.scope_metrics ?? []).flatMap((scope) => scope.metrics ?? [])
    newest = new Map(metrics.map((metric) => [metric.name, pushedOf(metric)]))
    pushes++
    response.setHeader('Content-Type', 'application/x-protobuf').end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    metrics: () => newest,
    resource: () => resource,
    pushes: () => pushes,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const attributesOf = (list: readonly KeyValue[] = []): Record<string, string> =>
  Object.fromEntries(list.map(({ key, value }) => [key, value?.string_value ?? '']))

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
