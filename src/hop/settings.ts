/**
 * Parameters that every agent of a deployment must share (law 7): from the options, else from the
 * pipeline file that `QUIPU_CONFIG` names, else the defaults.
 *
 * An agent lives in somebody else's process: what cannot be read is reported, never thrown.
 */
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parseDuration } from '../base/duration.ts'
import { messageOf } from '../base/errors.ts'
import { DEFAULT_SEED } from '../sketch/sketch.ts'

export interface AgentSettings {
  /** ms */
  readonly windowMs: number
  /** ms after the end of a window until its deadline */
  readonly latenessMs: number
  /** ms between two frames */
  readonly flushMs: number
  /** uint32 */
  readonly seed: number
}

export const DEFAULT_SETTINGS: AgentSettings = {
  windowMs: 60_000,
  latenessMs: 120_000,
  flushMs: 5_000,
  seed: DEFAULT_SEED,
}

export interface SettingsOptions {
  readonly windowMs?: number | undefined
  readonly latenessMs?: number | undefined
  readonly flushMs?: number | undefined
  readonly seed?: number | undefined
}

/** A pipeline file is hand-written: one that is larger is not one. */
const FILE_BYTES_MAX = 1 << 20
/** Above this a timer of Node fires at once. */
const MS_MAX = 2 ** 31 - 1

export function agentSettings(
  options: SettingsOptions,
  onTrouble: (text: string) => void,
  path: string | undefined = process.env.QUIPU_CONFIG,
): AgentSettings {
  const file = path === undefined || path === '' ? {} : fileSettings(path, onTrouble)
  const choose = (name: keyof AgentSettings, isValid: (n: number) => boolean): number => {
    for (const [source, value] of [
      ['option', options[name]],
      [path, file[name]],
    ] as const) {
      if (value === undefined) continue
      if (isValid(value)) return value
      onTrouble(`${source} ${name}: expected ${expectation[name]}, got ${value}; it is not used`)
    }
    return DEFAULT_SETTINGS[name]
  }
  return {
    windowMs: choose('windowMs', isPositive),
    latenessMs: choose('latenessMs', (n) => n === 0 || isPositive(n)),
    flushMs: choose('flushMs', isPositive),
    seed: choose('seed', (n) => Number.isInteger(n) && n >= 0 && n < 2 ** 32),
  }
}

const expectation: Readonly<Record<keyof AgentSettings, string>> = {
  windowMs: 'whole milliseconds above 0',
  latenessMs: 'whole milliseconds',
  flushMs: 'whole milliseconds above 0',
  seed: 'a whole number below 2^32',
}

function isPositive(n: number): boolean {
  return Number.isInteger(n) && n > 0 && n <= MS_MAX
}

function fileSettings(path: string, onTrouble: (text: string) => void): SettingsOptions {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error('larger than 1 MiB')
    // Loaded only where a file is named: an agent should not cost its host what it does not use.
    const { parse } = createRequire(import.meta.url)('yaml') as { parse(text: string): unknown }
    const document = parse(readFileSync(path, 'utf8'))
    if (document === null || typeof document !== 'object') throw new Error('not a mapping')
    const { window, lateness, seed } = document as Record<string, unknown>
    return {
      windowMs: durationOf('window', window, path, onTrouble),
      latenessMs: durationOf('lateness', lateness, path, onTrouble),
      seed: numberOf(seed, path, onTrouble),
    }
  } catch (error) {
    onTrouble(`${path} cannot be read, defaults are used: ${messageOf(error)}`)
    return {}
  }
}

function durationOf(
  name: string,
  value: unknown,
  path: string,
  onTrouble: (text: string) => void,
): number | undefined {
  if (value === undefined || value === null) return undefined
  const ms = typeof value === 'string' ? parseDuration(value) : null
  if (ms === null) {
    onTrouble(`${path}: ${name}: expected a duration like 1m, got ${JSON.stringify(value)}`)
    return undefined
  }
  return ms
}

function numberOf(
  value: unknown,
  path: string,
  onTrouble: (text: string) => void,
): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number') return value
  onTrouble(`${path}: seed: expected a whole number, got ${JSON.stringify(value)}`)
  return undefined
}
