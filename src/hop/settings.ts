/**
 * Parameters that every agent of a deployment must share (law 7): from the options, else from the
 * pipeline file that `QUIPU_CONFIG` names, else the defaults.
 *
 * An agent lives in somebody else's process: what cannot be read is reported, never thrown.
 */
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { parseDuration } from '../base/duration.ts'
import { type Environment, withVariables } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import { DEFAULT_SEED } from '../sketch/sketch.ts'
import type { HopRef } from './hop.ts'
import type { Trouble } from './loose-reader.ts'
import { PLAIN, type TallyPlan, tallyPlans } from './plan.ts'
import { planPipelines } from './plan-file.ts'

export interface AgentSettings {
  /** ms */
  readonly windowMs: number
  /** ms after the end of a window until its deadline */
  readonly latenessMs: number
  /** ms between two frames */
  readonly flushMs: number
  /** uint32 */
  readonly seed: number
  /** What a hop must keep. */
  readonly planOf: (hop: HopRef) => TallyPlan
}

export const DEFAULT_SETTINGS: AgentSettings = {
  windowMs: 60_000,
  latenessMs: 120_000,
  flushMs: 5_000,
  seed: DEFAULT_SEED,
  planOf: () => PLAIN,
}

export interface SettingsOptions {
  readonly windowMs?: number | undefined
  readonly latenessMs?: number | undefined
  readonly flushMs?: number | undefined
  readonly seed?: number | undefined
  readonly planOf?: ((hop: HopRef) => TallyPlan) | undefined
}

/** A pipeline file is hand-written: one that is larger is not one. */
const FILE_BYTES_MAX = 1 << 20
/** Above this a timer of Node fires at once. */
const MS_MAX = 2 ** 31 - 1
/** More is counted, not said: a file can be wrong in a thousand places. */
const TROUBLES_MAX = 20
/** Names in the file may be as long as the file. */
const TROUBLE_CHARS_MAX = 300

type NumberName = Exclude<keyof AgentSettings, 'planOf'>

export function agentSettings(
  options: SettingsOptions,
  onTrouble: Trouble,
  path: string | undefined = process.env.QUIPU_CONFIG,
  env: Environment = process.env,
): AgentSettings {
  const file = path === undefined || path === '' ? {} : fileSettings(path, env, onTrouble)
  const choose = (name: NumberName, isValid: (n: number) => boolean): number => {
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
    planOf: options.planOf ?? file.planOf ?? DEFAULT_SETTINGS.planOf,
  }
}

const expectation: Readonly<Record<NumberName, string>> = {
  windowMs: 'whole milliseconds above 0',
  latenessMs: 'whole milliseconds',
  flushMs: 'whole milliseconds above 0',
  seed: 'a whole number below 2^32',
}

function isPositive(n: number): boolean {
  return Number.isInteger(n) && n > 0 && n <= MS_MAX
}

function fileSettings(path: string, env: Environment, onTrouble: Trouble): SettingsOptions {
  let troubles = 0
  const say: Trouble = (text) => {
    if (++troubles <= TROUBLES_MAX) onTrouble(`${path}: ${text.slice(0, TROUBLE_CHARS_MAX)}`)
  }
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error('larger than 1 MiB')
    // Loaded only where a file is named: an agent should not cost its host what it does not use.
    const { parse } = createRequire(import.meta.url)('yaml') as {
      parse(text: string, options: { readonly logLevel: 'error' }): unknown
    }
    // Warnings would be emitted by the user's process.
    const document = parse(readFileSync(path, 'utf8'), { logLevel: 'error' })
    if (document === null || typeof document !== 'object') throw new Error('not a mapping')
    const map = document as Record<string, unknown>
    const { window, lateness, seed } = map
    const pipelines = planPipelines(map, env, say, dirname(resolve(path)))
    return {
      windowMs: durationOf('window', window, env, say),
      latenessMs: durationOf('lateness', lateness, env, say),
      seed: numberOf(seed, say),
      planOf: pipelines.length === 0 ? undefined : tallyPlans(pipelines),
    }
  } catch (error) {
    // The parser repeats lines of the file, which may be as long as it is.
    const why = messageOf(error).slice(0, TROUBLE_CHARS_MAX)
    onTrouble(`${path} cannot be read, defaults are used: ${why}`)
    return {}
  } finally {
    const more = troubles - TROUBLES_MAX
    if (more > 0) onTrouble(`${path}: and ${more} more`)
  }
}

function durationOf(
  name: string,
  value: unknown,
  env: Environment,
  say: Trouble,
): number | undefined {
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'string' ? withVariables(value, env, () => {}) : ''
  const ms = parseDuration(text)
  if (ms !== null) return ms
  say(`${name}: expected a duration like 1m, got ${JSON.stringify(value)}`)
  return undefined
}

function numberOf(value: unknown, say: Trouble): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number') return value
  say(`seed: expected a whole number, got ${JSON.stringify(value)}`)
  return undefined
}
