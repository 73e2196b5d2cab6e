/** `--format FORMAT` and `--format FORMAT=FILE`: one result in several shapes, each to its place. */
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { QuipuError } from '../base/errors.ts'
import { out } from './io.ts'
import { writeWhole } from './whole-file.ts'

export interface Output<Format extends string> {
  readonly format: Format
  /** null: stdout */
  readonly file: string | null
}

/** Reads the values of the flag; it may be given more than once. */
export function outputsOf<Format extends string>(
  formats: readonly Format[],
): (value: string, before: readonly Output<Format>[] | undefined) => readonly Output<Format>[] {
  return (value, before) => {
    const [name = '', ...rest] = value.split('=')
    const format = formats.find((f) => f === name)
    const file = rest.length === 0 ? null : rest.join('=')
    if (format === undefined || file === '') {
      throw new InvalidArgumentError(`Expected one of ${formats.join(', ')}, or FORMAT=FILE.`)
    }
    return [...(before ?? []), { format, file: file === '-' ? null : file }]
  }
}

/** What is wanted: text where nothing was said. @throws QuipuError CONFIG: two of them in one place */
export function wantedOf<Format extends string>({
  format = [],
  json = false,
}: {
  readonly format?: readonly Output<Format | 'text' | 'json'>[]
  readonly json?: boolean
}): readonly Output<Format | 'text' | 'json'>[] {
  const all = json ? [...format, { format: 'json' as const, file: null }] : format
  if (all.length === 0) return [{ format: 'text', file: null }]
  const spoken = all.filter((o) => o.file === null)
  if (spoken.length > 1) {
    const names = spoken.map((o) => o.format).join(' and ')
    throw new QuipuError('CONFIG', `--format: ${names} would both be printed`, {
      hint: `Write one of them to a file: --format ${spoken[1]?.format}=FILE`,
    })
  }
  const files = all.flatMap(({ file }) => (file === null ? [] : [resolve(file)]))
  const twice = files.find((file, i) => files.indexOf(file) < i)
  if (twice !== undefined) {
    throw new QuipuError('CONFIG', `--format: two of them would be written to ${twice}`, {
      hint: 'Name a file of its own for each.',
    })
  }
  return all
}

/** Prints it, or writes the file: whole, or not at all. @throws QuipuError FORBIDDEN */
export function put({ file }: Output<string>, text: string): void {
  if (file === null) out(text)
  else writeWhole(file, text)
}
