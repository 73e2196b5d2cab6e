/** First the change that breaks, then the traffic, then what may be said of it: no more and no less. */
import { describe, expect, test } from 'vitest'
import { escapedName } from '../../src/drift/field-path.ts'
import { checkSubjects } from '../../src/evolution/check-subjects.ts'
import type { Engine, SchemaFormat } from '../../src/evolution/engine.ts'
import { loadEngines } from '../../src/evolution/engines.ts'
import type { Mode } from '../../src/evolution/modes.ts'
import type { ReportedFinding } from '../../src/evolution/report.ts'
import { type SubjectTraffic, withTraffic } from '../../src/evolution/usage.ts'
import { fieldPlace, stepOf } from '../../src/evolution/usage-path.ts'

const engines = await loadEngines()

function changed(
  format: SchemaFormat,
  before: string,
  after: string | null,
  mode: Mode,
): readonly ReportedFinding[] {
  const version = (name: string, text: string) => ({ name, text, format })
  const { findings } = checkSubjects(
    [
      {
        ...{ subject: 's', format, path: 's', referencePaths: new Map() },
        previous: [version('before', before)],
        next: after === null ? null : version('after', after),
      },
    ],
    {
      engineOf: (one) => engines.get(one) as Engine<unknown>,
      termsOf: () => ({ mode, policy: 'STRICT' }),
      budget: { instancesMax: 0 },
    },
  )
  return findings
}

const avro = (...fields: readonly unknown[]): string =>
  JSON.stringify({ type: 'record', name: 'F', fields })
const json = (properties: object, more: object = {}): string =>
  JSON.stringify({ type: 'object', additionalProperties: false, properties, ...more })
const field = (name: string, type: unknown): object => ({ name, type })

/** `rule-less`: direction, effect and paths, of every finding. */
const placesOf = (format: SchemaFormat, before: string, after: string, mode: Mode = 'FULL') =>
  changed(format, before, after, mode).map((finding) => {
    const place = fieldPlace(finding, { before, after, message: null })
    const { direction } = finding
    return place === null
      ? `${direction} nowhere`
      : `${direction} ${place.effect} ${place.paths.join(' ')}`
  })

describe('where a finding stands in messages: Avro', () => {
  const stop = { type: 'record', name: 'Stop', fields: [field('x', 'int'), field('y', 'int')] }
  const less = { type: 'record', name: 'Stop', fields: [field('y', 'int')] }

  test('fields of the record', () => {
    const before = avro(field('id', 'long'), field('gone', 'string'), field('as', 'long'))
    const after = avro(field('new', 'int'), field('id', 'long'), field('as', 'string'))
    expect(placesOf('avro', before, after).sort()).toEqual([
      ...['backward added /new', 'backward changed /as'],
      ...['forward changed /as', 'forward removed /gone'],
    ])
  })

  test('of records within lists and maps', () => {
    const within = (type: unknown) => avro(field('in', { type: 'array', items: type }))
    expect(placesOf('avro', within(stop), within(less), 'FORWARD')).toEqual([
      'forward removed /in/*/x',
    ])
    const mapped = (type: unknown) => avro(field('in', { type: 'map', values: type }))
    expect(placesOf('avro', mapped(stop), mapped(less), 'FORWARD')).toEqual([
      'forward removed /in/{}/x',
    ])
  })

  test('of a branch of a union: the field around it, which is all that its rule tells', () => {
    const within = (type: unknown) => avro(field('in', ['null', type]))
    expect(placesOf('avro', within(stop), within(less), 'FORWARD')).toEqual(['forward changed /in'])
  })

  test('of a record that is used twice: both places', () => {
    const twice = (type: unknown) => avro(field('a', type), field('b', 'Stop'))
    for (const place of placesOf('avro', twice(stop), twice(less), 'FORWARD')) {
      expect(place).toBe('forward removed /a/x /b/x')
    }
  })

  test('of a record that holds itself: nowhere, for it may be at any depth', () => {
    const own = (...fields: readonly object[]) => avro(...fields, field('next', ['null', 'F']))
    const places = placesOf('avro', own(field('x', 'int')), own(), 'FORWARD')
    expect(places).toEqual(['forward nowhere'])
  })
})

