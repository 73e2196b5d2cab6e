/** The way of the frames to the auditor, on which some are lost, doubled, or late. */
import type { Frame } from '../../hop/frame.ts'
import { decodeFrame } from '../../hop/frame-codec.ts'
import type { FrameSender } from '../../transport/transport.ts'
import type { AuditPath } from './day.ts'
import { chance } from './random.ts'

export interface LossyPathOptions {
  readonly seed: number
  readonly path: AuditPath
  readonly windowMs: number
  readonly clock: () => number
  readonly to: FrameSender
  /** A frame was lost: what it told of is known to nobody. */
  readonly onLost: (sender: string, frame: Frame) => void
}

export class LossyPath {
  readonly #options: LossyPathOptions
  #late: { readonly due: number; readonly key: string; readonly bytes: Uint8Array }[] = []
  #senders = 0

  constructor(options: LossyPathOptions) {
    this.#options = options
  }

  /** @param isLive whether the process of the sender lives: what it sends after its death is nothing */
  sender(name: string, isLive: () => boolean, hasDelays: boolean = true): FrameSender {
    const { seed, path, windowMs, clock, to, onLost } = this.#options
    const life = this.#senders++
    let number = 0
    const falls = (what: string, share: number): boolean =>
      chance(seed, 'path', what, name, life, number) < share
    return {
      send: async (key, bytes) => {
        if (!isLive()) return
        number++
        if (falls('lost', path.lost)) {
          onLost(name, decodeFrame(bytes))
          return
        }
        if (hasDelays && falls('delayed', path.delayed)) {
          const wait = chance(seed, 'wait', name, life, number) * path.delayWindowsMax * windowMs
          this.#late.push({ due: clock() + wait, key, bytes })
        } else await to.send(key, bytes)
        if (falls('doubled', path.doubled)) await to.send(key, bytes)
      },
      close: async () => {},
    }
  }

  /** Lets through what is due by now. */
  async pump(now: number = this.#options.clock()): Promise<void> {
    const due = this.#late.filter((frame) => frame.due <= now)
    this.#late = this.#late.filter((frame) => frame.due > now)
    for (const { key, bytes } of due) await this.#options.to.send(key, bytes)
  }
}
