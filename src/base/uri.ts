/** URIs as schemas write them: whatever they hold, reading them never throws. */

export function withoutFragment(uri: string): string {
  const hash = uri.indexOf('#')
  return hash === -1 ? uri : uri.slice(0, hash)
}

/** As it stands where it cannot be resolved: `urn:` has no relatives. */
export function resolvedUri(ref: string, base: string): string {
  try {
    return new URL(ref, base).href
  } catch {
    return ref
  }
}

/** As it stands where it is not encoded rightly. */
export function decodedUri(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
