/** Where a registry is, and how to speak to it. */

export interface RegistryPlace {
  /** Without secrets. */
  readonly url: string
  /** Absolute: paths in `access` are relative to it. */
  readonly workingFolder: string
  readonly access: RegistryAccess
}

/** How to speak to a registry; secrets by the names of environment variables only. */
export interface RegistryAccess {
  readonly auth?:
    | { readonly kind: 'basic'; readonly userVariable: string; readonly passwordVariable: string }
    | { readonly kind: 'bearer'; readonly tokenVariable: string }
  /** Certificates (PEM) trusted instead of the usual ones. */
  readonly caFile?: string
  /** Of one request with its answer. @defaultValue 10 s */
  readonly timeoutMs?: number
  /** After the first try, on 429, 5xx and broken connections. @defaultValue 3 */
  readonly retriesMax?: number
}
