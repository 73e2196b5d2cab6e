/** The frames on an audit topic as the auditor takes them: committed ones, each number once. */
import type { Kafka } from 'kafkajs'
import { type Resume, resumeFromFrames } from '../../../agents/topic.ts'
import { decodeFrame } from '../../../src/hop/frame-codec.ts'
import { kafkaReader } from '../../../src/transport/kafka.ts'
import { Ledger } from './ledger.ts'

/** Goes on where the frames end, asked anew each time. */
export function resumeFrom(kafka: Kafka, topic: string): Resume {
  return async (audited, partition) => {
    const reader = kafkaReader({ kafka, topic })
    try {
      return (await resumeFromFrames(reader, { waitMs: 100 })).resume(audited, partition)
    } finally {
      await reader.close()
    }
  }
}

export interface Trail {
  readonly ledger: Ledger
  /** Of frames that came again: whether they were the same, byte for byte. */
  readonly repeated: readonly { readonly same: boolean }[]
}

export async function readTrail(kafka: Kafka, topic: string): Promise<Trail> {
  const reader = kafkaReader({ kafka, topic })
  const ledger = new Ledger()
  const repeated: { same: boolean }[] = []
  const known = new Map<string, Uint8Array>()
  try {
    await reader.open({})
    const goal = Object.entries(await reader.ends())
    while (!goal.every(([partition, end]) => end <= (reader.reached()[partition] ?? 0)))
      for (const { bytes } of await reader.poll(100)) {
        const { instance, number } = decodeFrame(bytes)
        const name = `${instance} ${number}`
        const before = known.get(name)
        if (before !== undefined) repeated.push({ same: Buffer.from(bytes).equals(before) })
        else {
          known.set(name, bytes)
          ledger.records.push(bytes)
        }
      }
  } finally {
    await reader.close()
  }
  return { ledger, repeated }
}
