/**
 * Just enough SVG: elements as text, with everything escaped that is not markup.
 *
 * Law: the same values give the same bytes. Coordinates are written with one decimal.
 */

export type Attributes = Readonly<Record<string, string | number>>

export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`)
  const open = `<${name}${written.join('')}`
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`
}

export function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function attribute(value: string | number): string {
  return typeof value === 'number' ? decimal(value) : text(value).replaceAll('"', '&quot;')
}

/** No −0, no trailing zeros. */
export function decimal(value: number): string {
  return String(Math.round(value * 10) / 10 + 0)
}
