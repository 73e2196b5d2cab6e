/** Texts of alerts: bounded, on one line, with nothing hidden in them. */
import { shellWord } from '../base/shell.ts'
import { visible } from '../base/visible.ts'
import { FACTS_MAX, SUMMARY_CHARS_MAX } from './event.ts'

const FACT_CHARS_MAX = 200

/** At most so many characters, whole ones, the last `…` if it was longer. */
export function cut(text: string, charsMax: number): string {
  const shown = visible(text)
  if (shown.length <= charsMax) return shown
  // Not in the middle of a pair.
  return `${shown.slice(0, charsMax - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

export const summaryOf = (text: string): string => cut(text, SUMMARY_CHARS_MAX)

/** Those that have a value. */
export function factsOf(
  facts: readonly (readonly [string, string | null])[],
): { readonly label: string; readonly value: string }[] {
  return facts
    .flatMap(([label, value]) =>
      value === null
        ? []
        : [{ label: cut(label, FACT_CHARS_MAX), value: cut(value, FACT_CHARS_MAX) }],
    )
    .slice(0, FACTS_MAX)
}

/** One word of a shell, with nothing hidden in it. */
export const quoted = (text: string): string => shellWord(visible(text))

/** `3h 10m`, `45s` */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const from = parts.findIndex(([n]) => n > 0)
  if (from < 0) return '0s'
  return parts
    .slice(from, from + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join(' ')
}

/** Whether a link may be shown as one. */
export const isWeb = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text)
