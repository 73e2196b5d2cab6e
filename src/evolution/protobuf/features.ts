/**
 * Features of editions: what an element does on the wire and in JSON. Syntaxes before editions are sets
 * of defaults. An element has those of its parent, except where it says otherwise.
 */

export interface Features {
  readonly field_presence: string
  readonly enum_type: string
  readonly repeated_field_encoding: string
  readonly utf8_validation: string
  readonly message_encoding: string
  readonly json_format: string
  /** Of single languages, as `(pb.java).utf8_validation`. */
  readonly custom: Readonly<Record<string, string>>
}

const edition: Features = {
  field_presence: 'EXPLICIT',
  enum_type: 'OPEN',
  repeated_field_encoding: 'PACKED',
  utf8_validation: 'VERIFY',
  message_encoding: 'LENGTH_PREFIXED',
  json_format: 'ALLOW',
  custom: {},
}

const bySyntax: Readonly<Record<string, Features>> = {
  proto2: {
    ...edition,
    enum_type: 'CLOSED',
    repeated_field_encoding: 'EXPANDED',
    utf8_validation: 'NONE',
    json_format: 'LEGACY_BEST_EFFORT',
  },
  proto3: { ...edition, field_presence: 'IMPLICIT' },
}

export function defaultFeatures(syntax: string): Features {
  return bySyntax[syntax] ?? edition
}

/** @param options as the parser keeps them: `features` is an object, of languages one within it */
export function withOptions(
  parent: Features,
  options: Readonly<Record<string, unknown>> | undefined,
): Features {
  const own = options?.features
  if (typeof own !== 'object' || own === null) return parent
  const custom = { ...parent.custom }
  const known: Record<string, string> = {}
  for (const [name, value] of Object.entries(own)) {
    if (typeof value === 'string') known[name] = value
    else flatten(name, value, custom, 0)
  }
  return { ...parent, ...known, custom }
}

/** Names have few parts; what is deeper is no feature. */
const PARTS_MAX = 8

function flatten(path: string, value: unknown, into: Record<string, string>, depth: number): void {
  if (typeof value !== 'object' || value === null) into[path] = String(value)
  else if (depth < PARTS_MAX)
    for (const [name, inner] of Object.entries(value))
      flatten(`${path}.${name}`, inner, into, depth + 1)
}
