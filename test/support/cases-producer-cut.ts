/** A client whose connections are cut at the end of a transaction. */
import { connect, Socket } from 'node:net'
import { type ISocketFactory, Kafka, logLevel } from 'kafkajs'

/** Kafka's number of the request that ends a transaction. */
const END_TXN = 26
/** A request is its size (int32) and its number (int16), and more. */
const KEY_AT = 4

/**
 * @param lost what the cut takes: the `answer`, so that the broker has done what it was asked, or the
 * `request`, so that it never hears of it
 */
export function cutAtCommit(brokers: string[], lost: 'answer' | 'request'): Kafka {
  let isCut = false
  const refused = (socket: Socket): Socket => {
    process.nextTick(() => socket.destroy(new Error('the network is gone')))
    return socket
  }
  const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    if (isCut) return refused(new Socket())
    const socket = connect({ host, port }, onConnect)
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
    const guarded = (...args: unknown[]): boolean => {
      const [chunk] = args
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : (chunk as Buffer)
      if (bytes.length < KEY_AT + 2 || bytes.readInt16BE(KEY_AT) !== END_TXN) return write(...args)
      isCut = true
      if (lost === 'request') {
        refused(socket)
        return true
      }
      socket.removeAllListeners('data')
      socket.once('data', () => refused(socket))
      return write(...args)
    }
    return Object.assign(socket, { write: guarded })
  }
  return new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    socketFactory,
    connectionTimeout: 1_000,
    retry: { retries: 1, initialRetryTime: 50, maxRetryTime: 100 },
  })
}
