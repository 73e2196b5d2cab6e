/** One look into a store that an auditor is writing: what `quipu wait` decides by. */
import type { Waiting } from '../objective/waiting.ts'
import { SEEN_UNTIL_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { type ReadOptions, read } from './store-reader.ts'

type Looked = Pick<Waiting, 'pipelines' | 'verdicts' | 'instances' | 'seenUntil'>

/**
 * The auditor takes frames, judges, and says then how far it came. Read the other way round: what it said
 * is true of verdicts that are read later, and not of those that were read before.
 */
export async function look(
  store: Store,
  options: Omit<ReadOptions, 'store'> & { readonly since: number },
): Promise<Looked> {
  const said = await store.fact(SEEN_UNTIL_FACT)
  const instances = await store.instances(options.since)
  const { pipelines, verdicts } = await read(store, options)
  return { pipelines, verdicts, instances, seenUntil: typeof said === 'number' ? said : null }
}
