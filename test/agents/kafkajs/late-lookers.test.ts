import { describe, expect, it } from 'vitest'
import { lateLookers } from '../../../agents/kafkajs/late-lookers.ts'
import type { Lookers, OpenShape } from '../../../src/drift/shape.ts'
import { PLAN, StandInLooker } from '../../hop/stand-in-looker.ts'

class Loading {
  readonly made: StandInLooker[] = []
  readonly troubles: string[] = []
  loads = 0
  done: () => void = () => {}
  fail: (error: Error) => void = () => {}
  readonly lookers: Lookers = lateLookers(
    () => {
      this.loads++
      return new Promise<Lookers>((resolve, reject) => {
        this.fail = reject
        this.done = () =>
          resolve((plan) => {
            const looker = new StandInLooker(plan)
            this.made.push(looker)
            return looker
          })
      })
    },
    (text) => void this.troubles.push(text),
  )

  get seen(): string[] {
    return this.made.flatMap(({ seen }) => seen.map(({ message }) => String(message.value)))
  }
}

const nowhere = (): OpenShape | null => null
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('lookers that are loaded late', () => {
  it('are loaded once, when the first is asked for', async () => {
    const loading = new Loading()
    expect(loading.loads).toBe(0)
    const first = loading.lookers({ ...PLAN, oneIn: 8 })
    const second = loading.lookers(PLAN)
    expect([loading.loads, first.oneIn, second.oneIn]).toEqual([1, 8, 1])
    loading.done()
    await settled()
    expect(loading.made.map(({ oneIn }) => oneIn)).toEqual([8, 1])
    expect(loading.lookers(PLAN)).toBe(loading.made[2])
    expect(loading.loads).toBe(1)
  })

  it('see what came before as it was then, and what comes after', async () => {
    const loading = new Loading()
    const looker = loading.lookers(PLAN)
    const value = Buffer.from('early')
    looker.see({ value }, 'a', nowhere)
    value.fill('x')
    loading.done()
    await settled()
    looker.see({ value: 'late' }, 'b', nowhere)
    expect(loading.seen).toEqual(['early', 'late'])
    expect(looker.open().toBytes()).toEqual(Buffer.from(''))
    looker.giveUp()
    expect(loading.made[0]?.givenUp).toBe(1)
  })

  it('hold 200 messages until then, and 4 MiB of all of them, and count the rest', async () => {
    const many = new Loading()
    const looker = many.lookers(PLAN)
    for (let i = 0; i < 300; i++) looker.see({ value: `v${i}` }, `${i}`, nowhere)
    looker.refuse('x', nowhere)
    many.done()
    await settled()
    expect(many.seen).toHaveLength(200)
    const beyond = Array.from({ length: 100 }, (_, i) => `${200 + i}`)
    expect(many.made[0]?.full).toEqual([...beyond, 'x'])
    looker.refuse('y', nowhere)
    expect(many.made[0]?.full.at(-1)).toBe('y')

    const large = new Loading()
    const two = [large.lookers(PLAN), large.lookers(PLAN)]
    for (let i = 0; i < 20; i++) two[i % 2]?.see({ value: Buffer.alloc(250_000) }, 'a', nowhere)
    large.done()
    await settled()
    expect(large.seen).toHaveLength(16)
    expect(large.made.flatMap(({ full }) => full)).toHaveLength(4)

    const huge = new Loading()
    const third = huge.lookers(PLAN)
    for (let i = 0; i < 20_000; i++) third.see({ value: 'v' }, 'a', nowhere)
    huge.done()
    await settled()
    expect(huge.made[0]?.full).toHaveLength(10_000)
  })

  it('see nothing that was given up, or that nobody could load', async () => {
    const over = new Loading()
    const first = over.lookers(PLAN)
    first.see({ value: 'a' }, 'a', nowhere)
    first.giveUp()
    over.done()
    await settled()
    expect(over.seen).toEqual([])

    const broken = new Loading()
    const second = broken.lookers(PLAN)
    second.see({ value: 'a' }, 'a', nowhere)
    broken.fail(new Error('no such file'))
    await settled()
    second.see({ value: 'b' }, 'b', nowhere)
    expect(broken.made).toEqual([])
    expect(broken.troubles).toEqual(['nobody looks into messages: no such file'])
  })
})
