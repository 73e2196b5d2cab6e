/** From flags, questions and what a broker tells to a draft. Who answers is passed in. */
import { QuipuError } from '../../base/errors.ts'
import type { Draft } from './draft.ts'
import type { Found } from './look.ts'

export interface InitFlags {
  readonly pipeline?: string
  readonly team?: string
  readonly contact?: string
  readonly brokers?: readonly string[]
  readonly topics?: readonly string[]
  readonly groups?: readonly string[]
  readonly services?: readonly string[]
}

/** @param fallback what an empty answer means */
export type Ask = (question: string, fallback: string) => Promise<string>
export type Look = (brokers: readonly string[]) => Promise<Found>

/** More in one first file would not be read. */
const TOPICS_MAX = 30

/** Where nobody says anything. */
const EXAMPLE = {
  brokers: ['localhost:9092'],
  topics: ['orders'],
  groups: ['billing:orders:-'],
  services: ['shop:orders'],
} as const

/** @param ask null: nobody is there to be asked */
export async function draftOf(flags: InitFlags, ask: Ask | null, look: Look): Promise<Draft> {
  const brokers = flags.brokers ?? (await named(ask, 'Brokers, HOST:PORT', EXAMPLE.brokers))
  // Without a word on brokers there is none to ask: an example is no address.
  const isNamed = flags.brokers !== undefined || ask !== null
  const needsLook = isNamed && (flags.topics === undefined || flags.groups === undefined)
  const found = needsLook ? await foundAt(look, brokers, ask) : null
  const topics = flags.topics ?? (await topicsOf(found, ask, brokers))
  // Who reads and sends in the example goes with its topics only.
  const isExample =
    found === null && flags.topics === undefined && topics.join() === EXAMPLE.topics.join()
  const readers = isExample ? EXAMPLE.groups : groupsOf(found, topics)
  const groups = flags.groups ?? (await named(ask, 'Groups, GROUP[:TOPIC[:NEXT]]', readers))
  const senders = isExample ? EXAMPLE.services : []
  const services =
    flags.services ?? (await named(ask, 'Services that send, SERVICE[:TOPIC]', senders))
  const [first = 'pipeline'] = topics
  const one = async (flag: string | undefined, question: string): Promise<string | null> =>
    (flag ?? (ask === null ? '' : await ask(question, ''))) || null
  return {
    pipeline: flags.pipeline ?? (ask === null ? nameOf(first) : await ask('Name', nameOf(first))),
    team: await one(flags.team, 'Team that owns it'),
    contact: await one(flags.contact, 'Where to reach it'),
    brokers,
    topics,
    groups,
    services,
  }
}

/** Somebody who answers questions may have no broker yet; a flag means what it says. */
async function foundAt(
  look: Look,
  brokers: readonly string[],
  ask: Ask | null,
): Promise<Found | null> {
  if (ask === null) return await look(brokers)
  const yes = await ask('Ask them for topics and groups? yes/no', 'yes')
  return yes.toLowerCase().startsWith('y') ? await look(brokers) : null
}

async function topicsOf(
  found: Found | null,
  ask: Ask | null,
  brokers: readonly string[],
): Promise<readonly string[]> {
  if (found === null) return await named(ask, 'Topics, in the order of the way', EXAMPLE.topics)
  if (found.topics.length === 0) {
    throw new QuipuError('NOT_FOUND', `there are no topics at ${brokers.join(', ')}`, {
      hint: 'Create them first, or name what they will be: --topics a,b',
    })
  }
  const chosen = await named(ask, 'Topics, in the order of the way', found.topics)
  if (chosen.length <= TOPICS_MAX) return chosen
  throw new QuipuError(
    'CONFIG',
    `there are ${chosen.length} topics; a first file is for at most ${TOPICS_MAX}`,
    { hint: `Name those of one pipeline: --topics ${chosen.slice(0, 2).join(',')}` },
  )
}

/** To nowhere: where a group passes messages on, the broker cannot tell. */
function groupsOf(found: Found | null, topics: readonly string[]): readonly string[] {
  const readers = found?.readers ?? []
  return readers.flatMap(({ group, topics: read }) =>
    read.filter((topic) => topics.includes(topic)).map((topic) => `${group}:${topic}:-`),
  )
}

async function named(
  ask: Ask | null,
  question: string,
  fallback: readonly string[],
): Promise<readonly string[]> {
  if (ask === null) return fallback
  return (await ask(`${question}, with commas between`, fallback.join(',')))
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** `flights` of `flights.enriched` */
const nameOf = (topic: string): string => /^[^._-]+/.exec(topic)?.[0] ?? 'pipeline'
