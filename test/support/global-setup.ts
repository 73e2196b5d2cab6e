/** One broker for all integration tests of a run. */

import type { TestProject } from 'vitest/node'
import { startKafka } from '../../src/testbed/kafka.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the broker that all integration tests share. */
    brokers: string[]
  }
}

/** A transaction that nobody ends is looked for every 10 s by default. */
const CONFIG = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000' }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // `npm test` names the tests that cannot run: it loads them without running any.
  if (process.env.QUIPU_TEST_LIST) {
    project.provide('brokers', [])
    return async () => {}
  }
  const kafka = await startKafka({ log: quietly, config: CONFIG })
  project.provide('brokers', kafka.brokers)
  return () => kafka.close()
}

/** What is being fetched is worth a line; what a healthy broker warns about is not. */
function quietly(line: string): void {
  if (!line.startsWith('[broker')) console.error(line)
}
