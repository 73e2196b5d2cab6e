/**
 * Why a finding is there: numbered rules over the evidence, each with its proof.
 *
 * Laws:
 * - The counts of a finding's causes sum to its count, and no message has two.
 * - What is known of a message by its name or place comes first, in the order of the rules. What is known by
 *   numbers only comes after, and counts only where one cause alone fits and the numbers agree.
 * - What neither reaches is `unknown`, and says what was lacking. Less evidence never makes a cause surer.
 */
import type { Cause, CauseFact } from '../finding/cause.ts'
import { CAUSE_FACTS_MAX } from '../finding/cause.ts'
import type { Finding, FindingCode, FoundId } from '../finding/finding.ts'
import { partsOfWords, wordsOfHex } from '../message/id.ts'
import type { CauseEvidence } from './cause-evidence.ts'
import {
  attemptedAgain,
  redelivered,
  regrouped,
  replayed,
  retried,
  sentMore,
  sentTwice,
} from './causes/again.ts'
import { deadLettered } from './causes/dead-letters.ts'
import { producerDied } from './causes/died.ts'
import { minterFact } from './causes/facts.ts'
import { type Ground, groundOf } from './causes/ground.ts'
import { lackingOf } from './causes/lacking.ts'
import { type Message, messagesOf, unitOf } from './causes/messages.ts'
import { aborted, filtered, rejected, threw, unacknowledged } from './causes/named.ts'
import { offersOf } from './causes/offers.ts'
import {
  committedAhead,
  compacted,
  deletedUnread,
  reset,
  skipped,
  truncated,
} from './causes/passed-over.ts'
import type { CauseRule, Told } from './causes/rule.ts'
import { abortedRead, mintedAnew, undeclaredProducer } from './causes/strangers.ts'

/** Why a message that should be there is not. */
const lostRules: readonly CauseRule[] = [
  filtered,
  deadLettered,
  unacknowledged,
  aborted,
  rejected,
  threw,
  reset,
  skipped,
  deletedUnread,
  truncated,
  compacted,
  committedAhead,
]

/** Why there is one too many. */
const extraRules: readonly CauseRule[] = [
  replayed,
  redelivered,
  regrouped,
  sentMore,
  attemptedAgain,
  retried,
  sentTwice,
]

const UNKNOWN_MISSING = 'C14'
const UNKNOWN_EXTRA = 'D8'

interface Rules {
  readonly rules: readonly CauseRule[]
  /** The rule that is left where none of them answers. */
  readonly unknown: string
}

const missing = (...rules: readonly CauseRule[]): Rules => ({ rules, unknown: UNKNOWN_MISSING })
const extra = (...rules: readonly CauseRule[]): Rules => ({ rules, unknown: UNKNOWN_EXTRA })

/** Findings that call messages missing, or one too many; what some of them say is a cause already. */
const RULES: Readonly<Partial<Record<FindingCode, Rules>>> = {
  lost: missing(...lostRules),
  compacted: missing(...lostRules),
  unacknowledged: missing(unacknowledged),
  filtered_undeclared: missing(filtered),
  minted_not_here: missing(producerDied),
  unconfirmed: missing(producerDied),
  duplicated: extra(...extraRules),
  extra: extra(...extraRules),
  withdrawn_delivered: extra(abortedRead),
  unexpected: extra(mintedAnew, undeclaredProducer),
}

/** The rules for findings of the code, in their order; none where it calls nobody missing. */
export function rulesOf(code: FindingCode): readonly CauseRule[] {
  return RULES[code]?.rules ?? []
}

/** Minters that are named with a cause; of more than that none is to blame. */
const MINTERS_MAX = 3

/** None for findings that call no message missing or one too many. */
export function causesOf(finding: Finding, evidence: CauseEvidence): readonly Cause[] {
  const of = RULES[finding.code]
  if (of === undefined || finding.count <= 0) return []
  const { rules, unknown } = of
  const ground = groundOf(finding, evidence)
  const books = new Books(ground)

  const { named, nameless } = messagesOf(finding)
  const all = new Map(rules.map((rule) => [rule, rule.ofAll?.(ground)]))
  const untold: Message[] = []
  for (const message of named) {
    const rule = rules.find((rule) => toldOf(rule, message.found, ground, all) !== undefined)
    const told = rule && toldOf(rule, message.found, ground, all)
    if (rule === undefined || told === undefined) untold.push(message)
    else books.add(rule, told, message.count, message.found)
  }
  const whole = nameless > 0 ? rules.find((rule) => all.get(rule) !== undefined) : undefined
  const told = whole && all.get(whole)
  if (whole !== undefined && told !== undefined) books.add(whole, told, nameless, null)

  const rest = { named: untold, nameless: whole === undefined ? nameless : 0 }
  const offered = offersOf(rules, rest, ground, (code) => books.countOf(code))
  for (const { rule, told, count, found } of offered.told) books.add(rule, told, count, found)
  return books.close(unknown, offered)
}

