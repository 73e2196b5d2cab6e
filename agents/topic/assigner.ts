/**
 * Shares partitions among the agents of one group, to each only those of topics that it reads itself.
 *
 * The assigner of kafkajs gives everybody a share of what the leader reads: agents of one name that
 * read different topics would leave partitions unread.
 */
import type { AssignerProtocol, GroupMember, PartitionAssigner } from 'kafkajs'

export function bySubscription({
  MemberMetadata,
  MemberAssignment,
}: typeof AssignerProtocol): PartitionAssigner {
  const name = 'quipu-by-subscription'
  const version = 0
  const topicsOf = ({ memberMetadata }: GroupMember): readonly string[] =>
    MemberMetadata.decode(memberMetadata)?.topics ?? []
  return ({ cluster }) => ({
    name,
    version,
    protocol: ({ topics }) => ({
      name,
      metadata: MemberMetadata.encode({ version, topics, userData: Buffer.alloc(0) }),
    }),
    assign: async ({ members, topics: own }) => {
      const shares = new Map(members.map((m) => [m.memberId, {} as Record<string, number[]>]))
      for (const topic of new Set(members.flatMap(topicsOf))) {
        // One that only others read may be out of this client's sight: then it waits for them.
        if (!own.includes(topic)) await cluster.addTargetTopic(topic).catch(() => {})
        const readers = members.filter((m) => topicsOf(m).includes(topic)).map((m) => m.memberId)
        readers.sort()
        const partitions = cluster.findTopicPartitionMetadata(topic).map((p) => p.partitionId)
        for (const [i, partition] of partitions.sort((a, b) => a - b).entries()) {
          const share = shares.get(readers[i % readers.length] as string) as Record<
            string,
            number[]
          >
          share[topic] = [...(share[topic] ?? []), partition]
        }
      }
      return [...shares].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }))
    },
  })
}
