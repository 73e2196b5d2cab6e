import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What a user gets: the package as npm would publish it, in a folder that knows nothing else. */

const root = join(import.meta.dirname, '..', '..')

/** The SQLite driver may have to be compiled. */
const installMsMax = 600_000

let folder: string
let app: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quipu-pack-'))
  app = join(folder, 'app')
  await mkdir(app)
  await writeFile(join(app, 'package.json'), '{ "name": "app", "private": true }')
  await run('npm', ['pack', '--pack-destination', folder], root)
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  const flags = ['--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts']
  await run('npm', ['install', ...flags, join(folder, String(tarball))], app)
  await buildDriver()
}, installMsMax)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the installed package', () => {
  it('does not bring the optional Kafka client', async () => {
    expect(await readdir(join(app, 'node_modules'))).not.toContain('kafkajs')
  })

  it('holds no tests and no sources', async () => {
    expect((await readdir(join(app, 'node_modules', 'quipu-audit'))).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
      'schemas',
    ])
  })

  it.each(['quipu-audit', 'quipu-audit/kafkajs', 'quipu-audit/topic', 'quipu-audit/stream'])(
    '%s can be imported without a Kafka client',
    async (name) => {
      expect(await exportsOf(name)).not.toEqual([])
    },
  )

  it('quipu --help names its commands', async () => {
    const { stdout } = await run('npx', ['--no-install', 'quipu', '--help'], app)

    expect(stdout).toContain('Usage: quipu')
    expect(stdout).toContain('demo')
  })

  it('quipu demo runs without a Kafka client', async () => {
    const args = ['--no-install', 'quipu', 'demo', '--messages', '1200', '--json']
    const { stdout } = await run('npx', args, app)

    expect(JSON.parse(stdout)).toMatchObject({ match: true })
    const files = await readdir(join(app, 'quipu-demo'))
    expect(files.sort()).toEqual(['report.html', 'report.json', 'report.md'])
  })

  it('the SQLite driver works', async () => {
    const script =
      "const D = (await import('better-sqlite3')).default; console.log(new D(':memory:').prepare('select 1 as one').get().one)"

    expect((await node(script)).trim()).toBe('1')
  })

  it.each(['quipu-audit/kafkajs', 'quipu-audit/topic'])(
    '%s can be imported once kafkajs is there',
    async (name) => {
      await run('npm', ['install', '--no-audit', '--no-fund', 'kafkajs@2.2.4'], app)

      expect(await exportsOf(name)).not.toEqual([])
    },
    installMsMax,
  )

  it('its declarations satisfy a strict compiler', async () => {
    await writeFile(
      join(app, 'app.ts'),
      "import * as kafkajs from 'quipu-audit/kafkajs'\nimport * as quipu from 'quipu-audit'\nconsole.log(kafkajs, quipu)\n",
    )
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023']
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')]

    await run(tsc, [...flags, ...types, 'app.ts'], app)
  })
})

/**
 * What the install script of the SQLite driver makes of the same version it has made here before: where
 * it must be compiled, once is enough.
 */
async function buildDriver(): Promise<void> {
  const driver = join('node_modules', 'better-sqlite3')
  const manifestOf = async (at: string): Promise<{ version: string; scripts: object }> =>
    JSON.parse(await readFile(join(at, driver, 'package.json'), 'utf8'))
  const [own, here] = [await manifestOf(app), await manifestOf(root)]
  expect(own.scripts).toHaveProperty('install')
  if (own.version === here.version)
    await cp(join(root, driver, 'build'), join(app, driver, 'build'), { recursive: true })
  else await run('npm', ['rebuild', 'better-sqlite3'], app)
}

async function exportsOf(name: string): Promise<string[]> {
  return JSON.parse(
    await node(`console.log(JSON.stringify(Object.keys(await import('${name}'))))`),
  ) as string[]
}

async function node(script: string): Promise<string> {
  return (await run('node', ['--input-type=module', '-e', script], app)).stdout
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ stdout: string }> {
  try {
    return await promisify(execFile)(program, args, { cwd, maxBuffer: 64_000_000 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`\`${program} ${args.join(' ')}\` failed:\n${stdout}\n${stderr}`)
  }
}
