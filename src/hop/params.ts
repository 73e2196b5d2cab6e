/** Only like is compared with like (law 7): what must be equal before two tallies are subtracted. */
export interface TallyParams {
  readonly windowMs: number
  /** `stamp`, `header:NAME;time=…`, … (see message/identity.ts) */
  readonly identity: string
  /** What is folded: the id itself. More elements come with `preserve` and `multiplicity`. */
  readonly element: 'id'
  /** 1: every message. */
  readonly sampleRate: number
  /** The shape of the sketch, by name. */
  readonly shape: string
  /** uint32 */
  readonly seed: number
}

export const SHAPE = 'q1'

/** Which parameters differ, in words; empty if the tallies may be subtracted. */
export function paramsDiffer(a: TallyParams, b: TallyParams): string[] {
  const out: string[] = []
  for (const name of ['windowMs', 'identity', 'element', 'sampleRate', 'shape', 'seed'] as const) {
    if (a[name] !== b[name]) out.push(`${name}: ${a[name]} and ${b[name]}`)
  }
  return out
}
