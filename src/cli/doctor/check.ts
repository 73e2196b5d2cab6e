/** What the doctor says of one thing: how it is, and what to do. */

/** `fail`: it cannot work so. `warn`: it works, and evidence is or will be missing. */
export const checkStates = ['ok', 'warn', 'fail'] as const
export type CheckState = (typeof checkStates)[number]

export interface CheckResult {
  /** What was looked at; stays the same from version to version. */
  readonly id: string
  /** Of what: a topic, a group, a path. */
  readonly subject: string
  readonly state: CheckState
  /** What is. */
  readonly message: string
  /** One imperative sentence; null where all is well. */
  readonly todo: string | null
}

export const ok = (id: string, subject: string, message: string): CheckResult => ({
  ...{ id, subject, state: 'ok', message, todo: null },
})

export const warn = (id: string, subject: string, message: string, todo: string): CheckResult => ({
  ...{ id, subject, state: 'warn', message, todo },
})

export const fail = (id: string, subject: string, message: string, todo: string): CheckResult => ({
  ...{ id, subject, state: 'fail', message, todo },
})

/** 1 if anything fails: warnings are for people. */
export const doctorCode = (results: readonly CheckResult[]): 0 | 1 =>
  results.some((r) => r.state === 'fail') ? 1 : 0

/** The work, or an error after so long; then it goes on unheard. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
