import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gatherSubjects } from '../../../src/evolution/sources/gather.ts'
import type { GatheredSubjects, GatherOptions } from '../../../src/evolution/sources/source.ts'
import {
  commit,
  git,
  newRepository,
  record,
  remove,
  temporaryFolder,
  write,
} from './folder-on-disk.ts'

let folder: string

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => remove(folder))

function gather(options: Partial<GatherOptions> = {}): Promise<GatheredSubjects> {
  return gatherSubjects({ paths: ['schemas'], against: [], workingFolder: folder, ...options })
}

/** Subject → next version and earlier ones, by name. */
function outline({ subjects }: GatheredSubjects): unknown {
  return Object.fromEntries(
    subjects.map(({ subject, next, previous }) => [
      subject,
      [next?.name ?? null, ...previous.map(({ name }) => name)],
    ]),
  )
}

describe('next versions', () => {
  it('are named by their path below the folder, without extension, in order', async () => {
    write(folder, {
      'schemas/orders-value.avsc': record('Order'),
      'schemas/billing/invoice.schema.json': { type: 'object' },
      'schemas/acme/v1/shop.proto': 'syntax = "proto3";',
      'schemas/payments.json': record('Payment'),
      'schemas/readme.md': 'no schema',
    })
    const { subjects, skipped } = await gather()
    expect(subjects.map(({ subject, format, path }) => [subject, format, path])).toEqual([
      ['acme/v1/shop', 'protobuf', 'schemas/acme/v1/shop.proto'],
      ['billing/invoice', 'json-schema', 'schemas/billing/invoice.schema.json'],
      ['orders-value', 'avro', 'schemas/orders-value.avsc'],
      ['payments', 'avro', 'schemas/payments.json'],
    ])
    expect(skipped).toEqual([])
  })

  it('tell which JSON files were taken for no schemas', async () => {
    write(folder, { 'schemas/package.json': { name: 'x', type: 'module' }, 'schemas/a.json': '{' })
    expect(await gather()).toEqual({
      subjects: [],
      skipped: ['schemas/a.json', 'schemas/package.json'],
    })
  })

  it('are named by a rule', async () => {
    write(folder, { 'schemas/eu/orders.avsc': record('Order') })
    const { subjects } = await gather({ subjectRule: '{folder}.{name}-value' })
    expect(subjects.map(({ subject }) => subject)).toEqual(['eu.orders-value'])
  })

  it('are named below the root, also where one file is given', async () => {
    write(folder, { 'schemas/eu/orders.avsc': record('Order') })
    const paths = ['schemas/eu/orders.avsc']
    expect(outline(await gather({ paths }))).toEqual({ orders: ['schemas/eu/orders.avsc'] })
    expect(outline(await gather({ paths, root: 'schemas' }))).toEqual({
      'eu/orders': ['schemas/eu/orders.avsc'],
    })
  })

  it('of the working folder itself leave out what packages and tools keep there', async () => {
    write(folder, {
      'a.avsc': record('A'),
      'node_modules/x/b.avsc': record('B'),
      '.cache/c.avsc': record('C'),
    })
    expect(outline(await gather({ paths: ['.'] }))).toEqual({ a: ['a.avsc'] })
  })

  it('that are one subject are refused', async () => {
    write(folder, { 'schemas/a.avsc': record('A'), 'schemas/a.proto': '' })
    await expect(gather()).rejects.toMatchObject({
      code: 'CONFIG',
      message: 'schemas/a.avsc and schemas/a.proto are both the subject a',
    })
  })

  it('that are one subject in two folders are refused', async () => {
    write(folder, { 'x/a.avsc': record('A'), 'y/a.avsc': record('A') })
    await expect(gather({ paths: ['x', 'y'] })).rejects.toMatchObject({
      message: 'x/a.avsc and y/a.avsc are both the subject a',
    })
  })

  it('given twice, by a folder and a file in it, are there once', async () => {
    write(folder, { 'schemas/a.avsc': record('A') })
    const paths = ['schemas', 'schemas/a.avsc']
    expect(outline(await gather({ paths }))).toEqual({ a: ['schemas/a.avsc'] })
  })

  it('that are not there are refused', async () => {
    await expect(gather()).rejects.toMatchObject({
      code: 'CONFIG',
      message: 'there is no file or folder schemas',
    })
  })

  it('given by name that are no schemas are refused', async () => {
    write(folder, { 'schemas/a.json': { name: 'x' } })
    await expect(gather({ paths: ['schemas/a.json'] })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('schemas/a.json is no schema'),
    })
    // Unless it is said what they are.
    const { subjects } = await gather({ paths: ['schemas/a.json'], format: 'json-schema' })
    expect(subjects.map(({ format }) => format)).toEqual(['json-schema'])
  })

  it('given by name may be called anything, where it is said what they are', async () => {
    const texts = { 'a.txt': record('A', { b: 'B' }), 'b.avsc': record('B') }
    write(folder, texts)
    const { subjects } = await gather({ paths: ['a.txt'], format: 'avro' })
    expect(subjects.map(({ subject, path }) => [subject, path])).toEqual([['a.txt', 'a.txt']])
  })

  it('that are not UTF-8 are refused, by name', async () => {
    write(folder, { 'schemas/a.avsc': '' })
    writeFileSync(join(folder, 'schemas/a.avsc'), Buffer.from([0x22, 0xff, 0x22]))
    await expect(gather()).rejects.toMatchObject({ message: 'schemas/a.avsc is not UTF-8' })
  })

  it('may begin with a byte order mark', async () => {
    write(folder, { 'schemas/a.avsc': '\ufeff"string"' })
    const { subjects } = await gather()
    expect(subjects[0]?.next?.text).toBe('"string"')
  })

  it('are read through a link within the folder, not through one out of it', async () => {
    write(folder, { 'schemas/a.avsc': record('A'), 'secret.avsc': record('Secret') })
    symlinkSync('a.avsc', join(folder, 'schemas/b.avsc'))
    symlinkSync('../secret.avsc', join(folder, 'schemas/c.avsc'))
    symlinkSync('..', join(folder, 'schemas/up'))
    symlinkSync('nowhere.avsc', join(folder, 'schemas/d.avsc'))
    const { subjects } = await gather()
    expect(subjects.map(({ subject, next }) => [subject, next?.text])).toEqual([
      ['a', JSON.stringify(record('A'))],
      ['b', JSON.stringify(record('A'))],
    ])
  })

  it('larger than 10 MB are refused before they are read', async () => {
    write(folder, { 'schemas/a.avsc': ' '.repeat(10 * 1024 * 1024 + 1) })
    await expect(gather()).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: 'schemas/a.avsc has 10,485,761 bytes; 10,485,760 are read',
    })
  })
})

