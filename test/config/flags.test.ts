import { describe, expect, it } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import { type PipelineFlags, pipelineOfFlags } from '../../src/config/flags.ts'

const params = { windowMs: 60_000, latenessMs: 1_000, seed: 1, thresholdsMs: [] }
const pipeline = (flags: Pick<PipelineFlags, 'topics' | 'groups' | 'services'>) =>
  pipelineOfFlags({ ...flags, ...params })
const edges = (topics: string, groups = '', services = ''): string[] => {
  const list = (text: string): string[] => (text === '' ? [] : text.split(','))
  const flags = { topics: list(topics), groups: list(groups), services: list(services) }
  return pipeline(flags).edges.map((e) => e.name)
}

describe('a pipeline from flags', () => {
  it.each([
    ['one topic', 'a', '', ['producers → a']],
    ['a bare group reads the first topic', 'a', 'g', ['producers → a', 'a → g']],
    ['and feeds the next topic', 'a,b', 'g', ['producers → a', 'a → g', 'g → b']],
    ['a chain', 'a,b,c', 'g:a,h:b', ['producers → a', 'a → g', 'g → b', 'b → h', 'h → c']],
    ['a reader at the end', 'a,b', 'g:a,w:b', ['producers → a', 'a → g', 'g → b', 'b → w']],
    ['a topic that nobody feeds', 'a,b', 'w:b', ['producers → a', 'producers → b', 'b → w']],
    ['a group that passes nothing on', 'a,b', 'g:a:-', ['producers → a', 'a → g', 'producers → b']],
    ['a jump', 'a,b,c', 'g:a:c', ['producers → a', 'a → g', 'producers → b', 'g → c']],
    ['one of two readers feeds', 'a,b', 'g:a:b,h:a', ['producers → a', 'a → g', 'a → h', 'g → b']],
    ['one of two does not', 'a,b', 'g,h:a:-', ['producers → a', 'a → g', 'a → h', 'g → b']],
    ['both feed', 'a,b', 'g:a:b,h:a:b', ['producers → a', 'a → g', 'a → h', 'g + h → b']],
    ['a topic of the name that says nowhere', '-', 'g:-:-', ['producers → -', '- → g']],
    ['a name used twice', 'a,b', 'b:a,b:b:-', ['producers → a', 'a → b@a', 'b@a → b', 'b → b@b']],
  ])('%s', (_, topics, groups, expected) => {
    expect(edges(topics, groups)).toEqual(expected)
  })

  it('declares the services that must be heard', () => {
    expect(edges('a,b', 'g', 's,t:b')).toEqual(['s → a', 'a → g', 't + g → b'])
  })

  it('keeps `from` empty where nobody is declared', () => {
    expect(pipeline({ topics: ['a'] })).toMatchObject({
      name: 'a',
      edges: [{ name: 'producers → a', from: [], to: [{ name: 'a', hop: { topic: 'a' } }] }],
    })
  })

  it('asks which of several groups passes messages on, rather than accuse one of them', () => {
    const run = () => edges('a,b', 'g,h')
    expect(run).toThrow('several groups read `a`: g, h. Which of them passes messages on to `b`?')
  })

  it.each([
    ['', '', 'expected one topic'],
    ['a b', '', 'not the name of a topic'],
    ['a,a', '', 'twice'],
    ['flights', 'g:flihgts', 'did you mean `flights`?'],
    ['a', 'g:a:b:c', 'expected GROUP[:TOPIC[:NEXT]]'],
    ['a', ':a', 'expected GROUP[:TOPIC[:NEXT]]'],
    ['a', 'g:a:a', 'the topic that it reads'],
  ])('--topics %j --groups %j is refused: %s', (topics, groups, message) => {
    expect(() => edges(topics, groups)).toThrow(QuipuError)
    expect(() => edges(topics, groups)).toThrow(message)
  })
})
