/** Work by a user who owns nothing: no permission bits keep root out. */

/** Unprivileged on every Linux. */
const NOBODY = 65_534

export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
