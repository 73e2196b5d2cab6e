/** Where there is no Alertmanager its tests are skipped by name; `npm test` says how to get one. */
import { prepareAlertmanager } from '../../src/testbed/alertmanager.ts'

export const isAlertmanagerMissing: boolean = await prepareAlertmanager().then(
  () => false,
  () => true,
)
