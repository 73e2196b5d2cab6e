/** Where there is no promtool its tests are skipped by name; `npm test` says how to get one. */
import { preparePromtool } from '../../src/testbed/promtool.ts'

export const isPromtoolMissing: boolean = await preparePromtool().then(
  () => false,
  () => true,
)
