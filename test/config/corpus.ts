/** Pipeline files, right and wrong, with what decides it. */

export interface Case {
  readonly name: string
  readonly text: string
}

interface Parts {
  /** Lines at the top. */
  readonly top?: string
  /** More hops, as `name: {…}` lines. */
  readonly hops?: string
  /** More edges, or others. */
  readonly edges?: string
  /** Lines of the pipeline. */
  readonly more?: string
}

export function fileOf({ top = '', hops = '', edges, more = '' }: Parts): string {
  const indent = (text: string, by: number): string =>
    text === ''
      ? ''
      : `${text
          .split('\n')
          .map((line) => `${' '.repeat(by)}${line}`)
          .join('\n')}\n`
  return `version: 1
${indent(top, 0)}pipelines:
  flights:
    hops:
      checkin: { producer: flights, service: checkin }
      flights: { topic: flights }
      enrich: { consumer: flights, group: enrich }
      enriched: { topic: flights.enriched }
      dlq: { topic: flights.dlq, role: dead-letter }
      store: { sink: warehouse }
${indent(hops, 6)}    edges:
${indent(
  edges ??
    `- { from: checkin, to: flights, preserve: value }
- { from: flights, to: enrich }
- { from: enrich, to: [enriched, dlq], filter: cancelled }
- { from: enriched, to: store }`,
  6,
)}${indent(more, 4)}`
}

const objective = (text: string): string => fileOf({ more: `objectives:\n  one: ${text}` })
const agreement = (text: string): string =>
  fileOf({
    more: `objectives: { one: { indicator: completeness, target: 99% } }\nagreement: ${text}`,
  })
const alerting = (text: string): string => fileOf({ top: `alerting: ${text}` })
const routes = (target: string): string => alerting(`{ routes: [{ to: [${target}] }] }`)
const top = (text: string): string => fileOf({ top: text })
const hop = (text: string): string =>
  fileOf({ hops: `x: ${text}`, edges: '- { from: flights, to: x }' })
const edge = (text: string): string => fileOf({ edges: `- ${text}` })

const REGISTRY = 'schemas: { registry: { url: https://registry.example } }'
/** A topic hop with this `schema`, beside a registry. */
const looked = (text: string): string =>
  fileOf({
    top: REGISTRY,
    hops: `x: { topic: x, schema: ${text} }`,
    edges: '- { from: flights, to: x }',
  })

const named = (cases: readonly (readonly [string, string])[]): Case[] =>
  cases.map(([name, text]) => ({ name, text }))