describe('where a finding stands in messages: JSON Schema', () => {
  const text = { type: 'string' }

  test('properties, of properties and of items', () => {
    const before = json({
      gone: text,
      as: text,
      in: { type: 'array', items: JSON.parse(json({ x: text })) },
    })
    const after = json({
      as: { type: 'integer' },
      in: { type: 'array', items: JSON.parse(json({})) },
    })
    expect(placesOf('json-schema', before, after, 'BACKWARD').sort()).toEqual([
      ...['backward changed /as', 'backward removed /gone', 'backward removed /in/*/x'],
    ])
  })

  test('what is new', () => {
    const after = json({ a: text }, { required: ['a'] })
    expect(placesOf('json-schema', json({}), after, 'BACKWARD')).toEqual(['backward added /a'])
  })

  test('of what is shared by reference: nowhere', () => {
    const shared = (one: object) => json({ a: { $ref: '#/$defs/S' } }, { $defs: { S: one } })
    const places = placesOf('json-schema', shared(text), shared({ type: 'integer' }), 'BACKWARD')
    expect(places.length).toBeGreaterThan(0)
    for (const place of places) expect(place).toMatch(/ (changed \/a|nowhere)$/)
  })

  test.each(['a/b', 'a~b', '*', '{}', '~', 'plain'])('the name %s, as shapes write it', (name) => {
    expect(stepOf(name)).toBe(escapedName(name))
    expect(placesOf('json-schema', json({ [name]: text }), json({}), 'BACKWARD')).toEqual([
      `backward removed /${escapedName(name)}`,
    ])
  })
})

describe('where a finding stands in messages: Protobuf', () => {
  const proto = (body: string) => `syntax = "proto3"; package x; // message Not {}\n${body}`

  test('fields of the first message', () => {
    const before = proto('message P { int32 id = 1; string gone = 2; int32 as = 3; }')
    const after = proto('message P { int32 id = 1; string as = 3; }')
    expect(new Set(placesOf('protobuf', before, after))).toEqual(
      new Set(['backward changed /as', 'forward changed /as', 'null removed /gone']),
    )
  })

  test('of other messages: nowhere', () => {
    const before = proto('message P { Q q = 1; } message Q { int32 a = 1; string b = 2; }')
    const after = proto('message P { Q q = 1; } message Q { int32 a = 1; }')
    expect(new Set(placesOf('protobuf', before, after))).toEqual(new Set(['null nowhere']))
  })
})

const ENOUGH = 29_958
const quiet: SubjectTraffic = {
  ...{ topics: ['s'], groups: ['billing', 'enrich'], daysSeen: 30, oneIn: 1 },
  ...{ looked: ENOUGH, read: ENOUGH, scaled: ENOUGH, hasMore: false, fields: new Map() },
  texts: new Map(),
  ...{ versions: new Map(), hasOtherSchemas: false, pathCharsMax: 200 },
}
const closed = json({ gone: { type: 'string' } })

const weighed = (
  traffic: Partial<SubjectTraffic> | null,
  [before, after, mode]: readonly [string, string, Mode] = [closed, json({}), 'BACKWARD'],
): ReportedFinding => {
  const [finding] = changed('json-schema', before, after, mode)
  const texts = { before, after, message: null }
  const of = () => (traffic === null ? null : { ...quiet, ...traffic })
  const [told] = withTraffic([finding as ReportedFinding], of, () => texts)
  return told as ReportedFinding
}

