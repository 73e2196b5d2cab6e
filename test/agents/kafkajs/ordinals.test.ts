import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Ordinals } from '../../../agents/kafkajs/ordinals.ts'
import { ORDINAL_LIMIT } from '../../../src/message/id.ts'

it('gives the lowest ordinal that is free', () => {
  const ordinals = new Ordinals()
  expect([ordinals.lowest(), ordinals.lowest(), ordinals.lowest()]).toEqual([0, 1, 2])
  ordinals.giveBack(1)
  ordinals.claim(3)
  expect([ordinals.lowest(), ordinals.lowest()]).toEqual([1, 4])
})

it('agrees with a set, whatever is taken, claimed and given back', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('lowest', 'claim', 'giveBack'), fc.nat(ORDINAL_LIMIT - 1)),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(steps, (list) => {
      const ordinals = new Ordinals()
      const taken = new Set<number>()
      for (const [step, n] of list) {
        if (step === 'lowest') {
          let free = 0
          while (taken.has(free)) free++
          taken.add(free)
          expect(ordinals.lowest()).toBe(free)
        } else if (step === 'claim') {
          taken.add(n)
          ordinals.claim(n)
        } else {
          taken.delete(n)
          ordinals.giveBack(n)
        }
      }
    }),
  )
})

it('ends after the last one', () => {
  const ordinals = new Ordinals()
  for (let i = 0; i < ORDINAL_LIMIT; i++) ordinals.lowest()
  expect(ordinals.lowest()).toBe(-1)
  ordinals.giveBack(1023)
  expect(ordinals.lowest()).toBe(1023)
})