export const good: readonly Case[] = named([
  ['the file of the design', fileOf({})],
  [
    'every key at the top',
    top(
      'window: 30s\nlateness: 0s\nseed: 7\nthresholds: [1s, 60s]\ntimezone: Europe/Berlin\nkafka: { brokers: "a:9092" }',
    ),
  ],
  ['one threshold', top('thresholds: 1s')],
  ['schemas without a word', top('schemas: {}')],
  ['schemas alone', 'version: 1\nschemas: { path: schemas, against: main }'],
  [
    'every key of schemas',
    top(`schemas:
  path: [schemas, more]
  against: merge-base:main
  mode: FULL_TRANSITIVE
  policy: LENIENT
  name: "{name}"
  imports: proto
  subjects: [{ subject: "orders-*", mode: NONE, policy: STRICT, rules: { AVRO_X: off } }]
  rules: { AVRO_X: warning }
  suppress: [{ rule: AVRO_X, subject: a, path: /fields/0, reason: nobody reads it, until: 2027-01-31 }]
  registry: { url: "http://localhost:8081/path", user: SR_USER, password: SR_PASSWORD, ca: ca.pem, timeout: 5s }`),
  ],
  [
    'variables in place of texts',
    top(
      'window: "${W}"\nlateness: "${W}"\nthresholds: "${W}"\ntimezone: ${ZONE}\nkafka: { brokers: ["${BROKERS}"], sasl: { mechanism: plain, username: u, password: "${P}" } }',
    ),
  ],
  [
    'clusters',
    top(
      'kafka: { clusters: { eu: { brokers: [a, b], ssl: true } }, audit: { cluster: eu, topic: t } }',
    ),
  ],
  ['files of TLS', top('kafka: { brokers: a, ssl: { ca: ca.pem, cert: c.pem, key: k.pem } }')],
  [
    'an identity of a header',
    hop('{ topic: x, identity: { header: id }, time: { json: /at }, membership: true }'),
  ],
  [
    'an identity of the key',
    fileOf({
      hops: 'x: { topic: x, identity: key, time: timestamp }',
      edges: '- { from: checkin, to: x }',
    }),
  ],
  ['the stamp', hop('{ topic: x, identity: stamp }')],
  [
    'a sampled sink',
    fileOf({
      hops: 'x: { sink: x, sample: 1/65536, membership: 1000 }',
      edges: '- { from: flights, to: x }',
    }),
  ],
  ['a stream', hop('{ stream: uploads, sample: 1/2 }')],
  [
    'preserve of several',
    edge('{ from: checkin, to: flights, preserve: [value, key, { headers: [a, b] }] }'),
  ],
  ['preserve of headers', edge('{ from: checkin, to: flights, preserve: { headers: a } }')],
  ['a topic that is looked at', hop('{ topic: x, schema: observe }')],
  ['looking at all', hop('{ topic: x, schema: { sample: all } }')],
  ['a JSON Schema', hop('{ topic: x, schema: { file: schemas/x.schema.json } }')],
  ['a contract', hop('{ topic: x, schema: { file: x.odcs.yaml, message: orders, sample: 1/8 } }')],
  ['a message of a .proto', hop('{ topic: x, schema: { file: x.proto, message: a.B } }')],
  ['plain Avro', hop('{ topic: x, schema: { file: "${W}/x.avsc", framing: single-object } }')],
  [
    'a subject',
    looked(
      '{ subject: x-value, versions: [3, 4], framing: confluent, format: avro, sample: 1/8, values: true }',
    ),
  ],
  ['one version', looked('{ subject: x-value, versions: 3, framing: apicurio-v3 }')],
  ['a subject and a file', looked('{ subject: x-value, file: x.json, values: false }')],
  [
    'an identity beside a schema',
    fileOf({
      hops: 'x: { topic: x, identity: key, schema: observe }',
      edges: '- { from: checkin, to: x }',
    }),
  ],
  ['a field that is kept', edge('{ from: enrich, to: enriched, keep: /origin }')],
  [
    'fields that are kept',
    edge('{ from: enrich, to: enriched, keep: [/a, "/stops/*/code", "/tags/{}", /a~0b~1c~2d~3] }'),
  ],
  ['an owner', fileOf({ more: 'owner: { team: a, contact: "#a", runbook: https://a }' })],
  ['no objectives', fileOf({ more: 'objectives: {}' })],
  ['a target in percent', objective('{ indicator: completeness, target: 99.99%, period: 30d }')],
  ['a target as a share', objective('{ indicator: completeness, target: 0.9999 }')],
  ['a target of all', objective('{ indicator: completeness, target: 100%, strict: true }')],
  ['a target of 1', objective('{ indicator: completeness, target: 1, strict: true }')],
  ['a target in a variable', objective('{ indicator: completeness, target: "${SHARE}" }')],
  [
    'a calendar period',
    objective('{ indicator: completeness, target: 99%, period: { calendar: month } }'),
  ],
  ['the scope of all', objective('{ indicator: completeness, target: 99%, scope: end-to-end }')],
  [
    'an edge by dots',
    objective('{ indicator: completeness, target: 99%, scope: { edge: flights..enrich } }'),
  ],
  [
    'an edge by arrow',
    objective('{ indicator: completeness, target: 99%, scope: { edge: enriched -> store } }'),
  ],
  [
    'an edge of several hops',
    objective('{ indicator: completeness, target: 99%, scope: { edge: enrich..enriched + dlq } }'),
  ],
  [
    'integrity where it is promised',
    objective('{ indicator: integrity, target: 99%, scope: { edge: checkin..flights } }'),
  ],
  ['integrity end to end', objective('{ indicator: integrity, target: 99% }')],
  ['timeliness', objective('{ indicator: timeliness, threshold: 60s, target: 99.5% }')],
  ['freshness', objective('{ indicator: freshness, threshold: 5m, target: 99% }')],
  ['volume', objective('{ indicator: volume, volume: { min: 10, max: 1000 }, target: 99% }')],
  ['volume of at least', objective('{ indicator: volume, volume: { min: 10 }, target: 99% }')],
  ['audit coverage', objective('{ indicator: audit-coverage, target: 99% }')],
  [
    'a budget of windows',
    objective('{ indicator: completeness, target: 99%, budget: windows, windowTarget: 99.9% }'),
  ],
  [
    'every other key',
    objective(
      '{ indicator: uniqueness, target: 99%, severity: page, minEvents: 1000, refundLate: true, description: why }',
    ),
  ],
  [
    'an agreement',
    agreement(
      '{ consumers: [{ name: bi, contact: "#bi" }], promises: [one], driver: regulatory, review: 2027-01-31, consequence: a call }',
    ),
  ],
  ['one promise', agreement('{ consumers: [{ name: bi }], promises: one }')],
  [
    'burn rates',
    alerting(
      '{ burnRate: { page: { quick: { budget: 2%, long: 1h, short: 5m }, slow: { budget: 0.05, long: 6h, short: 30m } }, ticket: { slow: { budget: 10%, long: 3d, short: 6h } }, for: 30d } }',
    ),
  ],
  ['no burn rates', alerting('{}')],
  [
    'alerts with all that can be said',
    alerting(`
  incident: page
  noData: ticket
  coverage: off
  drift: ticket
  forecast: { within: 12h, severity: page }
  repeat: 1h
  resolveAfter: 2m
  perMinute: 5
  routes:
    - match: { severity: page, pipeline: flights, kind: incident, edge: flights → enrich }
      to:
        - { pagerduty: { routingKey: "\${NOT_SET_KEY}" } }
        - { slack: { webhook: "\${NOT_SET_SLACK}" } }
      continue: true
    - to:
        - { webhook: { url: "\${NOT_SET}", secret: "\${NOT_SET_SECRET}", format: cloudevents } }
        - { alertmanager: { url: http://127.0.0.1:9093, token: "\${NOT_SET_TOKEN}" } }
        - { webhook: { url: http://relay, allow: [private], plain: true } }`),
  ],
])

