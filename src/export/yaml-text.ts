/** YAML with a comment at its head. Texts of other people are written so that nothing in them is hidden. */
import { stringify } from 'yaml'
import { visible } from '../base/visible.ts'

/** Characters of one text: descriptions of OpenSLO end there, and nobody reads on. */
const TEXT_MAX = 1_000

export function yamlText(comments: readonly string[], documents: readonly unknown[]): string {
  const head = comments.map((line) => `# ${visible(line)}\n`).join('')
  const options = { lineWidth: 0, aliasDuplicateObjects: false } as const
  const bodies = documents.map((data) => stringify(data, options))
  return `${head}${bodies.join('---\n')}`
}

/** Somebody's own words: bounded, nothing hidden, in one line. */
export function shown(text: string, max: number = TEXT_MAX): string {
  const chars = [...visible(text)]
  return chars.length <= max ? chars.join('') : `${chars.slice(0, max - 1).join('')}…`
}
