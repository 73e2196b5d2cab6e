/** A lock between processes of one machine: a folder that only one of them can make. */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 200

/** A folder without a pid in it: its owner is between `mkdir` and `writeFile`, or died there. */
const namelessMsMax = 5_000

/** Runs `work` while no other process runs work under the same `folder`. A dead owner loses it. */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(folder), { recursive: true })
  let namelessSince = Date.now()
  while (!(await tryLock(folder))) {
    const owner = await ownerOf(folder)
    if (owner !== undefined) namelessSince = Date.now()
    const dead = owner === undefined ? Date.now() - namelessSince > namelessMsMax : !isAlive(owner)
    if (dead) await rm(folder, { recursive: true, force: true })
    else await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function tryLock(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  await writeFile(`${folder}/pid`, String(process.pid))
  return true
}

async function ownerOf(folder: string): Promise<number | undefined> {
  const pid = Number(await readFile(`${folder}/pid`, 'utf8').catch(() => ''))
  return pid > 0 ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