/** Both say no. */
export const bad: readonly Case[] = named([
  ['no version', 'pipelines: {}'],
  ['another version', fileOf({}).replace('version: 1', 'version: 2')],
  ['no pipelines', 'version: 1'],
  ['no pipelines beside schemas', 'version: 1\nschemas: {}\npipelines: {}'],
  ['an empty map of pipelines', 'version: 1\npipelines: {}'],
  ['an unknown key', top('windw: 1m')],
  ['a window without a unit', top('window: 60')],
  ['a window that is no duration', top('window: a while')],
  ['a negative seed', top('seed: -1')],
  ['a schema mode that is none', top('schemas: { mode: BACKWARDS }')],
  ['a level that is none', top('schemas: { rules: { AVRO_X: fatal } }')],
  ['a rule in small letters', top('schemas: { rules: { avro_x: error } }')],
  [
    'a suppression without a reason',
    top('schemas: { suppress: [{ rule: AVRO_X, until: 2027-01-31 }] }'),
  ],
  ['a suppression without an end', top('schemas: { suppress: [{ rule: AVRO_X, reason: a }] }')],
  ['a token in the file', top('schemas: { registry: { token: "Bearer 1" } }')],
  ['nine thresholds', top('thresholds: [1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s]')],
  ['an offset for a time zone', top('timezone: "+01:00"')],
  ['kafka without brokers', top('kafka: {}')],
  ['brokers beside clusters', top('kafka: { brokers: a, clusters: { eu: { brokers: a } } }')],
  [
    'a mechanism that is none',
    top('kafka: { brokers: a, sasl: { mechanism: kerberos, username: a, password: b } }'),
  ],
  ['a topic with a space', hop('{ topic: "a b" }')],
  ['a topic of dots', hop('{ topic: .. }')],
  ['two kinds of hop', hop('{ topic: a, sink: b }')],
  ['no kind of hop', hop('{ service: b }')],
  ['a producer without a service', hop('{ producer: a }')],
  ['a consumer without a group', hop('{ consumer: a }')],
  ['a group on a topic', hop('{ topic: a, group: b }')],
  ['a cluster of a sink', hop('{ sink: a, cluster: b }')],
  ['a time of a stamp', hop('{ topic: a, time: { header: at } }')],
  ['the membership of stamps', hop('{ topic: a, membership: true }')],
  [
    'the membership of a producer',
    fileOf({
      hops: 'x: { producer: x, service: x, membership: 1000 }',
      edges: '- { from: x, to: flights }',
    }),
  ],
  ['a sample of all', hop('{ sink: a, sample: 1/1 }')],
  ['a sample too small', hop('{ sink: a, sample: 1/65537 }')],
  ['a pointer that is none', hop('{ topic: a, identity: { json: id } }')],
  ['a schema that is no word', hop('{ topic: a, schema: obsrve }')],
  ['a schema of nothing', hop('{ topic: a, schema: }')],
  ['an unknown key of a schema', hop('{ topic: a, schema: { fiel: a.json } }')],
  ['a schema of a consumer', hop('{ consumer: a, group: b, schema: observe }')],
  ['a schema of a producer', hop('{ producer: a, service: b, schema: observe }')],
  ['a schema of a sink', hop('{ sink: a, schema: observe }')],
  ['a file of no known ending', hop('{ topic: a, schema: { file: a.txt } }')],
  ['a framing that is none', looked('{ framing: confluence }')],
  ['a format that is none', looked('{ format: xml }')],
  ['a look at every second one, in words', looked('{ sample: half }')],
  ['a look at one in one', looked('{ sample: 1/1 }')],
  ['values in words', looked('{ values: some }')],
  ['versions of no subject', looked('{ versions: [1] }')],
  ['version nothing', looked('{ subject: a, versions: 0 }')],
  ['no version', looked('{ subject: a, versions: [] }')],
  ['the version that is newest', looked('{ subject: a, versions: latest }')],
  ['a message of no file', looked('{ subject: a, message: b }')],
  ['a subject that no value names', looked('{ subject: a, framing: none }')],
  ['a subject in Glue', looked('{ subject: a, framing: glue }')],
  ['a field without its slash', edge('{ from: enrich, to: enriched, keep: origin }')],
  ['a field of no name', edge('{ from: enrich, to: enriched, keep: "" }')],
  ['a tilde that means nothing', edge('{ from: enrich, to: enriched, keep: [/a~4] }')],
  ['nothing that is kept', edge('{ from: enrich, to: enriched, keep: [] }')],
  ['a registry without https', top('schemas: { registry: { url: registry.example } }')],
  ['a registry by FTP', top('schemas: { registry: { url: "ftp://registry.example" } }')],
  ['a name with a space', fileOf({ hops: '"a b": { sink: a }' })],
  ['an edge of one end', edge('{ from: checkin }')],
  ['an edge to nothing', edge('{ from: checkin, to: [] }')],
  ['multiplicity', edge('{ from: checkin, to: flights, multiplicity: 2 }')],
  ['preserve of an unknown part', edge('{ from: checkin, to: flights, preserve: valeu }')],
  ['an objective of nothing', objective('')],
  ['no target', objective('{ indicator: completeness }')],
  ['no indicator', objective('{ target: 99% }')],
  ['a misspelt indicator', objective('{ indicator: completness, target: 99% }')],
  ['a target without its sign', objective('{ indicator: completeness, target: 99.99 }')],
  ['a target of nothing', objective('{ indicator: completeness, target: 0 }')],
  ['a target in words', objective('{ indicator: completeness, target: high }')],
  ['a period in months', objective('{ indicator: completeness, target: 99%, period: 1M }')],
  [
    'a calendar of its own',
    objective('{ indicator: completeness, target: 99%, period: { calendar: 1M } }'),
  ],
  [
    'a scope that is none',
    objective('{ indicator: completeness, target: 99%, scope: flights..enrich }'),
  ],
  ['timeliness without a threshold', objective('{ indicator: timeliness, target: 99% }')],
  ['freshness without a threshold', objective('{ indicator: freshness, target: 99% }')],
  [
    'a threshold of completeness',
    objective('{ indicator: completeness, threshold: 60s, target: 99% }'),
  ],
  ['volume of nothing', objective('{ indicator: volume, target: 99% }')],
  ['volume without bounds', objective('{ indicator: volume, volume: {}, target: 99% }')],
  [
    'volume of completeness',
    objective('{ indicator: completeness, volume: { min: 1 }, target: 99% }'),
  ],
  ['half a message', objective('{ indicator: volume, volume: { min: 0.5 }, target: 99% }')],
  [
    'windows without a target',
    objective('{ indicator: completeness, target: 99%, budget: windows }'),
  ],
  [
    'a target for windows that are not counted',
    objective('{ indicator: completeness, target: 99%, windowTarget: 99% }'),
  ],
  [
    'a budget of freshness',
    objective(
      '{ indicator: freshness, threshold: 5m, target: 99%, budget: windows, windowTarget: 99% }',
    ),
  ],
  ['not strict', objective('{ indicator: completeness, target: 99%, strict: false }')],
  [
    'a severity of its own',
    objective('{ indicator: completeness, target: 99%, severity: critical }'),
  ],
  [
    'an unknown key of an objective',
    objective('{ indicator: completeness, target: 99%, traget: 1 }'),
  ],
  ['objectives as a list', fileOf({ more: 'objectives: [{ id: a }]' })],
  ['an agreement with nobody', agreement('{ consumers: [], promises: [one] }')],
  ['an agreement on nothing', agreement('{ consumers: [{ name: bi }] }')],
  [
    'a review that is no day',
    agreement('{ consumers: [{ name: bi }], promises: [one], review: soon }'),
  ],
  [
    'a month that is none',
    agreement('{ consumers: [{ name: bi }], promises: [one], review: 2027-13-01 }'),
  ],
  ['a driver of its own', agreement('{ consumers: [{ name: bi }], promises: [one], driver: fun }')],
  ['a secret of a webhook', routes('{ webhook: { url: https://a.example, secret: hush-hush } }')],
  ['a routing key', routes('{ pagerduty: { routingKey: hush-hush } }')],
  ['an address of Slack', routes('{ slack: { webhook: https://hooks.example/hush-hush } }')],
  ['a token', routes('{ alertmanager: { url: https://a.example, token: hush-hush } }')],
  ['an address that is none', routes('{ webhook: { url: ftp://a.example } }')],
  ['a target of no kind', routes('{ pager: {} }')],
  ['a route to nobody', alerting('{ routes: [{ to: [] }] }')],
  ['a match of nothing known', alerting('{ routes: [{ match: { owner: me }, to: [] }] }')],
  ['alerts without a shape', alerting('{ page: { quick: {} } }')],
  ['half a tier', alerting('{ burnRate: { page: { quick: { budget: 2%, long: 1h } } } }')],
  [
    'a budget beyond all',
    alerting('{ burnRate: { page: { quick: { budget: 200, long: 1h, short: 5m } } } }'),
  ],
])

