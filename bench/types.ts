/** What a benchmark hands back: rows to print, and what a reader must know about them. */
export interface BenchResult {
  readonly rows: Array<Record<string, string | number>>
  readonly notes?: string[]
}
