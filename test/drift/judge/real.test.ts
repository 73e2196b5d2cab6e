/** Rules 18–21 on real data: nothing is found in it as it is, and what is done to it is. */
import { describe, expect, it } from 'vitest'
import { real, realShapes } from '../alarms/real.ts'
import { type Flat, findingsOf, hop, inputOf } from './build.ts'

/** Records of each; `npm run drift-alarms` takes all. */
const MOST = 20_000

const found = async (name: string, flaw?: (record: Flat, i: number) => Flat): Promise<string[]> => {
  const shapes = await realShapes(real[name] as (typeof real)[string], MOST, flaw)
  expect(shapes.length).toBeGreaterThan(60)
  return findingsOf(inputOf([hop('t')], shapes)).map(({ code, path }) => `${code} ${path}`)
}

describe('real data', () => {
  it.each(Object.keys(real))('has no drift: %s', async (name) => {
    expect(await found(name)).toEqual([])
  })

  it('has the drift that is made in it', async () => {
    const flaw = (record: Flat, i: number): Flat => ({
      ...record,
      city: i % 4 ? record.city : null,
    })
    expect(await found('places in any order', flaw)).toEqual(['null_rate /city'])
  })
})
