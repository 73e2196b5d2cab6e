/** The sentences of causes, as people read them. */
import { describe, expect, it } from 'vitest'
import { overwrittenFact, rangesFact } from '../../src/diagnose/causes/facts.ts'
import { explainCause } from '../../src/diagnose/explain-cause.ts'
import { causeCodes } from '../../src/finding/cause.ts'
import { HOPS, W } from '../reconcile/build.ts'
import { causeExample, cutExample, threwExample } from './cause-examples.ts'

const edge = 'flights → enrich'
const sentence = (...example: Parameters<typeof causeExample>): string =>
  explainCause(causeExample(...example), { edge }).sentence

describe('the sentence of a cause', () => {
  it.each(causeCodes)('says what, how sure, and what to do: %s', (code) => {
    const { sentence, certainty, next } = explainCause(causeExample(code), { edge })
    for (const text of [sentence, certainty, next ?? '']) {
      expect(text).toMatch(/^[A-Z0-9].*\.$/)
      expect(text).not.toMatch(/undefined|NaN|null|\?| \(\)/)
    }
  })

  it('says who sent what was cut off, where, and by what', () => {
    expect(sentence('truncated')).toBe(
      '1,000 messages acknowledged by checkin on host-7 at offsets up to 18,211 of partition 2 are not in the log: epoch 14 gave way to 15 in partition 2 at 2027-01-15 08:00:00Z.',
    )
  })

  it('says from where to where a commit went back', () => {
    expect(sentence('range_replayed', { count: 1 })).toContain(
      'its commit went back from 18,212 to 18,000 in partition 2 (seen 2027-01-15 08:00:00Z)',
    )
  })

  it('says no more than is known of it', () => {
    expect(sentence('truncated', { proof: [cutExample], certainty: 'likely', count: 1 })).toBe(
      '1 message acknowledged was probably cut off the log: partition 2 ended at 18,212, and then at 18,000 (seen 2027-01-15 08:00:00Z).',
    )
    const taken = { partition: 2, from: 18_000, to: 18_212, epoch: 15, at: W }
    const others = (before: number) =>
      sentence('truncated', { proof: [overwrittenFact(HOPS.flights, { ...taken, before })] })
    expect(others(14)).toBe(
      '1,000 messages acknowledged are not in the log: partition 2 holds others from offset 18,000 on, of epoch 15 after 14 (seen 2027-01-15 08:00:00Z).',
    )
    expect(others(-1)).toContain('on, of epoch 15 (seen')
    // Which of two partitions it was in nobody knows.
    const ranges = [0, 1].map((partition) => ({ partition, low: 3, high: 9 }))
    expect(sentence('truncated', { proof: [rangesFact(HOPS.flights, ranges)] })).toBe(
      '1,000 messages acknowledged are not in the log.',
    )
  })

  it('says when, where and on which host', () => {
    expect(sentence('handler_threw')).toBe(
      '1,000 messages: the handler threw (enrich on host-3 threw TypeError 6 times, offset 18,000 of partition 2, 2027-01-15 08:00:01Z).',
    )
    expect(sentence('deleted_unread')).toBe(
      '1,000 messages: deleted by retention before the group had read so far (offsets 18,000 to 18,211 of partition 2).',
    )
  })

  it('tells three facts, however many there are', () => {
    const proof = [1, 2, 3, 4].map((n) => threwExample(`Error${n}`))
    expect(sentence('handler_threw', { proof })).toContain('Error3')
    expect(sentence('handler_threw', { proof })).not.toContain('Error4')
  })

  it('shows what comes from the wire, and lets it do nothing', () => {
    const proof = [threwExample('\u001b[31mE\u202e')]
    expect(sentence('handler_threw', { proof })).toContain('threw \\u{1b}[31mE\\u{202e}')
    const { certainty } = explainCause(causeExample('unknown', { lacking: ['\u001b[2J'] }), {
      edge,
    })
    expect(certainty).toBe('Not known; what is lacking: \\u{1b}[2J.')
  })

  it('quotes the edge for a shell', () => {
    const { next } = explainCause(causeExample('offset_reset'), { edge: "o'hare → $(rm)" })
    expect(next).toContain("`quipu replay-list --edge 'o'\\''hare -> $(rm)'`")
  })

  it('lists the losses where no message has a name', () => {
    const { next } = explainCause(causeExample('handler_threw', { ids: [] }), { edge })
    expect(next).toContain("`quipu losses --edge 'flights -> enrich' --kind lost`")
  })

  it('says what is lacking, where it is only likely', () => {
    const likely = causeExample('handler_threw', {
      certainty: 'likely',
      lacking: ['a', 'b', 'c', 'd'],
    })
    expect(explainCause(likely, { edge }).certainty).toBe(
      'Likely: it fits by place, time and number; what is lacking: a; b; c.',
    )
    expect(explainCause({ ...likely, lacking: [] }, { edge }).certainty).toBe(
      'Likely: it fits by place, time and number, and others are not excluded.',
    )
  })
})
