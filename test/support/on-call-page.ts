/**
 * docs/on-call.md as a play: its commands are run on a run of the test's own, and what they say is held
 * against what the page says. With UPDATE_DOCS=1 it is written into the page instead.
 *
 * Words are compared, not spaces: lines break elsewhere where a time or an id is longer.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const PAGE = fileURLToPath(new URL('../../docs/on-call.md', import.meta.url))
const IS_WRITING = process.env.UPDATE_DOCS === '1'

const UUID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g
const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g

/** What differs from run to run, in the order in which it is looked for. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [UUID, 'ID'],
  [INSTANT, 'TIME'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/\b\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/\b[0-9a-f]{32}\b/g, 'INSTANCE'],
  [/\b[0-9a-f]{8}\b/g, 'HASH'],
  [/127\.0\.0\.1:\d+/g, 'ADDRESS'],
  [/node\/[\d.]+/g, 'node/VERSION'],
  [/(\b\d[\d.,]* (milliseconds?|seconds?|minutes?|ms|s)\b\s*)+/g, 'DURATION '],
  [/\b\d[\d,]* frames\b/g, 'N frames'],
  [/\b\d[\d,]* records read\b/g, 'N records read'],
  [/,? revision \d+|, revised(?=\))/g, ''],
  [/"state":"(settled|revised)","revision":\d+/g, 'STATE'],
  [/\boffsets \d+–\d+ watched/g, 'offsets watched'],
  // Where groups were disturbed by the outage they may have done a little twice.
  [/\boffsets? [\d,]+( to [\d,]+)?(?= of|; |\))/g, 'offsets N'],
  [/"low":\d+,"high":\d+/g, 'OFFSETS'],
  [/\bepoch \d+ gave way to \d+/g, 'epoch N gave way to N'],
  [/\b\d+ sent, /g, 'N sent, '],
  // On a busy machine those that live are late for a moment, too.
  [/! \d+ agents? of (enrich|warehouse) silent since TIME/g, ''],
  [/\b\d+ of 3 agents of checkin/g, 'N of 3 agents of checkin'],
  [/\b\d+\.\d(?=[\s%])/g, 'RATE'],
]

export interface Shown {
  /** Of a message that the section is about: what stands for it in the page is replaced. */
  readonly id?: string
  /** ISO 8601: start of the window that it is about. */
  readonly window?: string
}

interface Block {
  readonly section: string
  readonly language: string
  /** Lines of the page: the first of it, and the fence that ends it. */
  readonly from: number
  readonly to: number
  lines: readonly string[]
  isPlayed: boolean
}

export class Page {
  readonly #lines: readonly string[]
  readonly #blocks: Block[] = []

  constructor() {
    this.#lines = readFileSync(PAGE, 'utf8').split('\n')
    let section = ''
    let open: { readonly language: string; readonly from: number } | null = null
    for (const [i, line] of this.#lines.entries()) {
      const fence = line.match(/^```(\w*)$/)
      if (open === null && line.startsWith('## ')) section = line.slice(3)
      if (fence === null) continue
      if (open === null) {
        open = { language: fence[1] ?? '', from: i + 1 }
        continue
      }
      const lines = this.#lines.slice(open.from, i)
      this.#blocks.push({ section, ...open, to: i, lines, isPlayed: false })
      open = null
    }
  }

  /** The only block of that language in a section. */
  code(section: string, language: string): string {
    const [block] = this.#of(section, language)
    if (block === undefined) throw new Error(`expected ${language} in "${section}" of the page`)
    block.isPlayed = true
    return `${block.lines.join('\n')}\n`
  }

  /** Holds a block against what came. */
  show(section: string, language: string, text: string): void {
    const [block] = this.#of(section, language)
    if (block === undefined) throw new Error(`expected ${language} in "${section}" of the page`)
    hold(block, cleaned(text).split('\n'))
  }

  /** Runs the commands of a section, one after the other. */
  async play(section: string, folder: string, shown: Shown): Promise<void> {
    const blocks = this.#of(section, 'console')
    expect(blocks.length, `commands in "${section}"`).toBeGreaterThan(0)
    for (const block of blocks) {
      const commands = block.lines.filter((line) => line.startsWith('$ '))
      const lines: string[] = []
      for (const line of commands) {
        const command = replaced(line.slice(2), shown)
        lines.push(`$ ${command}`, ...cleaned(await run(command, folder)).split('\n'))
      }
      hold(block, lines)
    }
  }

  /** Nothing on the page may be a mere claim. */
  close(): void {
    expect(
      this.#blocks.filter((b) => !b.isPlayed).map((b) => `${b.section}: ${b.language}`),
    ).toEqual([])
    if (!IS_WRITING) return
    const out: string[] = []
    let at = 0
    for (const { from, to, lines } of this.#blocks) {
      out.push(...this.#lines.slice(at, from), ...lines)
      at = to
    }
    writeFileSync(PAGE, [...out, ...this.#lines.slice(at)].join('\n'))
  }

  #of(section: string, language: string): Block[] {
    return this.#blocks.filter((b) => b.section === section && b.language === language)
  }
}

function hold(block: Block, came: readonly string[]): void {
  block.isPlayed = true
  if (IS_WRITING) block.lines = came
  else expect(wordsOf(came), block.section).toEqual(wordsOf(block.lines))
}

/** No names of machines. */
const cleaned = (printed: string): string =>
  printed.trimEnd().replace(new RegExp(`\\b${hostname()}\\b`, 'g'), 'host-7')

function wordsOf(lines: readonly string[]): string[] {
  // A time may be broken over two lines.
  let words = lines.join(' ').replace(/\s+/g, ' ')
  for (const [pattern, word] of MASKS) words = words.replace(pattern, word)
  return words.split(/ +/).filter((word) => word !== '')
}

function replaced(command: string, { id, window }: Shown): string {
  const named = id === undefined ? command : command.replace(UUID, id)
  return window === undefined ? named : named.replace(INSTANT, window)
}

/**
 * As in a shell of whoever is on call; all that it prints. What goes to standard error comes first: where
 * the other goes through a pipe, a terminal shows them in any order.
 */
async function run(command: string, folder: string): Promise<string> {
  const child = spawn('sh', ['-c', command], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', PATH: `${folder}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return errors + output
}
