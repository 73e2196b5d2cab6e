/** `quipu replay-list` where no log can be asked: it says why, and finds nothing that is not there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quipu } from '../support/quipu.ts'
import { makeStore } from './explain-store.ts'

const dir = mkdtempSync(join(tmpdir(), 'quipu-replay-search-'))
beforeAll(() => makeStore(join(dir, 'lost.db')))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface List {
  readonly edges: readonly { readonly notFound: readonly { readonly why: string }[] }[]
}

async function reasons(...flags: string[]): Promise<[number, string[], string]> {
  const args = ['replay-list', '--store', 'lost.db', '--json', ...flags]
  const { code, stdout, stderr } = await quipu(args, dir)
  const { edges } = JSON.parse(stdout) as List
  return [code, [...new Set(edges.flatMap((e) => e.notFound.map(({ why }) => why)))], stderr]
}

describe('lost messages are not sought', () => {
  it('where no brokers are named, which is not the fault of any broker', async () => {
    const [code, why, said] = await reasons()
    expect([code, why]).toEqual([3, ['flights was not searched: no brokers are named']])
    expect(said).toContain('no brokers are named (--brokers HOST:PORT, or --config FILE)')
    expect(said).not.toContain('answer')
  })

  it('where those that are named are none, and which they are', async () => {
    const [code, why] = await reasons('--brokers', '127.0.0.1:1')
    expect([code, why]).toEqual([3, [expect.stringContaining('127.0.0.1:1')]])
  })
})
