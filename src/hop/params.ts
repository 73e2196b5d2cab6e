/** Only like is compared with like (law 7): what must be equal before two tallies are subtracted. */
export interface TallyParams {
  readonly windowMs: number
  /** `stamp`, `header:NAME;time=…`, … (see message/identity.ts) */
  readonly identity: string
  /** What is folded: `id`, or the id with a digest (`preserveName` of message/digest.ts). */
  readonly element: string
  /** 1: every message; n: the one in n that the hash of the id chooses. */
  readonly oneIn: number
  /** The shape of the sketch, by name. */
  readonly shape: string
  /** uint32 */
  readonly seed: number
}

export const SHAPE = 'q1'

/** The element that every hop keeps: the id alone. */
export const ID_ELEMENT = 'id'

/** An id has four words; its digest is a fifth. */
export const limbsOf = (element: string): 4 | 5 => (element === ID_ELEMENT ? 4 : 5)

const WORDS: Readonly<Record<keyof TallyParams, string>> = {
  windowMs: 'windowMs',
  identity: 'identity',
  element: 'element',
  oneIn: 'sampled one in',
  shape: 'shape',
  seed: 'seed',
}

/** Which parameters differ, in words; empty if the tallies may be subtracted. */
export function paramsDiffer(a: TallyParams, b: TallyParams): string[] {
  const out: string[] = []
  for (const name of ['windowMs', 'identity', 'element', 'oneIn', 'shape', 'seed'] as const) {
    if (a[name] !== b[name]) out.push(`${WORDS[name]}: ${a[name]} and ${b[name]}`)
  }
  return out
}
