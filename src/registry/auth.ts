/** The `Authorization` header, from variables whose names the configuration holds; never from a URL. */
import type { Environment } from '../base/environment.ts'
import { QuipuError } from '../base/errors.ts'
import type { RegistryAccess } from './access.ts'

/** Null: none is sent. @throws QuipuError: never with a value in it */
export function authorization(auth: RegistryAccess['auth'], env: Environment): string | null {
  if (auth === undefined) return null
  if (auth.kind === 'bearer') return `Bearer ${secretOf(auth.tokenVariable, env)}`
  const user = secretOf(auth.userVariable, env)
  const password = secretOf(auth.passwordVariable, env)
  if (user.includes(':')) throw unusable(auth.userVariable, 'holds a colon, which no user name may')
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function secretOf(variable: string, env: Environment): string {
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined
  if (value === undefined) throw unusable(variable, 'is not set')
  if (value === '') throw unusable(variable, 'is empty')
  // A line break would end the header, and others could be written behind it.
  if (!/^[\x20-\x7e\u0080-\uffff]+$/.test(value))
    throw unusable(variable, 'holds a line break or such')
  return value
}

function unusable(variable: string, what: string): QuipuError {
  const message = `the environment variable \`${variable}\`, for the registry, ${what}`
  return new QuipuError('CONFIG', message, { hint: `Set \`${variable}\`.` })
}