describe('against a folder', () => {
  it('pairs by subject; what is only there was deleted, what is only here is new', async () => {
    write(folder, {
      'schemas/a.avsc': record('A', { id: 'long' }),
      'schemas/new.avsc': record('New'),
      'old/a.avsc': record('A', { id: 'int' }),
      'old/gone.proto': 'syntax = "proto3";',
    })
    const gathered = await gather({ against: ['old'] })
    expect(outline(gathered)).toEqual({
      a: ['schemas/a.avsc', 'old/a.avsc'],
      gone: [null, 'old/gone.proto'],
      new: ['schemas/new.avsc'],
    })
    expect(gathered.subjects.map(({ format, path }) => [format, path])).toEqual([
      ['avro', 'schemas/a.avsc'],
      ['protobuf', null],
      ['avro', 'schemas/new.avsc'],
    ])
  })

  it('takes several in the order given, oldest first; what the last lacks was gone before', async () => {
    write(folder, {
      'schemas/a.avsc': record('A'),
      'v1/a.avsc': record('A'),
      'v1/gone.avsc': record('Gone'),
      'v2/a.avsc': record('A'),
    })
    expect(outline(await gather({ against: ['v1', 'v2'] }))).toEqual({
      a: ['schemas/a.avsc', 'v1/a.avsc', 'v2/a.avsc'],
    })
  })

  it('looks at one file where one is given', async () => {
    write(folder, {
      'schemas/a.avsc': record('A'),
      'old/a.avsc': record('A'),
      'old/b.avsc': record('B'),
    })
    expect(outline(await gather({ paths: ['schemas/a.avsc'], against: ['old'] }))).toEqual({
      a: ['schemas/a.avsc', 'old/a.avsc'],
    })
  })

  it('knows a subject whose format has changed', async () => {
    write(folder, { 'schemas/a.proto': 'syntax = "proto3";', 'old/a.avsc': record('A') })
    const { subjects } = await gather({ against: ['old'] })
    expect(subjects).toMatchObject([{ format: 'protobuf', previous: [{ format: 'avro' }] }])
  })

  it('leaves out what is not wanted, deleted or not', async () => {
    write(folder, {
      'schemas/a.avsc': record('A'),
      'schemas/b.avsc': record('B'),
      'old/c.avsc': record('C'),
    })
    const isWanted = (subject: string): boolean => subject === 'a'
    expect(outline(await gather({ against: ['old'], isWanted }))).toEqual({ a: ['schemas/a.avsc'] })
  })
})

