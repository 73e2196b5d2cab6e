/** The subjects to check, each with its next and earlier versions. */
import { QuipuError } from '../../base/errors.ts'
import type { GatheredSubjects, GatherOptions } from './source.ts'

/** @throws QuipuError: a source that cannot be read; it says what to do */
export async function gatherSubjects(options: GatherOptions): Promise<GatheredSubjects> {
  throw new QuipuError('MISSING_PART', `reading of ${options.against.join(', ')} is not there yet`)
}
