/** A looker that writes down what it is shown; its shapes are the texts, as bytes. */
import type { Lookable, Looker, OpenShape, ShapePlan } from '../../src/drift/shape.ts'

type Into = () => OpenShape | null
interface Seen {
  readonly id: string
  readonly message: Lookable
  readonly into: Into
}

export class StandInLooker implements Looker {
  readonly oneIn: number
  /** `false`: it keeps what it sees until `resolve`. */
  readonly isReady: boolean
  readonly seen: Seen[] = []
  readonly waiting: Seen[] = []
  /** Ids of messages that nobody had room for. */
  readonly full: string[] = []
  refused = 0
  givenUp = 0
  /** Shapes that were opened and not handed over. */
  readonly held: Set<OpenShape> = new Set()

  constructor(plan: Pick<ShapePlan, 'oneIn'>, isReady = true) {
    this.oneIn = plan.oneIn
    this.isReady = isReady
  }

  open(): OpenShape {
    const shape = new TextShape(() => this.held.delete(shape))
    this.held.add(shape)
    return shape
  }

  see(message: Lookable, id: string, into: Into): void {
    const seen = { id, message, into }
    this.seen.push(seen)
    if (this.isReady) this.#fold(seen, textOf(message.value))
    else this.waiting.push(seen)
  }

  refuse(id: string, into: Into): void {
    this.full.push(id)
    this.#fold({ id, message: {}, into }, 'full')
  }

  /** What it waited for has come. */
  resolve(): void {
    for (const seen of this.waiting.splice(0)) this.#fold(seen, textOf(seen.message.value))
  }

  giveUp(): void {
    this.givenUp++
    for (const seen of this.waiting.splice(0)) this.#fold(seen, 'pending')
  }

  #fold({ into }: Seen, text: string): void {
    const shape = into()
    if (shape === null) this.refused++
    else (shape as TextShape).texts.push(text)
  }
}

class TextShape implements OpenShape {
  readonly texts: string[] = []
  readonly #onTaken: () => void

  constructor(onTaken: () => void) {
    this.#onTaken = onTaken
  }

  toBytes(): Uint8Array {
    this.#onTaken()
    return Buffer.from(this.texts.join(' '))
  }
}

export const PLAN: ShapePlan = {
  ...{ oneIn: 1, framing: null, format: null, file: null, message: null, subject: null },
  ...{ versions: null, registry: null, values: false },
}

const textOf = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString() : String(value)
