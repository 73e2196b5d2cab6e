/** What runs here: Node, the driver of the store, the client. */
import { messageOf } from '../../base/errors.ts'
import { loadDriver } from '../../store/sqlite-open.ts'
import { type CheckResult, fail, ok } from './check.ts'

/** As package.json asks for it. */
const NODE_MIN = [20, 19] as const

export interface Machine {
  /** `20.20.2` */
  readonly node: string
  /** Why the driver cannot be loaded, or null. */
  readonly driver: string | null
  /** The same of kafkajs. */
  readonly client: string | null
}

export async function machineHere(): Promise<Machine> {
  const why = (load: () => Promise<unknown>): Promise<string | null> =>
    load().then(() => null, messageOf)
  return {
    node: process.versions.node,
    driver: await why(async () => {
      // The native part is loaded by the first database.
      ;new (await loadDriver())(':memory:').close()
    }),
    client: await why(() => import('kafkajs')),
  }
}

export function checkMachine({ node, driver, client }: Machine): CheckResult[] {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isOld = major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])
  const part = (id: string, name: string, why: string | null, run: string): CheckResult =>
    why === null
      ? ok(id, name, 'can be loaded')
      : fail(id, name, `cannot be loaded: ${why}`, `Run: ${run}`)
  return [
    isOld
      ? fail('node', node, `older than ${NODE_MIN.join('.')}`, 'Update Node.js.')
      : ok('node', node, 'is new enough'),
    part('native', 'better-sqlite3', driver, 'npm rebuild better-sqlite3'),
    part('client', 'kafkajs', client, 'npm install kafkajs'),
  ]
}