/** The code says no, JSON Schema cannot: what names mean, and sums. */
export const beyondSchema: readonly (Case & { readonly why: string })[] = (
  [
    [
      'the calendar',
      'a suppression until a day that there is not',
      top('schemas: { suppress: [{ rule: AVRO_X, reason: a, until: 2027-02-30 }] }'),
    ],
    ['numbers in durations', 'no time at all', top('schemas: { registry: { timeout: 0s } }')],
    ['one of two', 'a user alone', top('schemas: { registry: { user: A } }')],
    ['one of two', 'a token and a user', top('schemas: { registry: { user: A, token: B } }')],
    ['numbers in durations', 'a window that does not divide a day', top('window: 7s')],
    ['numbers in durations', 'a lateness too long', top('lateness: 8d')],
    ['numbers in durations', 'a threshold of nothing', top('thresholds: [0s]')],
    [
      'numbers in durations',
      'a period of more than a year',
      objective('{ indicator: completeness, target: 99%, period: 401d }'),
    ],
    [
      'numbers in durations',
      'a period within a window',
      objective('{ indicator: completeness, target: 99%, period: 30s }'),
    ],
    [
      'numbers in durations',
      'a short window that is the longer one',
      alerting('{ burnRate: { page: { quick: { budget: 2%, long: 1h, short: 2h } } } }'),
    ],
    [
      'numbers in durations',
      'a default that looks back too far',
      alerting('{ burnRate: { for: 2d } }'),
    ],
    [
      'numbers in percents',
      'a target above all',
      objective('{ indicator: completeness, target: 101% }'),
    ],
    [
      'numbers in percents',
      'a strict target that is not',
      objective('{ indicator: completeness, target: 99%, strict: true }'),
    ],
    [
      'one number beside another',
      'volume upside down',
      objective('{ indicator: volume, volume: { min: 2, max: 1 }, target: 99% }'),
    ],
    [
      'the calendar',
      'a day that is none',
      agreement('{ consumers: [{ name: bi }], promises: [one], review: 2027-02-30 }'),
    ],
    ['the list of time zones', 'a misspelt zone', top('timezone: Europe/Berlinn')],
    ['variables', 'one that is not set', top('window: "${MISSING}"')],
    ['variables', 'one that is broken', top('kafka: { brokers: "${A" }')],
    ['names', 'an edge from nowhere', edge('{ from: flihgts, to: enrich }')],
    [
      'names',
      'an objective over no edge',
      objective('{ indicator: completeness, target: 99%, scope: { edge: flights..enriched } }'),
    ],
    ['names', 'a promise of nothing', agreement('{ consumers: [{ name: bi }], promises: [two] }')],
    [
      'names',
      'integrity of no promise',
      objective('{ indicator: integrity, target: 99%, scope: { edge: flights..enrich } }'),
    ],
    [
      'names',
      'a hop that is fed twice',
      fileOf({ edges: '- { from: flights, to: enrich }\n- { from: enriched, to: enrich }' }),
    ],
    ['names', 'one place twice', fileOf({ hops: 'again: { topic: flights }' })],
    ['names', 'a cluster nobody declared', top('kafka: { brokers: a, audit: { cluster: eu } }')],
    [
      'names',
      'a header that tracing writes',
      edge('{ from: checkin, to: flights, preserve: { headers: traceparent } }'),
    ],
    ['names', 'a subject of no registry', hop('{ topic: x, schema: { subject: x-value } }')],
    [
      'names',
      'a message of an Avro schema',
      hop('{ topic: x, schema: { file: a.avsc, message: b } }'),
    ],
    [
      'names',
      'one topic held against two things',
      `${fileOf({ hops: 'x: { topic: x, schema: observe }' })}  other:
    hops: { x: { topic: x, schema: { sample: 1/8 } }, s: { sink: s } }
    edges: [{ from: x, to: s }]`,
    ],
    [
      'addresses',
      'a registry with a secret in it',
      top('schemas: { registry: { url: "https://user:hunter2@registry.example" } }'),
    ],
    [
      'addresses',
      'a registry with a query',
      top('schemas: { registry: { url: "https://registry.example?a=b" } }'),
    ],
    ['repetition', 'a threshold twice', top('thresholds: [1s, 1000ms]')],
    [
      'repetition',
      'a promise twice',
      agreement('{ consumers: [{ name: bi }], promises: [one, one] }'),
    ],
    [
      'sums',
      'more thresholds than are counted',
      fileOf({
        top: 'thresholds: [1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s]',
        more: 'objectives: { one: { indicator: timeliness, threshold: 9s, target: 99% } }',
      }),
    ],
  ] as const
).map(([why, name, text]) => ({ why, name, text }))

/** The code says yes, JSON Schema cannot know: a variable in place of a word of a list. */
export const beyondFile: readonly Case[] = named([
  [
    'a mechanism in a variable',
    top('kafka: { brokers: a, sasl: { mechanism: "${PLAIN}", username: a, password: b } }'),
  ],
])

export const env: Readonly<Record<string, string>> = {
  W: '1m',
  ZONE: 'Asia/Tokyo',
  BROKERS: 'a:1,b:2',
  P: 'p',
  SHARE: '99%',
  PLAIN: 'plain',
}
