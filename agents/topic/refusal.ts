/** What brokers say in errors; kafkajs puts it inside of what it was doing. */

import { QuipuError } from '../../src/base/errors.ts'

/** Errors wrap errors; no further than this. */
const CAUSES_MAX = 10

/** The protocol's words, the outermost first. */
export function typesOf(error: unknown): string[] {
  const types: string[] = []
  let at: unknown = error
  for (let i = 0; i < CAUSES_MAX && typeof at === 'object' && at !== null; i++) {
    const { type, cause } = at as { readonly type?: unknown; readonly cause?: unknown }
    if (typeof type === 'string') types.push(type)
    at = cause
  }
  return types
}

/** @param type the protocol's word for the right that is missing */
export function mayNotRead(type: string, cause: unknown): QuipuError {
  return new QuipuError('FORBIDDEN', `the topic agent may not read its topics (${type})`, {
    hint: 'Grant its user the right to describe and read the topics, and to read with its group.',
    cause,
  })
}

/** The right that is missing, if that is what the error says. */
export function refusalIn(error: unknown): string | null {
  return typesOf(error).find((type) => type.endsWith('AUTHORIZATION_FAILED')) ?? null
}
