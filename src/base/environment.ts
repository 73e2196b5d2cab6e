/** Environment variables in the texts of a file: `${NAME}` becomes the value, `$${` stays `${`. */

export type Environment = Readonly<Record<string, string | undefined>>

/** What cannot be put in stays as it is, and `complain` is told; never the value of a variable. */
export function withVariables(
  text: string,
  env: Environment,
  complain: (message: string) => void,
): string {
  return text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (whole, name: string | undefined) => {
    if (whole === '$${') return '${'
    if (!whole.endsWith('}') || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name ?? '')) {
      complain(`expected an environment variable such as \`\${NAME}\`, got \`${whole}\``)
      return whole
    }
    const value = Object.hasOwn(env, name as string) ? env[name as string] : undefined
    if (value === undefined || value === '') {
      const state = value === undefined ? 'not set' : 'empty'
      complain(`the environment variable \`${name}\` is ${state}`)
      return whole
    }
    return value
  })
}
