/** Operating failures as one class with a short list of codes; programmer mistakes use `assert`. */

export type ErrorCode =
  | 'CONFIG'
  | 'CANNOT_JUDGE'
  | 'CONNECTION'
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'FORMAT'
  | 'STORE'
  | 'MISSING_PART'

/** Every code, with the exit code the command line gives it (DESIGN section 10). */
const errorExitCodes: Readonly<Record<ErrorCode, number>> = {
  /** Misspelt flag, unknown key, a file that does not parse. */
  CONFIG: 2,
  /** The evidence needed for an answer is not there. */
  CANNOT_JUDGE: 3,
  /** No broker answers, or the wrong thing does. */
  CONNECTION: 4,
  /** A topic, group or pipeline that does not exist. */
  NOT_FOUND: 4,
  /** The broker or the file system refuses. */
  FORBIDDEN: 4,
  /** Bytes that are not what they should be. */
  FORMAT: 4,
  /** The store is full, busy, broken, or of a newer version. */
  STORE: 4,
  /** Something an optional part needs is not installed. */
  MISSING_PART: 4,
}

export interface QuipuErrorOptions {
  /** What the reader can do about it: one imperative sentence. */
  readonly hint?: string
  readonly cause?: unknown
}

/** An operating failure: says what was expected, what came, where; `hint` says what to do. */
export class QuipuError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: QuipuErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'QuipuError'
    this.code = code
    this.hint = options.hint
  }

  get exitCode(): number {
    return errorExitCodes[this.code]
  }
}

/** The text of anything thrown; never throws itself. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  try {
    return String(error)
  } catch {
    return 'unknown error'
  }
}