/** What a rule tells of one message: of it alone, or of all. */
function toldOf(
  rule: CauseRule,
  found: FoundId,
  ground: Ground,
  all: ReadonlyMap<CauseRule, Told | undefined>,
): Told | undefined {
  const own = rule.of?.(found, ground)
  if (own !== undefined) return own
  return rule.excludes?.(found, ground) === true ? undefined : all.get(rule)
}

interface Line {
  readonly rule: CauseRule
  readonly certainty: Told['certainty']
  readonly messages: Message[]
  nameless: number
  readonly proof: Map<string, CauseFact>
}

/** The causes of one finding while they are told. */
class Books {
  readonly #ground: Ground
  readonly #lines = new Map<string, Line>()

  constructor(ground: Ground) {
    this.#ground = ground
  }

  add(rule: CauseRule, told: Told, count: number, found: FoundId | null): void {
    // Of those that were not chosen nothing is known one by one.
    const certainty = unitOf(this.#ground.finding) > 1 ? 'likely' : told.certainty
    const key = `${rule.name} ${certainty}`
    const line = this.#lines.get(key) ?? {
      ...{ rule, certainty, messages: [], nameless: 0 },
      proof: new Map<string, CauseFact>(),
    }
    this.#lines.set(key, line)
    if (found === null) line.nameless += count
    else line.messages.push({ found, count })
    for (const fact of told.proof)
      if (line.proof.size < CAUSE_FACTS_MAX) line.proof.set(JSON.stringify(fact), fact)
  }

  countOf(code: string): number {
    return [...this.#lines.values()]
      .filter(({ rule }) => rule.code === code)
      .reduce((n, line) => n + sizeOf(line), 0)
  }

  close(unknown: string, rest: ReturnType<typeof offersOf>): readonly Cause[] {
    const finding = this.#ground.finding.code
    const causes = [...this.#lines.values()].map((line): Cause => {
      const { rule, certainty, messages, nameless, proof } = line
      const minters = mintersOf(rule, messages, this.#ground)
      return {
        ...{ code: rule.code, rule: rule.name, finding, certainty, count: sizeOf(line) },
        ids: messages.map(({ found }) => found),
        proof: [...minters, ...proof.values()].slice(0, CAUSE_FACTS_MAX),
        lacking:
          certainty === 'proven'
            ? []
            : lackingOf(this.#ground, { named: messages, nameless, notes: [] }),
      }
    })
    const { named, nameless } = rest.untold
    const count = named.reduce((n, m) => n + m.count, nameless)
    if (count === 0) return causes
    const lacking = lackingOf(this.#ground, { named, nameless, notes: rest.notes })
    return [
      ...causes,
      {
        ...{ code: 'unknown', rule: unknown, finding, certainty: 'unknown', count, proof: [] },
        ids: named.map(({ found }) => found),
        lacking: lacking.length > 0 ? lacking : ['nothing that agents note explains it'],
      },
    ]
  }
}

const sizeOf = ({ messages, nameless }: Line): number =>
  messages.reduce((n, { count }) => n + count, nameless)

/** Who sent them, where the cause lies between a producer and its topic. */
function mintersOf({ code }: CauseRule, messages: readonly Message[], ground: Ground): CauseFact[] {
  if (code !== 'truncated' && code !== 'client_unacknowledged') return []
  const minters = new Map<string, CauseFact>()
  for (const { found } of messages) {
    const { version, tag } = partsOfWords(wordsOfHex(found.id))
    const minter = version === 7 ? ground.evidence.minters.get(tag) : undefined
    if (minter === undefined) return []
    minters.set(minter.instance, minterFact(minter))
    if (minters.size > MINTERS_MAX) return []
  }
  return [...minters.values()]
}