describe('a removed field that no message carried', () => {
  test('is a note, with the severity that it had, and the same fingerprint', () => {
    const [plain] = changed('json-schema', closed, json({}), 'BACKWARD')
    const told = weighed({})
    expect(told.severity).toBe('info')
    expect(told.args.severityWithoutTraffic).toBe('error')
    expect(told.fingerprint).toBe(plain?.fingerprint)
    expect(told.message).toMatch(
      /0 of 29,958 messages carried it in 30 days: it is less than 1 in 10,000, with 95%\.$/,
    )
  })

  test.each<[string, Partial<SubjectTraffic>, RegExp]>([
    ['one message too few', { looked: ENOUGH - 1, read: ENOUGH - 1 }, /too few to say/],
    ['one that could not be read', { read: ENOUGH - 1 }, /1 message could not be read/],
    ['a day without a look', { daysSeen: 29 }, /on 29 of 30 days only/],
    ['fields that were not kept', { hasMore: true }, /not all fields were kept/],
  ])('stays as it is with %s, and says why', (_, traffic, why) => {
    const told = weighed(traffic)
    expect(told.severity).toBe('error')
    expect(told.message).toMatch(why)
    expect(told.args.severityWithoutTraffic).toBeUndefined()
  })

  test('may be a note though some could not be read, if there are enough beside them', () => {
    expect(weighed({ looked: 47_440, read: 47_439 }).severity).toBe('info')
    expect(weighed({ looked: 47_438, read: 47_437 }).severity).toBe('error')
  })

  test('counts what was looked at, not what that stands for', () => {
    expect(weighed({ oneIn: 64, looked: 1000, read: 1000, scaled: 64_000 }).severity).toBe('error')
  })

  test.each<[string, Partial<SubjectTraffic> | null]>([
    ['nothing of it was seen', null],
    ['nothing was looked at', { looked: 0, read: 0 }],
    ['its path is longer than what is told apart', { pathCharsMax: 3 }],
  ])('is untouched where %s', (_, traffic) => {
    expect(weighed(traffic)).toEqual(changed('json-schema', closed, json({}), 'BACKWARD')[0])
  })
})

describe('a field that messages carry', () => {
  test('is named with its share, its volume and who reads it', () => {
    const told = weighed({ looked: 50_000, read: 50_000, fields: new Map([['/gone', 47_000]]) })
    expect(told.severity).toBe('error')
    expect(told.message).toMatch(
      /94% of messages carry it: 47,000 on 30 of 30 days; read by billing, enrich\.$/,
    )
  })

  test('of a sample with the interval of what that stands for', () => {
    const told = weighed({
      ...{ oneIn: 64, looked: 50_000, read: 50_000, scaled: 3_200_000, groups: [] },
      ...{ fields: new Map([['/gone', 100]]), daysSeen: 3 },
    })
    expect(told.message).toMatch(
      /0\.2% of messages carry it: about 6,400 \(5,210 to 7,780; one in 64 is looked at\) on 3 of 30 days\.$/,
    )
  })

  test('by one message is enough', () => {
    expect(weighed({ fields: new Map([['/gone', 1]]) }).severity).toBe('error')
  })

  test.each([
    [50_000, '100%'],
    [49_999, 'more than 99.9%'],
    [1, 'less than 0.1%'],
  ])('%i of 50,000 are %s', (carried, share) => {
    const traffic = { looked: 50_000, read: 50_000, fields: new Map([['/gone', carried]]) }
    expect(weighed(traffic).message).toContain(`${share} of messages carry it`)
  })
})

test('a field of a type that is used twice is carried where either is', () => {
  const stop = (...fields: readonly object[]) => ({ type: 'record', name: 'Stop', fields })
  const twice = (...fields: readonly object[]) =>
    avro(field('a', stop(...fields)), field('b', 'Stop'))
  const before = twice(field('x', 'int'))
  const after = twice()
  const [finding] = changed('avro', before, after, 'FORWARD')
  const told = (fields: SubjectTraffic['fields']) =>
    withTraffic(
      [finding as ReportedFinding],
      () => ({ ...quiet, fields }),
      () => ({
        ...{ before, after, message: null },
      }),
    )[0]
  expect(told(new Map())?.severity).toBe('info')
  const one = told(new Map([['/b/x', ENOUGH]]))
  expect(one?.severity).toBe('error')
  expect(one?.message).toContain(
    'at least 100% of messages carry it: at least 29,958 on 30 of 30 days',
  )
})

