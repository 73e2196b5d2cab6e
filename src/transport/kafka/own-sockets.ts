/**
 * The sockets of one client, so that they can be ended: kafkajs waits for a broker that says nothing, and has
 * no way to give it up before its own limits, which would keep a command from ending.
 */
import { connect as connectTcp, isIP, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'

export interface OwnSockets {
  readonly socketFactory: ISocketFactory
  /** Ends all there are, and each that is asked for later. */
  destroy(): void
}

/** ms, as kafkajs has it */
const KEEP_ALIVE_MS = 60_000

export function ownSockets(): OwnSockets {
  const sockets = new Set<Socket>()
  let isOver = false
  return {
    socketFactory: ({ host, port, ssl, onConnect }) => {
      if (isOver) {
        const none = new Socket()
        // Who asked listens for errors only after it has the socket.
        setImmediate(() => none.destroy(new Error('the client was closed')))
        return none
      }
      const name = isIP(host) === 0 ? { servername: host } : {}
      const socket = ssl
        ? connectTls({ host, port, ...name, ...ssl }, onConnect)
        : connectTcp({ host, port }, onConnect)
      socket.setKeepAlive(true, KEEP_ALIVE_MS)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      return socket
    },
    destroy: () => {
      isOver = true
      for (const socket of sockets) socket.destroy(new Error('the client was closed'))
    },
  }
}
