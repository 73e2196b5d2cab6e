/**
 * Rules 18–21 over the windows of one hop: for each field, what jumped and stayed.
 *
 * They are silent where anything else explains a change: in windows in which an exact rule names the field,
 * and across the first window of another schema or claim at the hop, after which the comparison begins anew.
 * It begins anew as well where windows change their length.
 */
import { byText } from '../../base/by-text.ts'
import type { HopShape } from '../judge.ts'
import { type Field, SHAPE_IDS_MAX } from '../shape.ts'
import { measures } from './jump-measures.ts'
import { type Indexed, type Point, pointOf, type Row, sumOf } from './jump-points.ts'
import { jumpsOf } from './jumps.ts'
import type { Jump } from './open-jump.ts'
import { isWithin, type Seen, type Sighting, sightingOf, variantKey } from './sighting.ts'

/** Fields of one schema at one hop that are watched for jumps: those seen in most windows. */
const PATHS_MAX = 400

/** Windows of one variant that may be compared with each other. */
interface Stretch {
  readonly key: string
  readonly rows: Row[]
  readonly seen: Map<number, Seen[]>
}

export interface Explained {
  /** Paths that an exact rule names, by `explainedKey`. */
  readonly paths: { get(key: string): ReadonlySet<string> | undefined }
  /** All of its messages are accused, or cannot be read. */
  readonly isDark: (seen: Seen) => boolean
}

export const explainedKey = ({ variant, window, end }: Seen): string =>
  `${variantKey(variant)}\u0000${window}\u0000${end}`

/** Fields whose points are made together: row by row, as they lie in memory. */
const TOGETHER = 32

/** @param seen of one hop, in order of time */
export function judgeJumps(seen: readonly Seen[], explained: Explained): Sighting[] {
  const found: Sighting[] = []
  for (const stretch of stretchesOf(seen, explained)) {
    const paths = pathsOf(stretch)
    for (let from = 0; from < paths.length; from += TOGETHER) {
      const some = paths.slice(from, from + TOGETHER)
      pointsOf(stretch, some).forEach((points, i) => {
        found.push(...jumpsIn(stretch, some[i] ?? '', points))
      })
    }
  }
  return found
}

function pointsOf({ rows }: Stretch, paths: readonly string[]): Point[][] {
  const columns = paths.map((): Point[] => [])
  for (const row of rows) {
    paths.forEach((path, i) => {
      if (row.named.size > 0 && isNamed(row, path)) return
      const point = pointOf(row, path)
      if (point !== null && point.of > 0) columns[i]?.push(point)
    })
  }
  return columns
}

function jumpsIn(stretch: Stretch, path: string, points: readonly Point[]): Sighting[] {
  const told: Jump[] = []
  // One fault, one finding: where a field is gone, fewer values are no news.
  for (const measure of measures) {
    for (const jump of jumpsOf(measure, points)) {
      if (!told.some((other) => overlap(other.points, jump.points))) told.push(jump)
    }
  }
  if (told.length === 0) return []
  const rows = new Map(stretch.rows.map((row) => [row.window, row]))
  return told.flatMap((jump) => sightingsOf(stretch, rows, path, jump))
}

function sightingsOf(
  { seen }: Stretch,
  rows: ReadonlyMap<number, Row>,
  path: string,
  jump: Jump,
): Sighting[] {
  const { measure, before, after, sigmas, isUp, points } = jump
  const guilty = instancesOf(jump, rows, path)
  const args = { before, after, sigmas: Math.round(sigmas * 10) / 10, isUp }
  return points.flatMap(({ window }) => {
    const row = rows.get(window)
    if (row === undefined) return []
    const shown = (seen.get(window) ?? []).filter(({ writer }) => guilty(writer))
    const writers = new Map(shown.map((one) => [one.writer?.instance ?? '', one]))
    return [...writers].flatMap(([instance, one]) => {
      const own = row.variants.filter((indexed) => indexed.instance === instance)
      const point = pointOf({ ...row, variants: own }, path)
      const count = point === null ? 0 : measure.count(point, isUp)
      if (count <= 0) return []
      const ids = measure.code === 'presence_rate' ? own.flatMap((o) => idsOf(o, path, isUp)) : []
      return [sightingOf(one, { code: measure.code, path, count, ids, args })]
    })
  })
}

