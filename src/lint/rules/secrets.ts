/** Secrets that everybody reads who reads the file. */
import type { LintRule, LintSubject } from '../rule.ts'

export const inlineSecret: LintRule = {
  id: 'QL501',
  name: 'inline-secret',
  severity: 'warning',
  purpose: 'A pipeline file is kept in a repository, and a password should not be.',
  check: (subject) =>
    saslPaths(subject)
      .map((path) => [...path, 'sasl', 'password'])
      .filter((path) => {
        const written = subject.sourceAt(path)
        return written !== null && !written.includes('${')
      })
      .map((path) => ({
        path,
        message: 'a password is written out: put it into a variable, as in `"${KAFKA_PASSWORD}"`',
      })),
}

function saslPaths({ config }: LintSubject): readonly (readonly string[])[] {
  const clusters = Object.keys(config.kafka?.clusters ?? {})
  return [['kafka'], ...clusters.map((name) => ['kafka', 'clusters', name])]
}
