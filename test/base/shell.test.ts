import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { shellWord } from '../../src/base/shell.ts'

describe('a word of a shell', () => {
  it('is written as it is, where nobody would quote it', () => {
    expect(shellWord('flights/no-loss@2026-11-23T01:00Z')).toBe('flights/no-loss@2026-11-23T01:00Z')
  })

  it('comes out of a real one as it went in', () => {
    const texts = [
      ...['', 'a → b', "it's", `'"$(id)"' \`id\` \\`, '$HOME', '*', '-n', '--store=x', 'a\nb'],
      ...['a;b', 'a&b', 'a|b', '~', '#a', '!a', '{a,b}', '\u001b[2J'],
    ]
    const script = `for word in ${texts.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`
    const words = execFileSync('/bin/sh', ['-c', script]).toString().split('\0').slice(0, -1)
    expect(words).toEqual(texts)
  })
})
