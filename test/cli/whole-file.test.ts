/** A file is there whole or as it was, whatever happens meanwhile. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wantedOf } from '../../src/cli/outputs.ts'
import { writeLines, writeNew, writeWhole } from '../../src/cli/whole-file.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-whole-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const at = (name: string): string => join(dir, name)
const text = (name: string): string => readFileSync(at(name), 'utf8')

describe('a whole text', () => {
  it('takes the place of another', () => {
    writeFileSync(at('a'), 'old')
    writeWhole(at('a'), 'new')
    expect([text('a'), readdirSync(dir)]).toEqual(['new', ['a']])
  })
  it('goes where a link leads, and the link stays', () => {
    writeFileSync(at('a'), 'old')
    symlinkSync('a', at('link'))
    writeWhole(at('link'), 'new')
    expect([text('a'), lstatSync(at('link')).isSymbolicLink()]).toEqual(['new', true])
  })
  it('goes through a pipe, and never takes its place', async () => {
    spawnSync('sh', ['-c', 'mkfifo "$1"', 'sh', at('pipe')])
    const reader = spawn('cat', [at('pipe')])
    const read = once(reader.stdout, 'data')
    writeWhole(at('pipe'), 'new')
    expect(String(await read)).toBe('new')
    expect([lstatSync(at('pipe')).isFIFO(), readdirSync(dir)]).toEqual([true, ['pipe']])
  })
  it('that cannot be written leaves nothing, and says where', () => {
    mkdirSync(at('folder'))
    expect(() => writeWhole(at('folder'), 'new')).toThrow(`cannot write ${at('folder')}`)
    expect(() => writeWhole(at('none/a'), 'new')).toThrow(`cannot write ${at('none/a')}`)
    expect(readdirSync(dir)).toEqual(['folder'])
  })
  it('that must be new is not written over another', () => {
    expect([writeNew(at('a'), 'one'), writeNew(at('a'), 'two'), text('a')]).toEqual([
      ...[true, false, 'one'],
    ])
  })
})

describe('lines', () => {
  async function* three(after: (line: number) => void): AsyncGenerator<string> {
    for (const line of [1, 2, 3]) {
      yield `${line}\n`
      after(line)
    }
  }

  it('are all there', async () => {
    const { signal } = new AbortController()
    expect(
      await writeLines(
        at('a'),
        three(() => {}),
        signal,
      ),
    ).toBe(3)
    expect([text('a'), readdirSync(dir)]).toEqual(['1\n2\n3\n', ['a']])
  })
  it('that are stopped leave what was there', async () => {
    writeFileSync(at('a'), 'old')
    const stop = new AbortController()
    const told = await writeLines(
      at('a'),
      three(() => stop.abort()),
      stop.signal,
    )
    expect([told, text('a'), readdirSync(dir)]).toEqual([null, 'old', ['a']])
  })
  it('that fail leave what was there', async () => {
    writeFileSync(at('a'), 'old')
    const lines = three(() => {
      throw new Error('torn')
    })
    await expect(writeLines(at('a'), lines, new AbortController().signal)).rejects.toThrow('torn')
    expect([text('a'), readdirSync(dir)]).toEqual(['old', ['a']])
  })
})

/** As on a full disk: no file may become larger than half a KiB. */
function initInNoRoom(...more: readonly string[]) {
  const node = [process.execPath, '--import', resolve('node_modules/tsx/dist/loader.mjs')]
  const args = [...node, resolve('src/cli/main.ts'), 'init', '--yes', ...more]
  const limited = `trap '' XFSZ; ulimit -f 1; exec "$@"`
  const env = { ...process.env, NO_COLOR: '1', TSX_DISABLE_CACHE: '1' }
  return spawnSync('sh', ['-c', limited, 'sh', ...args], { cwd: dir, env, encoding: 'utf8' })
}

describe('a first file for which there is no room', () => {
  it('is not there at all', () => {
    const { status, stderr } = initInNoRoom()
    expect([status, readdirSync(dir)], stderr).toEqual([4, []])
    expect(stderr).toMatch(/^quipu: cannot write quipu.yaml: EFBIG/)
  })
  it('leaves the one that it was to replace', () => {
    writeFileSync(at('quipu.yaml'), 'old')
    const { status, stderr } = initInNoRoom('--force')
    expect([status, readdirSync(dir)], stderr).toEqual([4, ['quipu.yaml']])
    expect(text('quipu.yaml')).toBe('old')
  })
})

it('two outputs in one file are refused, however it is named', () => {
  const format = [
    { format: 'html', file: 'a' },
    { format: 'csv', file: './a' },
  ] as const
  expect(() => wantedOf({ format })).toThrow(/two of them would be written to .*a$/)
  expect(wantedOf({ format: [format[0], { format: 'csv', file: 'b' }] })).toHaveLength(2)
})
