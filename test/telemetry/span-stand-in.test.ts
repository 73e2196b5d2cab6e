/** A stand-in for OpenTelemetry, as tests of users have them: what it lacks throws when it is asked for. */
import { expect, test, vi } from 'vitest'
import { activeSpan, loadTraceApi } from '../../src/telemetry/span.ts'

vi.mock('@opentelemetry/api', () => ({ metrics: {} }))

test('that throws when it is looked at is as good as none', async () => {
  const api: object = await import('@opentelemetry/api')
  expect(() => (api as { readonly trace?: unknown }).trace).toThrow()
  await expect(loadTraceApi()).resolves.toBeUndefined()
  expect(activeSpan()).toBeNull()
})
