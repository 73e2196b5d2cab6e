/** What a cluster says of the topics and groups of the pipelines: facts, not yet judged. */
/** A refusal or failure, in the words of who gave it; `denied`: for want of a right. */
export interface Refusal {
  readonly denied: boolean
  readonly message: string
}

export interface TopicFacts {
  readonly topic: string
  /** Whether this client is shown it. */
  readonly exists: boolean
  readonly partitions: number
  /** Settings by name; a refusal where they may not be asked for. */
  readonly settings: ReadonlyMap<string, string> | Refusal
  /** null: it may be read. */
  readonly read: Refusal | null
}

export interface GroupFacts {
  readonly group: string
  readonly topic: string
  /** Whether it has committed anything of the topic; a refusal where that may not be asked for. */
  readonly committed: boolean | Refusal
}

export interface ClusterFacts {
  /** Its name in the file. */
  readonly cluster: string
  readonly brokers: readonly string[]
  /** null: a broker answers. */
  readonly problem: {
    readonly message: string
    readonly todo: string
  } | null
  /** Every topic that this client is shown. */
  readonly known: readonly string[]
  readonly topics: readonly TopicFacts[]
  readonly groups: readonly GroupFacts[]
  /** Of the audit topic, if it is at this cluster. */
  readonly audit: TopicFacts | null
}
