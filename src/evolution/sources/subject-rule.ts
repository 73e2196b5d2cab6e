/** The subject of a file, by a rule such as `{folder}-{name}`. */

import { QuipuError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'

const endings = ['.schema.json', '.avro.json', '.avsc', '.json', '.proto']

type Parts = Readonly<Record<'path' | 'folder' | 'name' | 'extension', string>>

/** @throws QuipuError: a placeholder that there is not */
export function subjectRule(rule: string): (path: string) => string {
  const known = Object.keys(partsOf(''))
  const placeholders = [...rule.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] as string)
  const unknown = placeholders.find((placeholder) => !known.includes(placeholder))
  if (unknown !== undefined || placeholders.length === 0) {
    const what = unknown === undefined ? 'has no placeholder' : `has {${unknown}}`
    const near = unknown === undefined ? '' : suggestion(unknown, known)
    const message = `the rule for subjects, "${rule}", ${what}${near}`
    const hint = `Use ${known.map((name) => `{${name}}`).join(', ')}.`
    throw new QuipuError('CONFIG', message, { hint })
  }
  return (path) => {
    const parts = partsOf(path)
    return rule.replace(/\{([^}]*)\}/g, (_, name: keyof Parts) => parts[name])
  }
}

/** Both without extension: `path` with the folders, `name` without. */
function partsOf(file: string): Parts {
  const slash = file.lastIndexOf('/')
  const base = file.slice(slash + 1)
  const ending = endings.find((one) => base.toLowerCase().endsWith(one)) ?? ''
  const name = ending.length < base.length ? base.slice(0, base.length - ending.length) : base
  const folder = slash === -1 ? '' : file.slice(0, slash)
  const path = folder === '' ? name : `${folder}/${name}`
  return { path, folder, name, extension: ending.slice(1) }
}
