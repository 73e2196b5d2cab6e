/** Which edges lie between a source and an end. */
import { expect, it } from 'vitest'
import type { EdgeDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import { pathsOf } from '../../src/objective/paths.ts'
import { edge, FLIGHTS } from '../reports/build.ts'
import { onEdge } from './promise.ts'

const shown = (edges: readonly EdgeDeclaration[]) =>
  pathsOf({ ...FLIGHTS, edges } as Pipeline, { kind: 'end-to-end' }).map((p) => [
    p.name,
    [...p.before.map((e) => e.name), p.last.name].sort(),
  ])

it.each<readonly [string, readonly EdgeDeclaration[], unknown]>([
  ['none', [], []],
  [
    'a line; dead letters are no end',
    FLIGHTS.edges,
    [['checkin to store', FLIGHTS.edges.map((e) => e.name).sort()]],
  ],
  [
    'two services that send to one topic meet at its reader',
    [edge(['a'], ['t']), edge(['t', 'b'], ['u'])],
    [['b + a to u', ['a → t', 't + b → u']]],
  ],
  [
    'a stream that parts has an end for each part',
    [edge(['a'], ['x', 'y']), edge(['x'], ['p']), edge(['y'], ['q'])],
    [
      ['a to p', ['a → x + y', 'x → p']],
      ['a to q', ['a → x + y', 'y → q']],
    ],
  ],
  [
    'parts that end on one edge are one',
    [edge(['a'], ['x', 'y'])],
    [['a to x + y', ['a → x + y']]],
  ],
  [
    'a retry loop is walked once',
    [edge(['t', 'retry'], ['g']), edge(['g'], ['out', 'retry'])],
    [['t to out', ['g → out + retry', 't + retry → g']]],
  ],
  ['a ring has no end', [edge(['a'], ['b']), edge(['b'], ['a'])], []],
])('%s', (_, edges, expected) => {
  expect(shown(edges)).toEqual(expected)
})

it('an edge is a path of its own', () => {
  const [path] = pathsOf(FLIGHTS, onEdge('enrich → enriched + dlq'))
  expect(path?.before).toEqual([])
  expect(path?.ends.map((d) => d.name)).toEqual(['enriched'])
  expect(pathsOf(FLIGHTS, onEdge('a → b'))).toEqual([])
})
