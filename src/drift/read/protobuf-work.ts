/**
 * How long the library takes for .proto texts, before it is let loose on them: for each declaration it
 * looks through all others of the same message, so one of 5,000 fields takes 18 s.
 */

/** What is paired in a block: all with all, at this price. Of fields: 0.7 µs. */
const prices: Readonly<Record<string, number>> = {
  enum: 1 / 64,
  /** Types side by side. */
  file: 1 / 16,
}

/** Comments and quoted texts, in which marks mean nothing; or marks; or words. */
const TOKENS =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[{};,]|\w+/g

interface Block {
  /** The first word of the statement that opens it: `message`, `enum`, `oneof`, … */
  readonly kind: string
  count: number
}

/** In pairs of fields, of all texts together. */
export function protobufWork(texts: Iterable<string>): number {
  let pairs = 0
  let extensions = 0
  for (const text of texts) {
    const open: Block[] = [{ kind: 'file', count: 0 }]
    let word = ''
    const close = (): void => {
      const block = open.pop() as Block
      const around = open.at(-1)
      // Fields of a oneof are the message's; those of extensions, whose they are is not known.
      if (block.kind === 'oneof' && around !== undefined) around.count += block.count
      else if (block.kind === 'extend') extensions += block.count
      else pairs += block.count ** 2 * (prices[block.kind] ?? 1)
    }
    for (const [token] of text.matchAll(TOKENS)) {
      const top = open.at(-1) as Block
      if (token === '{') {
        top.count++
        open.push({ kind: word, count: 0 })
        word = ''
      } else if (token === '}') {
        if (open.length > 1) close()
        word = ''
      } else if (token === ';' || token === ',') {
        top.count++
        if (token === ';') word = ''
      } else if (word === '' && /^\w/.test(token)) word = token
    }
    while (open.length > 0) close()
  }
  return pairs + extensions ** 2
}
