/** What an agent reads in a file that the auditor accepts: the same plans, though it reads loosely. */
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../src/config/parse.ts'
import { consumerHop, producerHop } from '../../src/hop/hop.ts'
import { tallyPlans } from '../../src/hop/plan.ts'
import { planPipelines } from '../../src/hop/plan-file.ts'
import { env, good } from './corpus.ts'

const FOLDER = '/etc/quipu'

describe('an agent keeps what the auditor expects', () => {
  it.each(good)('by $name', ({ text }) => {
    const strict = parseConfig(text, `${FOLDER}/quipu.yaml`, env)
    if (!strict.ok) throw new Error(JSON.stringify(strict.issues))
    const { pipelines } = strict.config
    const troubles: string[] = []
    const tell = (trouble: string): unknown => troubles.push(trouble)
    const loose = tallyPlans(planPipelines(parse(text), env, tell, FOLDER))
    const planOf = tallyPlans(pipelines)
    expect(troubles).toEqual([])
    const declared = pipelines.flatMap(({ hops }) => hops.map(({ hop }) => hop))
    // Who sends to a topic, or reads it, looks at its messages, whether declared or not.
    const around = declared.flatMap(({ role, cluster, topic }) =>
      role === 'topic'
        ? [producerHop(cluster, topic, 'unknown'), consumerHop(cluster, topic, 'unknown')]
        : [],
    )
    for (const hop of [...declared, ...around]) expect(loose(hop)).toEqual(planOf(hop))
  })

  it('looks at the messages of some of these files', () => {
    const shapes = good.flatMap(({ text }) => {
      const strict = parseConfig(text, `${FOLDER}/quipu.yaml`, env)
      const pipelines = strict.ok ? strict.config.pipelines : []
      return pipelines.flatMap(({ hops }) =>
        hops.flatMap(({ hop }) => tallyPlans(pipelines)(hop).shape ?? []),
      )
    })
    expect(shapes.length).toBeGreaterThan(9)
  })
})
