/** The process of apart.ts: reads one store once, and ends. */
import type { Store } from '../store/store.ts'
import type { ApartAnswers, ApartRequest } from './apart.ts'
import { withStore } from './store-reader.ts'

// Ctrl-C is for the auditor, which ends this one; without it there is nobody to tell anything.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', async (request: ApartRequest) => {
  const answer = await withStore(request.path, (store) => answerOf(store, request))
  process.send?.(answer, () => process.exit())
})

async function answerOf(
  store: Store,
  request: ApartRequest,
): Promise<ApartAnswers[keyof ApartAnswers]> {
  if (request.kind === 'look') {
    const { lookInto } = await import('./alert-look.ts')
    return lookInto(store, request.alerting, request.now)
  }
  const { assessStore } = await import('./telemetry-assess.ts')
  return assessStore(store, request.since, request.now)
}
