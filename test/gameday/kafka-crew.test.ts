/** Processes of a game day: real ones, started, killed, stopped, ended. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { Crew, type Program } from '../../src/cli/gameday/kafka-crew.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-crew-'))
const { signal } = new AbortController()
const told: string[] = []
const crew = new Crew(folder, (line) => told.push(line))
afterEach(() => crew.dismiss())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const taken: string[] = []
const program = (name: string, code: string): Program => ({
  name,
  args: ['-e', code],
  isReady: (line) => line === 'ready',
  take: (line) => line.startsWith('word') && taken.push(line) > 0,
})
const LIVES = 'console.log("ready"); setInterval(() => {}, 1000);'

describe('a worker', () => {
  it('begins, tells words and trouble apart, and ends when asked', async () => {
    const worker = crew.hire(program('a', `console.log("word 1"); console.log("oh"); ${LIVES}`))
    await worker.start(signal)
    expect([taken, told]).toEqual([['word 1'], ['a: oh']])
    crew.check()
    expect(await worker.end()).toBe(true)
    crew.check()
  })

  it('is killed and started again', async () => {
    const worker = crew.hire(program('b', LIVES))
    await worker.start(signal)
    await worker.kill()
    await worker.gone()
    crew.check()
    await worker.start(signal)
    crew.check()
    expect(await worker.end()).toBe(true)
  })

  it('ends in order though it is stopped', async () => {
    const worker = crew.hire(
      program(
        'c',
        `process.on("SIGTERM", () => { console.log("word bye"); process.exit() }); ${LIVES}`,
      ),
    )
    await worker.start(signal)
    await worker.pause()
    expect(await worker.end()).toBe(true)
    expect(taken.at(-1)).toBe('word bye')
  })

  it('that ends by itself is an error with its last lines', async () => {
    const worker = crew.hire(program('d', 'console.log("ready"); console.log("no room")'))
    await worker.start(signal)
    await worker.gone()
    expect(() => crew.check()).toThrow('d ended by itself:\nno room')
  })

  it('that is not ready and ends is an error, unless it may die', async () => {
    const worker = crew.hire(program('e', 'console.log("dead")'))
    await expect(worker.start(signal)).rejects.toThrow('e ended by itself:\ndead')
    await worker.start(signal, true)
    worker.check()
  })

  it('is not waited for any longer when the run is stopped', async () => {
    const worker = crew.hire(program('f', 'setInterval(() => {}, 1000)'))
    await expect(worker.start(AbortSignal.abort())).rejects.toThrow('abort')
  })
})
