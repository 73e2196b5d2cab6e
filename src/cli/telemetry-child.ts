/** The process of telemetry-assessor.ts: assesses one store once, and ends. */
import { withStore } from './store-reader.ts'
import { assessStore } from './telemetry-assess.ts'
import type { AssessRequest } from './telemetry-assessor.ts'

// Ctrl-C is for the auditor, which ends this one; without it there is nobody to tell anything.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', async ({ path, since, now }: AssessRequest) => {
  const assessed = await withStore(path, (store) => assessStore(store, since, now))
  process.send?.(assessed, () => process.exit())
})