describe('against files', () => {
  it('takes one file on either side for one subject, whatever they are called', async () => {
    write(folder, { 'new.avsc': record('A'), 'v1.avsc': record('A'), 'v2.json': record('A') })
    const options = { paths: ['new.avsc'], against: ['v1.avsc', 'v2.json'] }
    expect(outline(await gather(options))).toEqual({ new: ['new.avsc', 'v1.avsc', 'v2.json'] })
  })

  it('pairs a file with the subject of its name in a folder', async () => {
    write(folder, {
      'schemas/a.avsc': record('A'),
      'schemas/b.avsc': record('B'),
      'old/a.avsc': record('A'),
    })
    expect(outline(await gather({ against: ['old/a.avsc'] }))).toEqual({
      a: ['schemas/a.avsc', 'old/a.avsc'],
      b: ['schemas/b.avsc'],
    })
  })

  it('refuses a file of a subject that is not there', async () => {
    write(folder, { 'schemas/a.avsc': record('A'), 'old/c.avsc': record('C') })
    await expect(gather({ against: ['old/c.avsc'] })).rejects.toMatchObject({
      code: 'CONFIG',
      message: 'old/c.avsc is the subject c, which is not among those to check',
    })
  })
})

describe('against git', () => {
  beforeEach(() => newRepository(folder))

  it.each([
    ['a branch', 'git:main', 'main'],
    ['a bare ref that is no path', 'main', 'main'],
    ['a tag', 'git:v1', 'v1'],
    ['an ancestor', 'git:HEAD~1', 'HEAD~1'],
  ])('reads %s', async (_what, against, label) => {
    commit(folder, { 'schemas/a.avsc': record('A', { id: 'int' }), 'schemas/gone.proto': '' })
    git(folder, 'tag', 'v1')
    git(folder, 'checkout', '--quiet', '-b', 'work')
    git(folder, 'rm', '--quiet', 'schemas/gone.proto')
    commit(folder, { 'schemas/a.avsc': record('A', { id: 'long' }), 'schemas/b.avsc': '"int"' })
    const gathered = await gather({ against: [against] })
    expect(outline(gathered)).toEqual({
      a: ['schemas/a.avsc', `${label}:schemas/a.avsc`],
      b: ['schemas/b.avsc'],
      gone: [null, `${label}:schemas/gone.proto`],
    })
    const [a] = gathered.subjects
    expect(a?.previous.map(({ text }) => text)).toEqual([
      JSON.stringify(record('A', { id: 'int' })),
    ])
  })

  it('takes a path for a path, although there is such a branch', async () => {
    commit(folder, { 'schemas/a.avsc': record('A'), 'old/a.avsc': record('A') })
    git(folder, 'branch', 'old')
    expect(outline(await gather({ against: ['old'] }))).toEqual({
      a: ['schemas/a.avsc', 'old/a.avsc'],
    })
    expect(outline(await gather({ against: ['git:old'] }))).toEqual({
      a: ['schemas/a.avsc', 'old:schemas/a.avsc'],
    })
  })

  it('reads where the branches part, not where the other one is now', async () => {
    const base = commit(folder, { 'schemas/a.avsc': record('Base') })
    git(folder, 'checkout', '--quiet', '-b', 'work')
    commit(folder, { 'schemas/a.avsc': record('Work') })
    git(folder, 'checkout', '--quiet', 'main')
    commit(folder, { 'schemas/a.avsc': record('Main') })
    git(folder, 'checkout', '--quiet', 'work')
    for (const against of ['merge-base:main', 'git:merge-base:main']) {
      const { subjects } = await gather({ against: [against] })
      expect(subjects[0]?.previous).toMatchObject([
        { name: `${base.slice(0, 12)}:schemas/a.avsc`, text: JSON.stringify(record('Base')) },
      ])
    }
  })

  it('reads several commits, oldest first', async () => {
    commit(folder, { 'schemas/a.avsc': record('One') })
    commit(folder, { 'schemas/a.avsc': record('Two') })
    const { subjects } = await gather({ against: ['git:HEAD~1', 'git:HEAD'] })
    expect(subjects[0]?.previous.map(({ text }) => JSON.parse(text).name)).toEqual(['One', 'Two'])
  })

  it('reads the working tree as the next version, committed or not', async () => {
    commit(folder, { 'schemas/a.avsc': record('Committed') })
    write(folder, { 'schemas/a.avsc': record('Edited') })
    const { subjects } = await gather({ against: ['git:HEAD'] })
    expect(subjects[0]?.next?.text).toBe(JSON.stringify(record('Edited')))
    expect(subjects[0]?.previous[0]?.text).toBe(JSON.stringify(record('Committed')))
  })

  it('finds the same folder from below the top of the repository', async () => {
    commit(folder, { 'service/schemas/a.avsc': record('A') })
    const workingFolder = join(folder, 'service')
    expect(outline(await gather({ workingFolder, against: ['git:HEAD'] }))).toEqual({
      a: ['schemas/a.avsc', 'HEAD:service/schemas/a.avsc'],
    })
  })

  it('finds only what is below a file or folder of a root, in git as in the tree', async () => {
    commit(folder, {
      'schemas/eu/a.avsc': record('A'),
      'schemas/eu/b.avsc': record('B'),
      'schemas/us/a.avsc': record('A'),
    })
    const options = { root: 'schemas', against: ['git:HEAD'] }
    expect(outline(await gather({ ...options, paths: ['schemas/eu'] }))).toEqual({
      'eu/a': ['schemas/eu/a.avsc', 'HEAD:schemas/eu/a.avsc'],
      'eu/b': ['schemas/eu/b.avsc', 'HEAD:schemas/eu/b.avsc'],
    })
    expect(outline(await gather({ ...options, paths: ['schemas/eu/a.avsc'] }))).toEqual({
      'eu/a': ['schemas/eu/a.avsc', 'HEAD:schemas/eu/a.avsc'],
    })
  })

  it('takes a folder that the commit has not for a new one', async () => {
    commit(folder, { 'other.txt': 'x' })
    write(folder, { 'schemas/a.avsc': record('A') })
    expect(outline(await gather({ against: ['git:HEAD'] }))).toEqual({ a: ['schemas/a.avsc'] })
  })

  it('knows a rename as a deletion and a new subject', async () => {
    commit(folder, { 'schemas/a.avsc': record('A') })
    git(folder, 'mv', 'schemas/a.avsc', 'schemas/b.avsc')
    expect(outline(await gather({ against: ['git:HEAD'] }))).toEqual({
      a: [null, 'HEAD:schemas/a.avsc'],
      b: ['schemas/b.avsc'],
    })
  })

  it('follows links in a commit as in the tree: within the folder, and not out of it', async () => {
    write(folder, { 'schemas/a.avsc': record('A'), 'secret.avsc': record('Secret') })
    symlinkSync('a.avsc', join(folder, 'schemas/b.avsc'))
    symlinkSync('../secret.avsc', join(folder, 'schemas/c.avsc'))
    symlinkSync('e.avsc', join(folder, 'schemas/d.avsc'))
    symlinkSync('d.avsc', join(folder, 'schemas/e.avsc'))
    commit(folder, {})
    remove(join(folder, 'schemas'))
    write(folder, { 'schemas/z.avsc': record('Z') })
    expect(outline(await gather({ against: ['git:HEAD'] }))).toEqual({
      a: [null, 'HEAD:schemas/a.avsc'],
      b: [null, 'HEAD:schemas/b.avsc'],
      z: ['schemas/z.avsc'],
    })
  })

  it('reads paths that git would quote, and texts of every length', async () => {
    const texts = {
      'schemas/ünï cøde "x".avsc': record('A'),
      'schemas/empty.avsc': '',
      'schemas/line\nbreak.avsc': '"int"\n\n',
    }
    commit(folder, texts)
    const { subjects } = await gather({ against: ['git:HEAD'] })
    expect(subjects).toHaveLength(3)
    for (const { next, previous } of subjects) expect(previous[0]?.text).toBe(next?.text)
  })

  it('refuses what git would take for an option', async () => {
    write(folder, { 'schemas/a.avsc': record('A') })
    await expect(gather({ against: ['git:--upload-pack=x'] })).rejects.toMatchObject({
      code: 'CONFIG',
      message: '`--upload-pack=x` is not taken for a git ref: it begins with `-`',
    })
  })

  it.each(['git:', 'git:a..b', 'git:main:schemas', 'git:a b', 'git:^main', 'merge-base:-x'])(
    'refuses %s, which is no ref',
    async (against) => {
      commit(folder, { 'schemas/a.avsc': record('A') })
      await expect(gather({ against: [against] })).rejects.toMatchObject({ code: 'CONFIG' })
    },
  )

  it('says that a ref is not there, and how to get it', async () => {
    commit(folder, { 'schemas/a.avsc': record('A') })
    await expect(gather({ against: ['git:release'] })).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: 'there is no git ref `release`',
      hint: expect.stringContaining('git fetch origin release'),
    })
  })

  it('says that a branch is there as a remote one only', async () => {
    const upstream = join(folder, 'upstream')
    mkdirSync(upstream)
    newRepository(upstream)
    commit(upstream, { 'schemas/a.avsc': record('A') })
    git(upstream, 'branch', 'release')
    git(folder, 'clone', '--quiet', upstream, 'clone')
    const workingFolder = join(folder, 'clone')
    await expect(gather({ workingFolder, against: ['git:release'] })).rejects.toMatchObject({
      hint: 'There is `origin/release`: compare with git:origin/release.',
    })
    expect(outline(await gather({ workingFolder, against: ['git:origin/release'] }))).toEqual({
      a: ['schemas/a.avsc', 'origin/release:schemas/a.avsc'],
    })
  })

  it('says that a clone is shallow where that is why', async () => {
    const upstream = join(folder, 'upstream')
    mkdirSync(upstream)
    newRepository(upstream)
    commit(upstream, { 'schemas/a.avsc': record('A') })
    commit(upstream, { 'schemas/a.avsc': record('B') })
    git(folder, 'clone', '--quiet', '--depth=1', `file://${upstream}`, 'clone')
    const workingFolder = join(folder, 'clone')
    await expect(gather({ workingFolder, against: ['git:HEAD~1'] })).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: 'the ref `HEAD~1` is not in this shallow clone',
      hint: expect.stringContaining('git fetch --unshallow'),
    })
  })

  it('fetches nothing that a partial clone lacks', async () => {
    const upstream = join(folder, 'upstream')
    mkdirSync(upstream)
    newRepository(upstream)
    git(upstream, 'config', 'uploadpack.allowFilter', 'true')
    commit(upstream, { 'schemas/a.avsc': record('A') })
    commit(upstream, { 'schemas/a.avsc': record('B') })
    const options = ['--quiet', '--filter=blob:none', `file://${upstream}`]
    git(folder, 'clone', ...options, 'clone')
    const workingFolder = join(folder, 'clone')
    await expect(gather({ workingFolder, against: ['git:HEAD~1'] })).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringContaining('git cannot read commit'),
    })
  })

  it('says that branches have nothing in common', async () => {
    commit(folder, { 'schemas/a.avsc': record('A') })
    git(folder, 'checkout', '--quiet', '--orphan', 'other')
    commit(folder, { 'schemas/a.avsc': record('B') })
    await expect(gather({ against: ['merge-base:main'] })).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: 'HEAD and `main` have no commit in common',
    })
  })

  it('says that there is no repository', async () => {
    remove(join(folder, '.git'))
    write(folder, { 'schemas/a.avsc': record('A') })
    await expect(gather({ against: ['git:main'] })).rejects.toMatchObject({
      code: 'CANNOT_JUDGE',
      message: expect.stringContaining('is in no git repository'),
    })
  })
})
