/**
 * Where the declarations of a .proto text stand, and what it says of the file as a whole: the parser
 * keeps neither. Reads statement by statement with a stack of blocks, so that depth costs no stack.
 * What it does not understand it passes over: whether a text is right is for the parser to say.
 */
import { FIELD_WORK, NESTING_MAX, WORK_MAX } from './limits.ts'
import { ProtoProblem } from './problem.ts'
import { lineStartsOf, positionAt, type Token, tokensOf } from './tokens.ts'

export interface Place {
  /** Offsets of the whole declaration. */
  readonly from: number
  readonly to: number
}

export interface ImportLine extends Place {
  readonly path: string
}

export interface Outline {
  readonly path: string
  readonly text: string
  readonly lineStarts: readonly number[]
  /** `proto2` (also where nothing is said), `proto3`, or an edition: `2023`. */
  readonly syntax: string
  /** Empty: none. */
  readonly pkg: string
  readonly imports: readonly ImportLine[]
  /** Options of the file, by name as written; strings without quotes. */
  readonly options: ReadonlyMap<string, string>
  /** By element path: `orders.v1.Order.id`. Of several declarations of one path the first. */
  readonly places: ReadonlyMap<string, Place>
  /** Where the package is declared, else the syntax. */
  readonly head: Place
  /** Fields that are declared for messages elsewhere. */
  readonly extensionCount: number
}

interface Block {
  readonly kind: string
  /** Path of what is declared in it. */
  readonly path: string
  /** Path of the block itself; null: it has none (`extend`). */
  readonly own: string | null
  readonly from: number
  statements: number
}

/** @throws ProtoProblem where it is too deep, or would take too long to parse */
export function outlineOf(path: string, text: string): Outline {
  return new Outliner(path, text).read()
}

class Outliner {
  readonly #path: string
  readonly #text: string
  readonly #lineStarts: readonly number[]
  readonly #tokens: readonly Token[]
  readonly #places = new Map<string, Place>()
  readonly #imports: ImportLine[] = []
  readonly #options = new Map<string, string>()
  readonly #stack: Block[] = []
  #syntax = 'proto2'
  #pkg = ''
  #head: Place = { from: 0, to: 0 }
  #work = 0
  #extensionCount = 0

  constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
    this.#lineStarts = lineStartsOf(text)
    this.#tokens = tokensOf(text)
  }

  read(): Outline {
    this.#stack.push({ kind: 'file', path: '', own: null, from: 0, statements: 0 })
    let statement: Token[] = []
    let brackets = 0
    for (const token of this.#tokens) {
      const { text } = token
      const isOption = statement[0]?.text === 'option'
      if (text === '[' || text === '(' || (text === '{' && (brackets > 0 || isOption))) brackets++
      else if (brackets > 0 && (text === ']' || text === ')' || text === '}')) brackets--
      else if (brackets === 0 && (text === ';' || text === '{' || text === '}')) {
        if (text === '{') this.#open(statement, token)
        else {
          if (statement.length > 0) this.#end(statement, token)
          if (text === '}') this.#close(token)
        }
        statement = []
        continue
      }
      statement.push(token)
    }
    while (this.#stack.length > 1) this.#close({ text: '', from: 0, to: this.#text.length })
    this.#count(this.#stack[0] as Block)
    return {
      ...{ path: this.#path, text: this.#text, lineStarts: this.#lineStarts },
      ...{ syntax: this.#syntax, pkg: this.#pkg, imports: this.#imports },
      ...{ options: this.#options, places: this.#places, head: this.#head },
      extensionCount: this.#extensionCount,
    }
  }

  get #block(): Block {
    return this.#stack[this.#stack.length - 1] as Block
  }

  #open(statement: readonly Token[], brace: Token): void {
    const words = statement.filter(({ text }) => text !== 'export' && text !== 'local')
    const block = this.#block
    block.statements++
    const from = (statement[0] ?? brace).from
    const [first, second] = words
    const name = second?.text ?? ''
    const kind = first?.text ?? ''
    const push = (path: string, own: string | null) => {
      this.#stack.push({ kind, path, own, from, statements: 0 })
    }
    const inside = join(block.path, name)
    if (kind === 'message' || kind === 'enum' || kind === 'service') push(inside, inside)
    else if (kind === 'oneof') push(block.path, inside)
    else if (kind === 'rpc') push(inside, inside)
    else if (kind === 'extend') push(block.path, null)
    else this.#group(words, block, from)
    if (this.#stack.length > NESTING_MAX + 3) {
      const message = `${kind} ${name} is nested deeper than ${NESTING_MAX}`
      throw new ProtoProblem('too_deep', message, this.#path, positionAt(this.#lineStarts, from))
    }
  }

  /** `optional group Name = 1 {` declares a message and a field of it, named in lower case. */
  #group(words: readonly Token[], block: Block, from: number): void {
    const at = words.findIndex(({ text }) => text === 'group')
    const name = at < 0 ? '' : (words[at + 1]?.text ?? '')
    const path = join(block.path, name)
    this.#stack.push({ kind: 'group', path, own: path, from, statements: 0 })
    if (name !== '')
      this.#put(join(block.path, name.toLowerCase()), {
        from,
        to: words[words.length - 1]?.to ?? from,
      })
  }

  #close(brace: Token): void {
    if (this.#stack.length === 1) return
    const block = this.#stack.pop() as Block
    this.#count(block)
    if (block.own !== null) this.#put(block.own, { from: block.from, to: brace.to })
  }

  #count({ kind, statements, from }: Block): void {
    // The fields of a oneof are fields of the message that it is in.
    if (kind === 'oneof') this.#block.statements += statements
    if (kind === 'extend') this.#extensionCount += statements
    const weight = kind === 'message' || kind === 'group' ? FIELD_WORK : 1
    this.#work += weight * statements * statements
    if (this.#work <= WORK_MAX) return
    const message = 'more declarations in one block than can be compared in bounded time'
    throw new ProtoProblem('too_large', message, this.#path, positionAt(this.#lineStarts, from))
  }

  #put(path: string, place: Place): void {
    if (!this.#places.has(path)) this.#places.set(path, place)
  }

  #end(statement: readonly Token[], end: Token): void {
    const block = this.#block
    const [first, second] = statement as [Token, Token | undefined]
    const place = {
      from: first.from,
      to: end.text === ';' ? end.to : (statement.at(-1) as Token).to,
    }
    // A list of ranges or of options is as many statements as it has items.
    block.statements += 1 + statement.filter(({ text }) => text === ',').length
    if (block.kind === 'file' && this.#fileStatement(statement, place)) return
    if (first.text === 'option') return
    if (first.text === 'reserved' || first.text === 'extensions') return
    if (first.text === 'rpc') {
      this.#put(join(block.path, second?.text ?? ''), place)
      return
    }
    const equals = statement.findIndex(({ text }) => text === '=')
    const name = statement[equals - 1]
    if (name === undefined) return
    this.#put(join(block.path, name.text), place)
    if (first.text === 'map') this.#put(join(block.path, entryNameOf(name.text)), place)
  }

  #fileStatement(statement: readonly Token[], place: Place): boolean {
    const kind = (statement[0] as Token).text
    const last = statement.at(-1) as Token
    if (kind === 'syntax' || kind === 'edition') {
      this.#syntax = unquoted(last.text)
      if (this.#head.to === 0) this.#head = place
    } else if (kind === 'package') {
      this.#pkg = last.text
      this.#head = place
      // What follows is declared in it; the block of the file is the only one now.
      const file = this.#stack[0] as Block
      this.#stack[0] = { ...file, path: this.#pkg }
    } else if (kind === 'import') {
      if (statement[1]?.text !== 'option')
        this.#imports.push({ ...place, path: unquoted(last.text) })
    } else if (kind === 'option') {
      const equals = statement.findIndex(({ text }) => text === '=')
      const name = statement.slice(1, equals).map(({ text }) => text)
      const value = statement.slice(equals + 1).map(({ text }) => unquoted(text))
      if (equals > 1) this.#options.set(name.join(''), value.join(' '))
    } else return false
    return true
  }
}

function unquoted(text: string): string {
  return /^["']/.test(text) ? text.slice(1, -1) : text
}

/** The message that the compiler makes for a map, to be found where the map is. */
export function entryNameOf(field: string): string {
  const camel = field.replace(/(?:^|_+)([^_])/g, (_, letter: string) => letter.toUpperCase())
  return `${camel}Entry`
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
