/** The hash as SQL, taken from the page that publishes it. */
import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../schemas/sketch.md', import.meta.url), 'utf8')
const block = /```sql\n([\s\S]*?)```/.exec(page)
if (block === null) throw new Error('schemas/sketch.md has no SQL block')

export const hashSql: string = block[1] as string
