/**
 * Names in generated SQL: what a caller names becomes part of a statement, so it is checked, not escaped.
 *
 * A name is ASCII letters, digits and `_`, does not begin with a digit, and has at most 63 characters
 * (PostgreSQL silently cuts longer ones). It is always quoted, so that reserved words will do; in
 * PostgreSQL it must therefore be written as it is stored, which is in lower case unless it was quoted
 * when it was made. Whoever has other names makes a view.
 */
import { QuipuError } from '../base/errors.ts'

const name = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

/** Database, schema, table. */
const PARTS_MAX = 3

/** Begins the names of our own steps, which would hide a table of the same name. */
export const STEP_PREFIX = 'q_'

export function columnName(text: string): string {
  if (!name.test(text)) refuse('a column name', text)
  return `"${text}"`
}

/** May be qualified, as in `schema.messages`. */
export function tableName(text: string): string {
  const parts = text.split('.')
  if (parts.length > PARTS_MAX || !parts.every((part) => name.test(part))) {
    refuse('the name of a table or view', text)
  }
  if (parts.length === 1 && text.toLowerCase().startsWith(STEP_PREFIX)) {
    throw new QuipuError(
      'CONFIG',
      `Expected a table whose name does not begin with ${STEP_PREFIX}`,
      {
        hint: `Qualify ${text} with its schema.`,
      },
    )
  }
  return parts.map((part) => `"${part}"`).join('.')
}

function refuse(expected: string, text: string): never {
  throw new QuipuError('CONFIG', `Expected ${expected}, got ${JSON.stringify(text).slice(0, 80)}`, {
    hint: 'Use ASCII letters, digits and _, at most 63 of them; make a view where names are others.',
  })
}
