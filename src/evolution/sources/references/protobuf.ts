/** What a Protobuf file imports. */

/** Comments and strings whole, so that nothing within them counts; unclosed ones end with the text. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|\bimport\b|[;{}]/g

/** Paths as they are written, each once, in order. */
export function protobufImports(text: string): readonly string[] {
  const paths = new Set<string>()
  let depth = 0
  let isImport = false
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') depth++
    else if (token === '}') depth--
    else if (token === 'import') isImport = depth === 0
    else if (token === ';') isImport = false
    else if (isImport && /^["']/.test(token)) {
      paths.add(token.slice(1, -1))
      isImport = false
    }
  }
  return [...paths]
}