describe('what past messages cannot tell stays as it is, whoever carried it', () => {
  const text = { type: 'string' }
  const number = { type: 'integer' }
  test.each<[string, readonly [string, string, Mode], string, RegExp]>([
    [
      'a new required field',
      [json({}), json({ a: text }, { required: ['a'] }), 'BACKWARD'],
      'error',
      /it is new/,
    ],
    [
      'a change that old readers will meet',
      [json({ a: text }), json({ a: number }), 'FORWARD'],
      'error',
      /new messages may yet carry it/,
    ],
    [
      'but not one that only old data meet',
      [json({ a: text }), json({ a: number }), 'BACKWARD'],
      'info',
      /carried it in 30 days/,
    ],
    [
      'nor a required field that is removed, which readers of before miss already',
      [json({ a: text }, { required: ['a'] }), json({}), 'FORWARD'],
      'info',
      /carried it in 30 days/,
    ],
  ])('%s', (_, pair, severity, why) => {
    const told = weighed({}, pair)
    expect([told.severity, why.test(told.message)]).toEqual([severity, true])
  })
})

test('a subject that is deleted is named with its messages', () => {
  const [finding] = changed('json-schema', closed, null, 'BACKWARD')
  const texts = { before: closed, after: null, message: null }
  const [told] = withTraffic(
    [finding as ReportedFinding],
    () => quiet,
    () => texts,
  )
  expect(told?.severity).toBe('error')
  expect(told?.message).toMatch(
    /29,958 messages of it came on 30 of 30 days; read by billing, enrich\.$/,
  )
})

test('what could not be read, or is of no subject, is untouched', () => {
  const [problem] = changed('json-schema', closed, '{', 'BACKWARD')
  const upkeep = { ...(problem as ReportedFinding), kind: 'upkeep', subject: null } as const
  const both = [problem as ReportedFinding, upkeep]
  expect(
    withTraffic(
      both,
      () => quiet,
      () => ({ before: closed, after: '{', message: null }),
    ),
  ).toEqual(both)
})

