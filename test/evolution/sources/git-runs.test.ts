import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { gatherSubjects } from '../../../src/evolution/sources/gather.ts'
import { commit, newRepository, record, remove, temporaryFolder } from './folder-on-disk.ts'

let folder: string

beforeEach(() => {
  folder = temporaryFolder()
  newRepository(folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  remove(folder)
})

/** Puts a program named git before git, which writes down how it was called. */
function listen(): () => string[] {
  const bin = join(folder, 'bin')
  const log = join(folder, 'runs.log')
  mkdirSync(bin)
  const path = process.env.PATH ?? ''
  writeFileSync(log, '')
  const script = `#!/bin/sh\necho "$@" >> '${log}'\nPATH='${path}' exec git "$@"\n`
  writeFileSync(join(bin, 'git'), script)
  chmodSync(join(bin, 'git'), 0o755)
  vi.stubEnv('PATH', `${bin}${delimiter}${path}`)
  return () => readFileSync(log, 'utf8').trim().split('\n')
}

it('300 files take one run of git for their list and one for their texts', async () => {
  const texts = Array.from({ length: 300 }, (_, i) => [`s/${i}.avsc`, record(`R${i}`)])
  commit(folder, Object.fromEntries(texts))
  const runs = listen()
  const { subjects } = await gatherSubjects({
    ...{ paths: ['s'], against: ['git:HEAD'], workingFolder: folder },
  })
  expect(subjects.filter(({ previous }) => previous.length === 1)).toHaveLength(300)
  expect(runs().map((run) => run.replace(/[0-9a-f]{40}/, 'ID'))).toEqual([
    '--literal-pathspecs rev-parse --show-toplevel',
    '--literal-pathspecs rev-parse --verify --quiet --end-of-options HEAD^{commit}',
    '--literal-pathspecs ls-tree -z --full-tree ID -- s',
    '--literal-pathspecs ls-tree -r -z -l --full-tree ID',
    '--literal-pathspecs cat-file --batch',
  ])
})

it('a ref that git would take for an option never reaches it', async () => {
  commit(folder, { 's/a.avsc': record('A') })
  const runs = listen()
  for (const against of ['git:--exec=x', 'merge-base:--fork-point', '--help']) {
    const options = { paths: ['s'], against: [against], workingFolder: folder }
    await expect(gatherSubjects(options)).rejects.toMatchObject({ code: 'CONFIG' })
  }
  expect(new Set(runs())).toEqual(new Set(['--literal-pathspecs rev-parse --show-toplevel']))
})

it('without git it is said that it is missing', async () => {
  commit(folder, { 's/a.avsc': record('A') })
  vi.stubEnv('PATH', folder)
  const options = { paths: ['s'], against: ['git:HEAD'], workingFolder: folder }
  await expect(gatherSubjects(options)).rejects.toMatchObject({
    code: 'MISSING_PART',
    message: `git cannot be run in ${folder}`,
  })
})
