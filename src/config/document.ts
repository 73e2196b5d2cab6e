/** A YAML text as data with positions: bounded, environment variables put in, mistakes collected. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import { type Environment, withVariables } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import type { ConfigIssue } from './config.ts'

/** Some hundred pipelines; anything larger is not a pipeline file. */
export const FILE_BYTES_MAX = 1_000_000
/** `*alias` may be used so often in all: enough to share settings, too little to blow up a file. */
const ALIASES_MAX = 100
/** Whole variables, and what only looks like one. */
const VARIABLES = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
/** Keys below `routes` whose values are not for everybody, even where they were written out. */
const SECRETS: ReadonlySet<string> = new Set(['url', 'secret', 'token', 'routingKey', 'webhook'])
/** Characters of one mistake: keys stand in it, and may be as long as the file. */
const MESSAGE_MAX = 1_000

export type Path = readonly PropertyKey[]

/** An environment variable that is not set, where the file needs it. */
export interface UnsetVariable {
  readonly name: string
  readonly line: number
  readonly column: number
}

export class YamlFile {
  readonly #doc: Document.Parsed
  readonly #lines: LineCounter
  /** What is wrong so far, apart from the shape. */
  readonly issues: readonly ConfigIssue[]
  /** Plain data; undefined if there are syntax errors. */
  readonly data: unknown
  /** Variables that are not set, in the order of the file; null: each of them is a mistake. */
  readonly unset: readonly UnsetVariable[] | null

  /** @param unset whether variables that are not set are mistakes, or stay in the texts as they are */
  constructor(source: string, env: Environment, unset: 'refused' | 'left' = 'refused') {
    this.#lines = new LineCounter()
    this.#doc = parseDocument(source, {
      ...{ lineCounter: this.#lines, version: '1.2', merge: false },
      // Its warnings are among the issues; beside them it would have the process emit some.
      logLevel: 'error',
    })
    const issues: ConfigIssue[] = []
    for (const error of [...this.#doc.errors, ...this.#doc.warnings]) {
      // The rest of its message repeats the lines of the file.
      const message = (error.message.split('\n')[0] as string).replace(/ at line \d+.*$/, '')
      issues.push(this.#issue(error.pos[0], message))
    }
    const left: UnsetVariable[] | null = unset === 'left' ? [] : null
    this.unset = left
    if (issues.length === 0) this.#checkNodes(env, issues, left)
    if (issues.length === 0 || this.#doc.errors.length === 0) {
      try {
        this.data = this.#doc.toJS({ maxAliasCount: ALIASES_MAX })
      } catch (error) {
        if (issues.length === 0) issues.push(this.#issue(0, messageOf(error)))
      }
    }
    this.issues = issues
  }

  /** The position of a value, or of the nearest map or list around it that exists. */
  issueAt(path: Path, message: string): ConfigIssue {
    return this.#issue(this.#find(path).node?.range?.[0] ?? 0, message)
  }

  /** The position of a key in the map at `path`. */
  issueAtKey(path: Path, key: string, message: string): ConfigIssue {
    const { node } = this.#find(path)
    if (isMap(node)) {
      const pair = node.items.find(({ key: k }) => isScalar(k) && String(k.value) === key)
      if (isNode(pair?.key)) return this.#issue(pair.key.range?.[0] ?? 0, message)
    }
    return this.issueAt(path, message)
  }

  /** The text at a path as the file has it, with the names of variables; null: there is none. */
  sourceAt(path: Path): string | null {
    const { node, found } = this.#find(path)
    return found && isScalar(node) ? String(node.source ?? node.value) : null
  }

  /** What came at a path, in words. Environment variables by name, never by value. */
  describe(path: Path): string {
    const { node, found } = this.#find(path)
    if (!found) return 'nothing'
    if (isMap(node)) return 'a map'
    if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : 'a list'
    if (!isScalar(node) || node.value === null) return 'nothing'
    if (path.includes('sasl') && path.at(-1) !== 'mechanism') return 'something else'
    if (path.includes('routes') && SECRETS.has(path.at(-1) as string)) return 'something else'
    // Whoever puts a secret into an address is told so, and does not see it in a log.
    const text = String(node.source ?? node.value).replace(/\/\/[^/@]*@/, '//…@')
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
    if (typeof node.value === 'string') return shown === '' ? 'an empty text' : `\`${shown}\``
    return typeof node.value === 'number' ? `the number ${shown}` : shown
  }

  /** What toJS would not say: unknown aliases, keys that are no texts, environment variables. */
  #checkNodes(env: Environment, issues: ConfigIssue[], unset: UnsetVariable[] | null): void {
    const complain = (node: Node, message: string): void => {
      issues.push(this.#issue(node.range?.[0] ?? 0, message))
    }
    visit(this.#doc, {
      Alias: (_, node) => {
        if (node.resolve(this.#doc) === undefined) {
          complain(node, `\`*${node.source}\` names no anchor: no \`&${node.source}\` is before it`)
        }
      },
      Pair: (_, { key }) => {
        if (!isNode(key)) return
        if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
          complain(key, 'expected a text as key')
        } else if (key.value === '__proto__') complain(key, '`__proto__` cannot be a key')
      },
      Scalar: (position, node, around) => {
        if (position !== 'key' && typeof node.value === 'string' && !isOfSender(around)) {
          const known = unset === null ? env : this.#leaveUnset(node, node.value, env, unset)
          node.value = withVariables(node.value, known, (message) => complain(node, message))
        }
      },
    })
  }

  /** Variables that stand for themselves, beside those that are set. */
  #leaveUnset(node: Node, text: string, env: Environment, unset: UnsetVariable[]): Environment {
    const names = [...text.matchAll(VARIABLES)].flatMap(([, name]) => name ?? [])
    const missing = names.filter((name) => !Object.hasOwn(env, name) || env[name] === '')
    if (missing.length === 0) return env
    const place = this.#at(node.range?.[0] ?? 0)
    for (const name of new Set(missing)) unset.push({ name, ...place })
    return { ...env, ...Object.fromEntries(missing.map((name) => [name, `\${${name}}`])) }
  }

  #find(path: Path): { node: Node | null; found: boolean } {
    let node: Node | null = this.#resolve(this.#doc.contents)
    for (const step of path) {
      const next: unknown = isSeq(node)
        ? node.items[Number(step)]
        : step === 0
          ? node // A single value stands for a list of it.
          : isMap(node)
            ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
                ?.value
            : undefined
      if (!isNode(next)) return { node, found: false }
      node = this.#resolve(next)
    }
    return { node, found: node !== null }
  }

  #resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#doc) ?? node) : node
  }

  /** One line, of bounded length, whatever the file has for keys. */
  #issue(offset: number, message: string): ConfigIssue {
    const text = visible(message)
    const cut = text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX)}…` : text
    return { ...this.#at(offset), message: cut }
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

/** Below `alerting.routes`: only who sends alerts puts the variables in, in alert/targets.ts. */
function isOfSender(around: readonly unknown[]): boolean {
  const keys = around.filter(isPair).map(({ key }) => (isScalar(key) ? key.value : null))
  return keys[0] === 'alerting' && keys[1] === 'routes'
}
