/** Tells alerts of a store to a receiver, until it is killed: arguments are the store and the address. */
import { AlertTeller } from '../../src/cli/audit-alerts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { alertingTo, NOW_OF_LOSS } from './alerting.ts'

const [path = '', url = ''] = process.argv.slice(2)
const teller = new AlertTeller({
  ...{ store: await openSqliteStore(path), alerting: alertingTo(url), env: {} },
  clock: () => NOW_OF_LOSS,
  onTrouble: (text) => process.stderr.write(`${text}\n`),
})
await teller.turn(true)
setInterval(() => undefined, 1_000)
