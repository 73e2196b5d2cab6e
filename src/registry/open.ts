/** A registry, ready to be asked. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '../base/environment.ts'
import type { RegistryPlace } from './access.ts'
import { certificatesIn, registryAddress } from './address.ts'
import { authorization } from './auth.ts'
import { type Registry, registryClient } from './client.ts'
import { http } from './request.ts'

export interface OpenOptions extends RegistryPlace {
  /** For the variables that `access` names. */
  readonly env: Environment
  /** See HttpOptions. @defaultValue false */
  readonly isBackground?: boolean
}

const TIMEOUT_MS = 10_000
const RETRIES_MAX = 3

/** @throws QuipuError: an address or a secret that cannot be used */
export function openRegistry({
  url,
  workingFolder,
  access: { auth, caFile, timeoutMs = TIMEOUT_MS, retriesMax = RETRIES_MAX },
  env,
  isBackground = false,
}: OpenOptions): Registry {
  const base = registryAddress(url)
  return registryClient({
    http: http({
      ...{ base, timeoutMs, isBackground, authorization: authorization(auth, env) },
      ca: caFile === undefined ? null : certificatesIn(caFile, workingFolder),
    }),
    ...{ name: base.host, retriesMax, waitMs: (ms: number) => sleep(ms) },
  })
}