/** Which instances have jumped; of those whose level is on the other side nothing is told. */
function instancesOf(
  { measure, before, after, isUp, points }: Jump,
  rows: ReadonlyMap<number, Row>,
  path: string,
): (writer: HopShape['writer']) => boolean {
  const parts = new Map<string, Point[]>()
  for (const { window } of points) {
    const row = rows.get(window)
    for (const instance of new Set(row?.variants.map((one) => one.instance))) {
      const own = row?.variants.filter((one) => one.instance === instance) ?? []
      const point = row === undefined ? null : pointOf({ ...row, variants: own }, path)
      if (point === null) continue
      const list = parts.get(instance)
      if (list === undefined) parts.set(instance, [point])
      else list.push(point)
    }
  }
  const jumped = [...parts]
    .map(([instance, list]) => [instance, sumOf(list, measure.isOfValues)] as const)
    .filter(([, sum]) => measure.of(sum) > 0)
    .filter(([, sum]) => measure.level(sum) > (before + after) / 2 === isUp)
  const names = new Set(jumped.map(([instance]) => instance))
  // A change of their shares alone: each is as it was, together they are not.
  return (writer) => names.size === 0 || names.has(writer?.instance ?? '')
}

/** Ids of messages that have the field, or surely have it not. */
function idsOf({ variant, fields }: Indexed, path: string, isUp: boolean): readonly string[] {
  const held = fields.get(path)?.ids ?? []
  if (isUp) return held
  const last = held.length < SHAPE_IDS_MAX ? null : (held.at(-1) ?? '')
  return variant.ids.filter((id) => !held.includes(id) && (last === null || id < last))
}

function isNamed({ named }: Row, path: string): boolean {
  for (const around of named) if (isWithin(path, around)) return true
  return false
}

function stretchesOf(seen: readonly Seen[], { isDark, paths }: Explained): Stretch[] {
  const all: Stretch[] = []
  const open = new Map<string, Stretch & { readonly kind: string }>()
  const kinds = kindsAt(seen)
  for (const one of seen) {
    if (isDark(one)) continue
    const key = variantKey(one.variant)
    const kind = `${one.end - one.window} ${kinds.get(one.window)}`
    let stretch = open.get(key)
    if (stretch === undefined || stretch.kind !== kind) {
      stretch = { key, kind, rows: [], seen: new Map() }
      open.set(key, stretch)
      all.push(stretch)
    }
    const { window, end, variant, writer } = one
    const fields = new Map<string, Field>(variant.fields.map((field) => [field.path, field]))
    const indexed = { instance: writer?.instance ?? '', variant, fields }
    const named = paths.get(explainedKey(one)) ?? NONE
    const last = stretch.rows.at(-1)
    if (last?.window === window) {
      stretch.rows[stretch.rows.length - 1] = { ...last, variants: [...last.variants, indexed] }
      stretch.seen.get(window)?.push(one)
    } else {
      stretch.rows.push({ window, end, variants: [indexed], named })
      stretch.seen.set(window, [one])
    }
  }
  return all
}

const NONE: ReadonlySet<string> = new Set()

/** How many kinds of messages were seen up to the end of each window. */
function kindsAt(seen: readonly Seen[]): ReadonlyMap<number, number> {
  const keys = new Set<string>()
  const counts = new Map<number, number>()
  for (const { variant, window } of seen) {
    keys.add(variantKey(variant))
    counts.set(window, keys.size)
  }
  return counts
}

function pathsOf({ rows }: Stretch): string[] {
  const windows = new Map<string, number>()
  for (const { variants } of rows) {
    for (const { fields } of variants) {
      for (const path of fields.keys()) {
        if (path !== '') windows.set(path, (windows.get(path) ?? 0) + 1)
      }
    }
  }
  return [...windows]
    .sort(([a, n], [b, m]) => m - n || byText(a, b))
    .slice(0, PATHS_MAX)
    .map(([path]) => path)
}

function overlap(a: readonly Point[], b: readonly Point[]): boolean {
  const from = b[0]?.window ?? 0
  const until = b.at(-1)?.end ?? 0
  return a.some(({ window, end }) => window < until && end > from)
}