describe('a value that an enum loses', () => {
  const state = (...symbols: readonly string[]): object => ({
    type: 'enum',
    name: 'State',
    symbols,
  })
  const inAvro = (...symbols: readonly string[]): string => avro(field('state', state(...symbols)))
  const inJson = (...values: readonly unknown[]): string => json({ state: { enum: values } })
  const pairs: readonly (readonly [SchemaFormat, string, string])[] = [
    ['avro', inAvro('LATE', 'EARLY'), inAvro('EARLY')],
    ['json-schema', inJson('LATE', 'EARLY'), inJson('EARLY')],
  ]
  const came = (occurrences: number, counts: Readonly<Record<string, number>>) => ({
    fields: new Map([['/state', ENOUGH]]),
    texts: new Map([['/state', { occurrences, symbols: new Map(Object.entries(counts)) }]]),
  })
  const told = (
    [format, before, after]: readonly [SchemaFormat, string, string],
    traffic: Partial<SubjectTraffic> | null,
    mode: Mode = 'BACKWARD',
  ): readonly ReportedFinding[] =>
    withTraffic(
      changed(format, before, after, mode),
      () => (traffic === null ? null : { ...quiet, ...traffic }),
      () => ({ before, after, message: null }),
    )

  test.each(pairs)('is a note where it has not come: %s', (...pair) => {
    const [finding, ...more] = told(pair, came(ENOUGH, { EARLY: ENOUGH }))
    expect(more).toEqual([])
    expect([finding?.severity, finding?.args.severityWithoutTraffic]).toEqual(['info', 'error'])
    expect(finding?.message).toMatch(
      /0 of 29,958 values there were it in 30 days: it is in less than 1 of 10,000 messages, with 95%\.$/,
    )
  })

  test.each(pairs)('is named with its volume where it came: %s', (...pair) => {
    const [finding] = told(pair, came(50_000, { EARLY: 47_000, LATE: 3_000 }))
    expect(finding?.severity).toBe('error')
    expect(finding?.message).toMatch(
      /6% of the values there are it: 3,000 of 50,000 on 30 of 30 days; read by billing, enrich\.$/,
    )
  })

  test.each<[string, Partial<SubjectTraffic>, RegExp]>([
    ['texts that were not told apart', came(ENOUGH, { EARLY: 1 }), /29,957 values could not be/],
    ['texts that no schema names', came(ENOUGH, {}), /29,958 values could not be told apart/],
    ['a day without a look', { ...came(1, { EARLY: 1 }), daysSeen: 29 }, /29 of 30 days only/],
    ['too few', { ...came(9, { EARLY: 9 }), looked: 9, read: 9 }, /too few/],
  ])('stays as it is with %s, and says why', (_, traffic, why) => {
    for (const pair of pairs) {
      const [finding] = told(pair, traffic)
      expect(finding?.severity).toBe('error')
      expect(finding?.message).toMatch(why)
    }
  })

  test('is looked for in lists and maps of the field, not in fields beside it', () => {
    const list = (...symbols: readonly string[]): string =>
      avro(field('all', { type: 'array', items: state(...symbols) }), field('allowed', 'string'))
    const pair = ['avro', list('LATE', 'EARLY'), list('EARLY')] as const
    const text = (symbols: Readonly<Record<string, number>>, occurrences: number) => ({
      ...{ occurrences, symbols: new Map(Object.entries(symbols)) },
    })
    const beside: readonly [string, ReturnType<typeof text>] = ['/allowed', text({}, 5)]
    const of = (symbols: Readonly<Record<string, number>>) =>
      told(pair, { texts: new Map([['/all/*', text(symbols, 7)], beside]) })[0]
    expect(of({ EARLY: 7 })?.severity).toBe('info')
    expect(of({ EARLY: 6, LATE: 1 })?.message).toMatch(/14.3% of the values there are it: 1 of 7/)
  })

  test('is no note where the same enum stands elsewhere, and it came there', () => {
    const twice = (...symbols: readonly string[]): string =>
      avro(field('state', state(...symbols)), field('before', ['null', 'State']))
    const pair = ['avro', twice('LATE', 'EARLY'), twice('EARLY')] as const
    const texts = new Map([
      ['/state', { occurrences: ENOUGH, symbols: new Map([['EARLY', ENOUGH]]) }],
      ['/before', { occurrences: 4, symbols: new Map([['LATE', 4]]) }],
    ])
    const fields = new Map([['/before', 4]])
    const severities = told(pair, { texts, fields }).map(({ severity }) => severity)
    expect(new Set(severities)).toEqual(new Set(['error']))
  })

  test('is what new messages may yet hold, to readers of before', () => {
    for (const [format, after, before] of pairs) {
      const found = told([format, before, after], came(ENOUGH, { EARLY: ENOUGH }), 'FORWARD')
      expect(found.map(({ severity }) => severity)).toEqual(['error'])
    }
  })

  test('changes nothing where nothing was seen', () => {
    for (const pair of pairs) expect(told(pair, null)).toEqual(changed(...pair, 'BACKWARD'))
  })
})

describe('a field of an object that may have been taken for a map', () => {
  test('is not acquitted: it is not known under which name it came', () => {
    const told = weighed({ fields: new Map([['/{}', 40]]) })
    expect(told.severity).toBe('error')
    expect(told.message).not.toContain('messages carried it')
    expect(weighed({ fields: new Map([['/other/{}', 40]]) }).severity).toBe('info')
  })
})
