/** Addresses of other tools, made from templates such as `https://jaeger/trace/{traceId}`. */

/** Templates of links; null: none is made. */
export interface TraceLinks {
  /** `{traceId}` and `{spanId}` are replaced. */
  readonly trace: string | null
  /** `{topic}`, `{partition}` and `{offset}` are replaced. */
  readonly record: string | null
}

export const NO_LINKS: TraceLinks = { trace: null, record: null }

/** Why a template will not do, or null. */
export function linkProblem(template: string, names: readonly string[]): string | null {
  const used = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
  const wrong = used.find((name) => !names.includes(name))
  const known = names.map((name) => `{${name}}`).join(', ')
  if (wrong !== undefined) return `there is no {${wrong}}: expected ${known}`
  if (used.length === 0) return `expected one of ${known} in it`
  try {
    const { protocol } = new URL(filled(template, {}))
    return protocol === 'http:' || protocol === 'https:' ? null : 'expected http:// or https://'
  } catch {
    return 'expected an address such as https://host/path'
  }
}

/** What is put in is encoded: it comes from the wire. */
function filled(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{([^{}]*)\}/g, (_, name: string) =>
    encodeURIComponent(Object.hasOwn(values, name) ? String(values[name]) : ''),
  )
}

export function traceLink(
  { trace }: TraceLinks,
  { traceId, spanId }: { readonly traceId: string; readonly spanId: string },
): string | null {
  return trace === null || traceId === '' ? null : filled(trace, { traceId, spanId })
}

export function recordLink(
  { record }: TraceLinks,
  place: { readonly topic: string; readonly partition: number; readonly offset: number },
): string | null {
  return record === null ? null : filled(record, { ...place })
}
