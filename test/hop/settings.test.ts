import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agentSettings, DEFAULT_SETTINGS } from '../../src/hop/settings.ts'

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'quipu-settings-')), 'quipu.yaml')
  writeFileSync(path, text)
  return path
}

function settings(options: Parameters<typeof agentSettings>[0], path?: string) {
  const troubles: string[] = []
  return { ...agentSettings(options, (text) => troubles.push(text), path), troubles }
}

describe('the settings of an agent', () => {
  it('come from the options, then from the file, then from the defaults', () => {
    const path = file('version: 1\nwindow: 10s\nlateness: 30s\npipelines: {}\n')
    expect(settings({ windowMs: 5_000 }, path)).toEqual({
      windowMs: 5_000,
      latenessMs: 30_000,
      flushMs: DEFAULT_SETTINGS.flushMs,
      seed: DEFAULT_SETTINGS.seed,
      troubles: [],
    })
    expect(settings({}, '')).toEqual({ ...DEFAULT_SETTINGS, troubles: [] })
  })

  it('take the seed of the deployment', () => {
    expect(settings({}, file('seed: 42\n')).seed).toBe(42)
    expect(settings({ seed: 7 }, file('seed: 42\n')).seed).toBe(7)
  })

  it.each([
    ['a file that is not there', '/nowhere/quipu.yaml', /cannot be read/],
    ['what is no YAML', file('a: [\n'), /cannot be read/],
    ['what is no mapping', file('just text\n'), /cannot be read/],
    ['a window that is no duration', file('window: soon\n'), /window: expected a duration/],
    ['a window of nothing', file('window: 0s\n'), /windowMs: expected/],
    ['a seed that is no number', file('seed: abc\n'), /seed: expected a whole number/],
    ['a seed beyond 32 bits', file('seed: 4294967296\n'), /seed: expected/],
  ])('fall back, and say so, for %s', (_, path, trouble) => {
    const { troubles, ...rest } = settings({}, path)
    expect(rest).toEqual(DEFAULT_SETTINGS)
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toMatch(trouble)
  })

  it('fall back for options that cannot be', () => {
    const { troubles, ...rest } = settings({ windowMs: Number.NaN, flushMs: -1, seed: 0.5 }, '')
    expect(rest).toEqual(DEFAULT_SETTINGS)
    expect(troubles).toHaveLength(3)
  })
})
