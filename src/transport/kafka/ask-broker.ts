/** A request that kafkajs does not speak, in bytes of our own, over the connections that it has of a broker. */
import type { Broker } from 'kafkajs'

/** What kafkajs names requests by, in its errors too. */
export interface ApiRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly apiName: string
}

/** Of one broker; kafkajs has it beyond its types. */
export interface Connections {
  /** The second is for Fetch. */
  getConnection(index: 1): Promise<unknown>
  send(request: {
    readonly request: ApiRequest & { encode(): Promise<{ buf: Buffer; buffer: Buffer }> }
    readonly response: {
      decode(payload: Buffer): Promise<unknown>
      parse(answer: unknown): Promise<unknown>
    }
    readonly requestTimeout: number
    readonly logResponseError: boolean
  }): Promise<unknown>
}

/** Null: this version of the client does not hand them out. */
export function connectionsOf(broker: Broker): Connections | null {
  return (broker as { connectionPool?: Connections }).connectionPool ?? null
}

/** @param timeoutMs for the answer. @throws what kafkajs says of the connection, and what `decode` throws */
export async function askBroker<T>(
  connections: Connections,
  request: ApiRequest,
  bytes: Buffer,
  decode: (payload: Buffer) => T,
  timeoutMs: number,
): Promise<T> {
  const answer = await connections.send({
    request: { ...request, encode: async () => ({ buf: bytes, buffer: bytes }) },
    response: { decode: async (payload) => decode(payload), parse: async (data) => data },
    requestTimeout: timeoutMs,
    logResponseError: false,
  })
  return answer as T
}
