/**
 * The versions of the frame's schema that an auditor reads: this one, which agents of this version
 * write, and the one before it, so that the auditor may be updated before its agents.
 *
 * Law: what an older version lacks is at the end of the record, before the checksum, and has a default;
 * so a frame of before is a frame of now of which nothing was said.
 */
import avsc from 'avsc'
import { type AvroChecker, avroChecker } from '../base/avro-bounds.ts'
import { singleObjectHeader } from '../base/avro-fingerprint.ts'
import { type FrameSchema, frameSchema } from './frame-schema.ts'

/** The fields that the version before did not have. */
const ADDED: ReadonlySet<string> = new Set(['mishaps'])

type ForSchema = Parameters<typeof avsc.Type.forSchema>[0]

const current = avsc.Type.forSchema(frameSchema as unknown as ForSchema)

export interface FrameVersion {
  /** Marker and fingerprint. */
  readonly header: Uint8Array
  /** Throws where the bytes are not exactly one frame of this version. */
  readonly check: AvroChecker
  /** Only bytes that were checked. */
  readonly read: (bytes: Buffer, from: number) => unknown
}

/** What agents write. */
export const frameType: avsc.Type = current

function versionOf(schema: FrameSchema): FrameVersion {
  const writer = avsc.Type.forSchema(schema as unknown as ForSchema)
  const resolver = schema === frameSchema ? undefined : current.createResolver(writer)
  return {
    header: singleObjectHeader(JSON.stringify(writer.schema())),
    check: avroChecker(schema),
    read: (bytes, from) => current.decode(bytes, from, resolver).value,
  }
}

/** This version, then the one before. */
export const frameVersions: readonly [FrameVersion, FrameVersion] = [
  versionOf(frameSchema),
  versionOf({
    ...frameSchema,
    fields: frameSchema.fields.filter(({ name }) => !ADDED.has(name)),
  }),
]
