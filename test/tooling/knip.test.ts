import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

it('an export, a file and a dependency that nobody uses are refused, used ones are not', () => {
  const mirror = mkdtempSync(join(tmpdir(), 'quipu-knip-'))
  onTestFinished(() => rmSync(mirror, { recursive: true }))
  for (const file of ['knip.json', 'tsconfig.json']) cpSync(join(root, file), join(mirror, file))
  symlinkSync(join(root, 'node_modules'), join(mirror, 'node_modules'))
  const files = {
    'package.json':
      '{ "name": "mirror", "type": "module", "dependencies": { "yaml": "2", "zod": "4" } }',
    'src/index.ts': "export { used } from './hop/used.ts'\n",
    'src/hop/used.ts':
      "import { parse } from 'yaml'\nexport const used = parse\nexport const unusedExport = 1\n",
    'src/hop/unused-file.ts': 'export const x = 1\n',
    'agents/kafkajs.ts': 'export const entry = 1\n',
    'test/hop/used.test.ts': "import { used } from '../../src/hop/used.ts'\nused('')\n",
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(mirror, file)), { recursive: true })
    writeFileSync(join(mirror, file), text)
  }

  const knip = join(root, 'node_modules', '.bin', 'knip')
  const { status, stdout } = spawnSync(knip, ['--no-progress', '--no-config-hints'], {
    cwd: mirror,
    encoding: 'utf8',
  })

  expect(status).toBe(1)
  expect(stdout).toContain('src/hop/unused-file.ts')
  expect(stdout).toContain('unusedExport')
  expect(stdout).toContain('zod')
  expect(stdout).not.toContain('yaml')
  expect(stdout).not.toContain('agents/kafkajs.ts')
  expect(stdout).not.toContain('used.test.ts')
})
