/** What groups of a field usually are: their mean, how far they spread, and how far they move. */
import type { Group } from './jump-groups.ts'
import { BASELINE_MAX, BASELINE_MIN, RECENT, RUN, SIGMA } from './jump-limits.ts'
import type { Measure } from './jump-measures.ts'

/** What was usual, with running sums. */
export class Baseline {
  private groups: Group[] = []
  private first = 0
  private scales: Scale[] = []

  get size(): number {
    return this.groups.length - this.first
  }

  add(group: Group): void {
    group.scales.forEach((value, i) => {
      this.scales[i] ??= new Scale()
      this.scales[i].add(value, group.noise, this.lagged(i))
    })
    this.groups.push(group)
    if (this.size <= BASELINE_MAX) return
    const oldest = this.groups[this.first++]
    oldest?.scales.forEach((value, i) => {
      this.scales[i]?.remove(value, oldest.noise)
    })
    if (this.first > BASELINE_MAX) {
      this.groups = this.groups.slice(this.first)
      this.first = 0
    }
  }

  isAbove({ scales }: Group): boolean {
    return (scales[0] ?? 0) > (this.scales[0]?.mean ?? 0)
  }

  /** Whether it is different from all before, and far enough to matter. */
  isOff(measure: Measure, group: Group): boolean {
    if (this.size < BASELINE_MIN || this.sigmas(group) < SIGMA) return false
    const isUp = this.isAbove(group)
    const isBeyond = group.scales.every((value, i) => {
      const { min = 0, max = 0 } = this.scales[i] ?? {}
      return isUp ? value > max : value < min
    })
    return isBeyond && measure.matters(this.typical(measure), measure.level(group.sum))
  }

  /** Not far enough off to be counted, and too far to speak against those that are. */
  leans(group: Group): boolean {
    return this.size >= BASELINE_MIN && this.sigmas(group) >= SIGMA / 2
  }

  /** How far off it is; 0 where its scales do not agree on the side. */
  sigmas(group: Group): number {
    const isUp = this.isAbove(group)
    let least = Infinity
    for (const [i, value] of group.scales.entries()) {
      const scale = this.scales[i]
      if (scale === undefined || value > scale.mean !== isUp) return 0
      least = Math.min(least, scale.sigmas(value, group.noise, this.recent(i, 0)))
    }
    return least
  }

  /** The level in the middle of the last groups. */
  typical(measure: Measure): number {
    return middleOf(this.groups.slice(-BASELINE_MIN).map(({ sum }) => measure.level(sum)))
  }

  /** The same, on its first scale. */
  middle(): number {
    return middleOf(this.groups.slice(-BASELINE_MIN).map(({ scales }) => scales[0] ?? 0))
  }

  /** The mean of the last few groups, `behind` groups ago. */
  private recent(scale: number, behind: number): number | null {
    const end = this.groups.length - behind
    if (end - RECENT < this.first) return null
    let sum = 0
    for (let i = end - RECENT; i < end; i++) sum += this.groups[i]?.scales[scale] ?? 0
    return sum / RECENT
  }

  /** As far back as the last group of a run is compared. */
  private lagged(scale: number): number | null {
    return this.recent(scale, RUN - 1)
  }
}

/** One scale of a baseline. */
class Scale {
  private count = 0
  private sum = 0
  private squares = 0
  private noise = 0
  private moves = 0
  private moveSquares = 0
  private moveNoise = 0
  min: number = Infinity
  max: number = -Infinity

  get mean(): number {
    return this.sum / this.count
  }

  add(value: number, noise: number, lagged: number | null): void {
    this.count++
    this.sum += value
    this.squares += value ** 2
    this.noise += noise
    this.min = Math.min(this.min, value)
    this.max = Math.max(this.max, value)
    if (lagged === null) return
    this.moves++
    this.moveSquares += (value - lagged) ** 2
    this.moveNoise += noise * (1 + 1 / RECENT)
  }

  /** What was furthest off, and how it moves, stays remembered. */
  remove(value: number, noise: number): void {
    this.count--
    this.sum -= value
    this.squares -= value ** 2
    this.noise -= noise
  }

  /** How far off a value is, in units of what is usual; the lesser of both comparisons. */
  sigmas(value: number, noise: number, recent: number | null): number {
    const spread = Math.max(
      0,
      (this.squares - this.sum * this.mean - this.noise) / (this.count - 1),
    )
    const deviation = Math.sqrt((spread + noise) * (1 + 1 / this.count))
    const off = Math.abs(value - this.mean) / Math.max(deviation, TINY)
    if (recent === null || this.moves === 0) return off
    const wander = Math.max(0, (this.moveSquares - this.moveNoise) / this.moves)
    const step = Math.sqrt(wander + noise * (1 + 1 / RECENT))
    return Math.min(off, Math.abs(value - recent) / Math.max(step, TINY))
  }
}

const TINY = 1e-9

export function middleOf(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
}
