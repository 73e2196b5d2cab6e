import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { run } from '../../src/testbed/command.ts'
import { withLock } from '../../src/testbed/lock.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quipu-lock-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

it('lets one after the other work', async () => {
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside)
    await sleep(20)
    inside--
  }

  await Promise.all([1, 2, 3].map(() => withLock(join(folder, 'lock'), work)))

  expect(most).toBe(1)
})

it('is given back when the work fails', async () => {
  const fail = withLock(join(folder, 'lock'), async () => {
    throw new Error('no luck')
  })

  await expect(fail).rejects.toThrow('no luck')
  await expect(withLock(join(folder, 'lock'), async () => 'next')).resolves.toBe('next')
})

it('is taken from a process that died with it', async () => {
  const { output: deadPid } = await run('sh', ['-c', 'echo $$'])
  mkdirSync(join(folder, 'lock'))
  writeFileSync(join(folder, 'lock', 'pid'), deadPid)

  await expect(withLock(join(folder, 'lock'), async () => 'mine')).resolves.toBe('mine')
})
