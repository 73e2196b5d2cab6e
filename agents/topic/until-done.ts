/** Bounds what a client does: brokers may be stopped in the middle of an answer. */
import { QuipuError } from '../../src/base/errors.ts'

/** The work, or an error if it takes longer; then it goes on unheard. */
export async function untilDone<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    const late = `${what}: no answer within ${ms / 1_000} s`
    timer = setTimeout(() => reject(new QuipuError('CONNECTION', late)), ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}
