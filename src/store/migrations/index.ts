/** All migrations in order: number n brings `user_version` n. Never changed once published. */
import { evidence } from './001-evidence.ts'
import { verdicts } from './002-verdicts.ts'
import { aside } from './003-aside.ts'
import { coverageTimes } from './004-coverage-times.ts'
import { shapes } from './005-shapes.ts'
import { onCall } from './006-on-call.ts'

export const migrations: readonly string[] = [
  evidence,
  verdicts,
  aside,
  coverageTimes,
  shapes,
  onCall,
]
