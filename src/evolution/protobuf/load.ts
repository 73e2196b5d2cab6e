/**
 * Texts to one tree of declarations: what is imported first, each file once, nothing fetched. All that
 * is missing is told at once.
 */
import protobuf, { type Namespace, type Root } from 'protobufjs'
import type { Position, SchemaProblem } from '../engine.ts'
import {
  EXTENSION_WORK,
  FIELD_WORK,
  FILES_MAX,
  MESSAGE_CHARS_MAX,
  TEXT_CHARS_MAX,
  WORK_MAX,
} from './limits.ts'
import { declaredIn, makeAbsolute, Unresolved } from './names.ts'
import { type Outline, outlineOf } from './outline.ts'
import { ProtoProblem } from './problem.ts'
import { positionAt } from './tokens.ts'
import { type Nested, wellKnown, wellKnownImports } from './well-known.ts'

export interface Loaded {
  readonly root: Root
  /** In the order in which they were read. */
  readonly outlines: ReadonlyMap<string, Outline>
  /**
   * By full name the file that declares it; null: one of the library's own. The parser would tell, but
   * it forgets the file at the first name that is reserved without quotes.
   */
  readonly owners: ReadonlyMap<string, Outline | null>
}

export class Loader {
  readonly #texts: ReadonlyMap<string, string>
  readonly #root: Root = new protobuf.Root()
  readonly #outlines = new Map<string, Outline>()
  readonly #owners = new Map<string, Outline | null>()
  readonly #brought = new Set<string>()
  readonly #problems: SchemaProblem[] = []
  #chars = 0
  #extensions = 0

  /** @param texts of all files, by import path */
  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
  }

  get problems(): readonly SchemaProblem[] {
    return this.#problems
  }

  /** @throws ProtoProblem; beside it, `problems` tells what is missing */
  load(mains: readonly string[]): Loaded {
    for (const path of mains) this.#outline(path)
    for (const path of this.#order(mains)) this.#parse(this.#outlines.get(path) as Outline)
    if (this.#problems.length === 0) this.#resolve()
    return { root: this.#root, outlines: this.#outlines, owners: this.#owners }
  }

  #outline(path: string): Outline {
    const text = this.#texts.get(path) as string
    this.#chars += text.length
    if (this.#chars > TEXT_CHARS_MAX || this.#outlines.size >= FILES_MAX) {
      const message = `more than ${TEXT_CHARS_MAX} characters, or ${FILES_MAX} files`
      throw new ProtoProblem('too_large', message, path)
    }
    const outline = outlineOf(path, text)
    this.#outlines.set(path, outline)
    return outline
  }

  /** Imported files before those that import them. With a stack of its own: chains may be long. */
  #order(mains: readonly string[]): string[] {
    const done: string[] = []
    const state = new Map<string, 'open' | 'done'>()
    for (const main of mains) {
      const stack: { path: string; next: number }[] = []
      const enter = (path: string) => {
        if (!this.#outlines.has(path)) this.#outline(path)
        state.set(path, 'open')
        stack.push({ path, next: 0 })
      }
      if (!state.has(main)) enter(main)
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const outline = this.#outlines.get(top.path) as Outline
        const line = outline.imports[top.next++]
        if (line === undefined) {
          state.set(top.path, 'done')
          done.push(top.path)
          stack.pop()
        } else if (state.get(line.path) === 'open') {
          const message = `${line.path} is imported by what it imports itself`
          this.#problem('import_cycle', message, outline, line.from)
        } else if (!state.has(line.path)) {
          if (this.#texts.has(line.path)) enter(line.path)
          else this.#bring(line.path, outline, line.from)
        }
      }
    }
    return done
  }

  #bring(path: string, by: Outline, from: number): void {
    const nested = wellKnown(path)
    if (nested === null)
      this.#problem('missing_reference', `${path} is imported, and was not given`, by, from)
    else if (!this.#brought.has(path)) {
      this.#brought.add(path)
      for (const needed of wellKnownImports(path)) this.#bring(needed, by, from)
      this.#addMissing(this.#root, nested)
    }
  }

  #parse(outline: Outline): void {
    const { path, text, places, extensionCount } = outline
    this.#extensions += extensionCount
    const waiting = EXTENSION_WORK * extensionCount * places.size
    if (waiting + FIELD_WORK * this.#extensions * this.#extensions > WORK_MAX) {
      const message = 'more extensions than can be told in bounded time'
      throw new ProtoProblem('too_large', message, path)
    }
    try {
      protobuf.parse(text, this.#root, { keepCase: true })
    } catch (error) {
      throw this.#placed(error, path)
    }
    for (const name of places.keys()) this.#owners.set(name, outline)
  }

  #problem(code: string, message: string, outline: Outline, from: number): void {
    const position = positionAt(outline.lineStarts, from)
    this.#problems.push({ code, message, source: outline.path, position })
  }

  /** What the parser says, with the line or the element that it names. */
  #placed(error: unknown, path = ''): ProtoProblem {
    if (error instanceof ProtoProblem) return error
    const told = error instanceof Error ? error.message : String(error)
    // The parser meets something it did not expect there, as an extension of an enum.
    const text = error instanceof TypeError ? `declarations do not fit together: ${told}` : told
    const line = Number(/\(.*line (\d+)\)$/.exec(text)?.[1] ?? 0)
    const element = / in (?:Type|Enum|Service|Namespace) \.([\w.]+)$/.exec(text)?.[1] ?? ''
    const position: Position | null = line > 0 ? { line, column: 1 } : this.#at(path, element)
    const code = /max depth/.test(text) ? 'too_deep' : 'unparsable'
    const said = text.replace(/ \([^()]*line \d+\)$/, '').slice(0, MESSAGE_CHARS_MAX)
    return new ProtoProblem(code, said, path, position)
  }

  #at(path: string, element: string): Position | null {
    const outline = this.#outlines.get(path)
    const place = outline?.places.get(element)
    return outline === undefined || place === undefined
      ? null
      : positionAt(outline.lineStarts, place.from)
  }

  /** With the place of the element whose reference means nothing. */
  #resolve(): void {
    try {
      makeAbsolute(this.#root, declaredIn(this.#root))
      this.#root.resolveAll()
    } catch (error) {
      if (!(error instanceof Unresolved)) throw this.#placed(error)
      const path = this.#owners.get(error.element)?.path ?? ''
      const said = error.message.slice(0, MESSAGE_CHARS_MAX)
      throw new ProtoProblem('unresolved_type', said, path, this.#at(path, error.element))
    }
  }

  /** Of declarations that several of the library's files repeat, the first. */
  #addMissing(namespace: Namespace, nested: Nested): void {
    for (const [name, json] of Object.entries(nested)) {
      const known = namespace.get(name)
      if (known === null) {
        namespace.addJSON({ [name]: structuredClone(json) })
        for (const added of declaredIn(namespace).keys())
          if (!this.#owners.has(added)) this.#owners.set(added, null)
      } else if ('nestedArray' in known && 'nested' in json && !('fields' in json))
        this.#addMissing(known as Namespace, (json as { readonly nested?: Nested }).nested ?? {})
    }
  }
}
