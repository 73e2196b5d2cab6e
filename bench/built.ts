/** The command as it is published: what runs from source has to be compiled first. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** @returns the program, in a folder of this bench. */
export function builtCommand(bench: string): string {
  const out = resolve(`.cache/bench-${bench}`)
  rmSync(out, { recursive: true, force: true })
  must('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', out])
  return join(out, 'src/cli/main.js')
}

export function must(program: string, args: readonly string[], cwd = '.'): void {
  const { status, stderr, stdout } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`)
}
